// expect: clean ; kind: cxx-scoped-lock ; locks: mu_a mu_b ; note: std::scoped_lock and std::lock back off: both orders are right
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
		std::scoped_lock both(mu_a, mu_b);
	});
	std::thread b([&] {
		nap(60);
		std::scoped_lock both(mu_b, mu_a);
	});
	a.join();
	b.join();
	return 0;
}
