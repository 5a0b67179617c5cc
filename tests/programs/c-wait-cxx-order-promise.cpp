// expect: clean ; kind: happens-before ; locks: lock_x lock_y ; note: one thread takes x, then y before it sets the promise; the two others take y, then x after they have got the value
#include <future>
#include <mutex>
#include <thread>

#include "asleep.h"

static std::mutex lock_x, lock_y;
static int waiters[2];

static void use(int *me, std::shared_future<void> built)
{
	will_sleep(me);
	built.get();
	std::lock_guard<std::mutex> y(lock_y);
	std::lock_guard<std::mutex> x(lock_x);
}

static void build(std::promise<void> *done)
{
	{
		std::lock_guard<std::mutex> x(lock_x);
		std::lock_guard<std::mutex> y(lock_y);
	}
	await_asleep(&waiters[0]);
	await_asleep(&waiters[1]);
	done->set_value();
}

int main()
{
	std::promise<void> done;
	std::shared_future<void> built = done.get_future().share();
	std::thread a(build, &done), b(use, &waiters[0], built), c(use, &waiters[1], built);

	a.join();
	b.join();
	c.join();
	return 0;
}
