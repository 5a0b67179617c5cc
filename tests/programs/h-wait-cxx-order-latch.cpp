// expect: hazard ; kind: mutex-order ; locks: lock_x lock_y ; cflags: -std=c++20 ; note: the same, but the user has taken both, y first, before it waits for the latch
#include <latch>
#include <mutex>
#include <thread>

#include "asleep.h"

static std::mutex lock_x, lock_y;
static std::latch built(1);
static int waiter;

static void use()
{
	{
		std::lock_guard<std::mutex> y(lock_y);
		std::lock_guard<std::mutex> x(lock_x);
	}
	will_sleep(&waiter);
	built.wait();
}

static void build()
{
	{
		std::lock_guard<std::mutex> x(lock_x);
		std::lock_guard<std::mutex> y(lock_y);
	}
	await_asleep(&waiter);
	built.count_down();
}

int main()
{
	std::thread a(build), b(use);

	a.join();
	b.join();
	return 0;
}
