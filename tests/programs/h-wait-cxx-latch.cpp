// expect: hazard ; kind: completion ; locks: done config ; cflags: -std=c++20 ; note: a latch is waited for with a lock held that is taken before the count goes down
#include <latch>
#include <mutex>
#include <thread>

#include "asleep.h"

static std::latch done(1);
static std::mutex config;
static int waiter, looked;

static void prepare()
{
	{
		std::lock_guard<std::mutex> hold(config);
	}
	flag_set(&looked);
	await_asleep(&waiter);
	done.count_down();
}

static void use()
{
	flag_await(&looked);
	std::lock_guard<std::mutex> hold(config);
	will_sleep(&waiter);
	done.wait();
}

int main()
{
	std::thread a(prepare), b(use);

	a.join();
	b.join();
	return 0;
}
