// expect: clean ; kind: completion ; locks: word other ; cflags: -std=c++20 ; note: a lock made of an atomic variable: its waiters wait for nobody's signal, and other locks are taken apart from it
#include <atomic>
#include <mutex>
#include <thread>

#include "asleep.h"

static std::atomic<int> word{0}; /* 0 free, 1 taken, 2 and waited for */
static std::mutex other;
static int waiter, taken;

static void lock()
{
	int c = 0;

	if (word.compare_exchange_strong(c, 1))
		return;
	if (c != 2)
		c = word.exchange(2);
	while (c != 0) {
		word.wait(2);
		c = word.exchange(2);
	}
}

static void unlock()
{
	if (word.exchange(0) == 2)
		word.notify_one();
}

static void first()
{
	{
		std::lock_guard<std::mutex> hold(other);
	}
	lock();
	flag_set(&taken);
	await_asleep(&waiter);
	unlock();
}

static void second()
{
	flag_await(&taken);
	std::lock_guard<std::mutex> hold(other);
	will_sleep(&waiter);
	lock();
	unlock();
}

int main()
{
	std::thread a(first), b(second);

	a.join();
	b.join();
	return 0;
}
