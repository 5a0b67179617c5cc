// expect: hang ; kind: cxx-mutex ; locks: mu_a mu_b ; note: std::mutex deadlock
#include <chrono>
#include <memory>
#include <mutex>
#include <shared_mutex>
#include <thread>

static std::mutex mu_a;
static std::mutex mu_b;

static void nap(int ms)
{
	std::this_thread::sleep_for(std::chrono::milliseconds(ms));
}

int main()
{
	std::thread a([&] {
		std::lock_guard<std::mutex> x(mu_a);
		nap(160);
		std::lock_guard<std::mutex> y(mu_b);
	});
	std::thread b([&] {
		nap(60);
		std::lock_guard<std::mutex> y(mu_b);
		nap(100);
		std::lock_guard<std::mutex> x(mu_a);
	});
	a.join();
	b.join();
	return 0;
}
