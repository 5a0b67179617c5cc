// expect: hazard ; kind: lock-condvar ; locks: mu_jobs finished ; note: detached threads count down under a mutex; the waiter holds another one
#include "subject.h"
#include <condition_variable>
#include <mutex>
#include <thread>
static std::mutex mu_jobs, mu_count;
static std::condition_variable finished;
static int left = 3;
int main()
{
	for (int i = 0; i < 3; i++)
		std::thread([i] {
			nap(20 * i);
			{
				std::lock_guard<std::mutex> g(mu_jobs);
			}
			nap(90);
			std::lock_guard<std::mutex> g(mu_count);
			if (!--left)
				finished.notify_one();
		}).detach();
	nap(80);
	std::lock_guard<std::mutex> o(mu_jobs);
	std::unique_lock<std::mutex> g(mu_count);
	finished.wait(g, [] { return !left; });
}
