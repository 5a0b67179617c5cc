// expect: clean ; kind: lock-condvar ; locks: lock_outer * ; note: std::condition_variable_any is waited for with a second mutex held which the notifier never takes
#include "subject.h"
#include <condition_variable>
#include <mutex>
#include <thread>

static std::mutex lock_outer, lock_other;
static std::recursive_mutex lock_inner;
static std::condition_variable_any ready;
static bool is_ready;

int main()
{
	std::thread waiter([] {
		nap(50);
		std::lock_guard<std::mutex> g(lock_outer);
		std::unique_lock<std::recursive_mutex> h(lock_inner);
		ready.wait(h, [] { return is_ready; });
	});
	std::thread notifier([] {
		lock_other.lock();
		lock_other.unlock();
		nap(150);
		std::lock_guard<std::recursive_mutex> g(lock_inner);
		is_ready = true;
		ready.notify_all();
	});

	waiter.join();
	notifier.join();
	return 0;
}
