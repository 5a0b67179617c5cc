// expect: hazard ; kind: cxx-timed-mutex ; locks: mu_a mu_b ; note: std::timed_mutex with an hour to wait
#include <chrono>
#include <memory>
#include <mutex>
#include <shared_mutex>
#include <thread>

static std::timed_mutex mu_a;
static std::timed_mutex mu_b;

static void nap(int ms)
{
	std::this_thread::sleep_for(std::chrono::milliseconds(ms));
}

int main()
{
	std::thread a([&] {
		std::lock_guard<std::timed_mutex> x(mu_a);
		std::unique_lock<std::timed_mutex> y(mu_b, std::chrono::hours(1));
	});
	std::thread b([&] {
		nap(60);
		std::lock_guard<std::timed_mutex> y(mu_b);
		std::unique_lock<std::timed_mutex> x(mu_a, std::chrono::hours(1));
	});
	a.join();
	b.join();
	return 0;
}
