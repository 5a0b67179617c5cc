// expect: clean ; kind: lock-condvar ; locks: lock_outer ready ; note: std::condition_variable is waited for when the second mutex is released
#include "subject.h"
#include <condition_variable>
#include <mutex>
#include <thread>

static std::mutex lock_outer, lock_inner;
static std::condition_variable ready;
static bool is_ready;

static void wait_for_it()
{
	std::unique_lock<std::mutex> g(lock_inner);
	ready.wait(g, [] { return is_ready; });
}

int main()
{
	std::thread waiter([] {
		nap(50);
		std::unique_lock<std::mutex> g(lock_outer);
		g.unlock();
		wait_for_it();
	});
	std::thread notifier([] {
		lock_outer.lock();
		lock_outer.unlock();
		nap(150);
		std::lock_guard<std::mutex> g(lock_inner);
		is_ready = true;
		ready.notify_all();
	});

	waiter.join();
	notifier.join();
	return 0;
}
