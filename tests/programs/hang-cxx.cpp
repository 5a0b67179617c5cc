// expect: hang ; kind: cxx-mutex ; locks: mu_a mu_b ; note: std::mutex deadlock
#include "meet.h"
#include <mutex>
#include <thread>

static std::mutex mu_a;
static std::mutex mu_b;

int main()
{
	std::thread a([&] {
		std::lock_guard<std::mutex> x(mu_a);
		meet(2);
		std::lock_guard<std::mutex> y(mu_b);
	});
	std::thread b([&] {
		std::lock_guard<std::mutex> y(mu_b);
		meet(2);
		std::lock_guard<std::mutex> x(mu_a);
	});
	a.join();
	b.join();
	return 0;
}
