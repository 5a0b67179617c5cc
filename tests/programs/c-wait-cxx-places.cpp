// expect: clean ; kind: completion ; locks: places other ; cflags: -std=c++20 ; note: a C++20 semaphore of two places, which each thread takes and gives back
#include <mutex>
#include <semaphore>
#include <thread>

#include "asleep.h"

static std::counting_semaphore<2> places(2);
static std::mutex other;
static int waiter, taken;

static void first()
{
	{
		std::lock_guard<std::mutex> hold(other);
	}
	places.acquire();
	places.acquire();
	flag_set(&taken);
	await_asleep(&waiter);
	places.release();
	places.release();
}

static void second()
{
	flag_await(&taken);
	std::lock_guard<std::mutex> hold(other);
	will_sleep(&waiter);
	places.acquire();
	places.release();
}

int main()
{
	std::thread a(first), b(second);

	a.join();
	b.join();
	return 0;
}
