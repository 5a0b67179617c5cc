// expect: clean ; kind: completion ; locks: done config ; cflags: -std=c++20 ; note: the same semaphore and lock, but the lock is let go before
#include <mutex>
#include <semaphore>
#include <thread>

#include "asleep.h"

static std::binary_semaphore done(0);
static std::mutex config;
static int waiter, looked;

static void prepare()
{
	{
		std::lock_guard<std::mutex> hold(config);
	}
	flag_set(&looked);
	await_asleep(&waiter);
	done.release();
}

static void use()
{
	flag_await(&looked);
	{
		std::lock_guard<std::mutex> hold(config);
	}
	will_sleep(&waiter);
	done.acquire();
}

int main()
{
	std::thread a(prepare), b(use);

	a.join();
	b.join();
	return 0;
}
