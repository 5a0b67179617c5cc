// expect: hazard ; kind: cxx-shared-mutex ; locks: mu_a mu_b ; note: shared then exclusive, crosswise
#include <chrono>
#include <memory>
#include <mutex>
#include <shared_mutex>
#include <thread>

static std::shared_mutex mu_a;
static std::shared_timed_mutex mu_b;

static void nap(int ms)
{
	std::this_thread::sleep_for(std::chrono::milliseconds(ms));
}

int main()
{
	std::thread a([&] {
		std::shared_lock<std::shared_mutex> x(mu_a);
		std::unique_lock<std::shared_timed_mutex> y(mu_b);
	});
	std::thread b([&] {
		nap(60);
		std::shared_lock<std::shared_timed_mutex> y(mu_b);
		std::unique_lock<std::shared_mutex> x(mu_a);
	});
	a.join();
	b.join();
	return 0;
}
