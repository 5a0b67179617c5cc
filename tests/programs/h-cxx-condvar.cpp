// expect: hazard ; kind: cxx-mutex ; locks: mu_a mu_b ; note: condition_variable takes its mutex again with another one held
#include <chrono>
#include <memory>
#include <mutex>
#include <shared_mutex>
#include <thread>
#include <condition_variable>

static std::mutex mu_a;
static std::mutex mu_b;
static std::condition_variable ready;
static void nap(int ms)
{
	std::this_thread::sleep_for(std::chrono::milliseconds(ms));
}

int main()
{
	std::thread a([&] {
		std::unique_lock<std::mutex> x(mu_a);
		std::lock_guard<std::mutex> y(mu_b);
		ready.wait_for(x, std::chrono::milliseconds(20));
	});
	std::thread b([&] {
		nap(60);
		std::lock_guard<std::mutex> x(mu_a);
		std::lock_guard<std::mutex> y(mu_b);
	});
	a.join();
	b.join();
	return 0;
}
