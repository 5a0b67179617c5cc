// expect: clean ; kind: happens-before ; locks: lock_x lock_y ; cflags: -std=c++20 ; note: one thread takes x, then y before it counts the latch down; the other takes y, then x after it has waited for it
#include <latch>
#include <mutex>
#include <thread>

#include "asleep.h"

static std::mutex lock_x, lock_y;
static std::latch built(1);
static int waiter;

static void use()
{
	will_sleep(&waiter);
	built.wait();
	std::lock_guard<std::mutex> y(lock_y);
	std::lock_guard<std::mutex> x(lock_x);
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
