// expect: hazard ; kind: cxx-recursive-mutex ; locks: mu_a mu_b ; note: std::recursive_mutex taken twice, then a std::mutex; the other way round
#include <chrono>
#include <memory>
#include <mutex>
#include <shared_mutex>
#include <thread>

static std::recursive_mutex mu_a;
static std::mutex mu_b;

static void nap(int ms)
{
	std::this_thread::sleep_for(std::chrono::milliseconds(ms));
}

int main()
{
	std::thread a([&] {
		std::lock_guard<std::recursive_mutex> x(mu_a);
		std::lock_guard<std::recursive_mutex> again(mu_a);
		std::lock_guard<std::mutex> y(mu_b);
	});
	std::thread b([&] {
		nap(60);
		std::lock_guard<std::mutex> y(mu_b);
		std::lock_guard<std::recursive_mutex> x(mu_a);
	});
	a.join();
	b.join();
	return 0;
}
