// expect: hazard ; kind: cxx-scoped-lock ; locks: mu_a mu_b ; note: std::scoped_lock one at a time does not
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
		std::scoped_lock x(mu_a);
		std::scoped_lock y(mu_b);
	});
	std::thread b([&] {
		nap(60);
		std::scoped_lock y(mu_b);
		std::scoped_lock x(mu_a);
	});
	a.join();
	b.join();
	return 0;
}
