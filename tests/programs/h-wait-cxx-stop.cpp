// expect: hazard ; kind: lock-condvar ; locks: config ready ; cflags: -std=c++20 ; note: a wait with a stop token for std::condition_variable_any, with a lock held that is taken before the signal
#include <condition_variable>
#include <mutex>
#include <thread>

#include "asleep.h"

static std::condition_variable_any ready;
static std::mutex config, inner;
static bool is_ready;
static int waiter, looked;

static void prepare()
{
	{
		std::lock_guard<std::mutex> hold(config);
	}
	flag_set(&looked);
	await_asleep(&waiter);
	{
		std::lock_guard<std::mutex> hold(inner);
		is_ready = true;
	}
	ready.notify_all();
}

static void use(std::stop_token stop)
{
	flag_await(&looked);
	std::lock_guard<std::mutex> hold(config);
	std::unique_lock<std::mutex> lock(inner);
	will_sleep(&waiter);
	ready.wait(lock, stop, [] { return is_ready; });
}

int main()
{
	std::jthread b(use);
	std::thread a(prepare);

	a.join();
	b.join(); /* so that nobody asks it to stop, which would wake it too */
	return 0;
}
