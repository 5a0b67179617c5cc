// expect: hazard ; kind: mutex-order ; locks: lock_x lock_y ; note: the same, but the builder takes both once more after it has set the promise
#include <future>
#include <mutex>
#include <thread>

#include "asleep.h"

static std::mutex lock_x, lock_y;
static int waiter, used;

static void use(std::future<void> built)
{
	will_sleep(&waiter);
	built.get();
	{
		std::lock_guard<std::mutex> y(lock_y);
		std::lock_guard<std::mutex> x(lock_x);
	}
	flag_set(&used);
}

static void build(std::promise<void> *done)
{
	{
		std::lock_guard<std::mutex> x(lock_x);
		std::lock_guard<std::mutex> y(lock_y);
	}
	await_asleep(&waiter);
	done->set_value();
	flag_await(&used);
	std::lock_guard<std::mutex> x(lock_x);
	std::lock_guard<std::mutex> y(lock_y);
}

int main()
{
	std::promise<void> done;
	std::future<void> built = done.get_future();
	std::thread a(build, &done), b(use, std::move(built));

	a.join();
	b.join();
	return 0;
}
