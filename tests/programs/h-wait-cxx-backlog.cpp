// expect: hazard ; kind: workqueue-flush ; locks: lock_grid done_two ; note: the same worker, and the second job, which it finds without having to wait for it, takes the lock
#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

#include "asleep.h"

static std::mutex lock_queue, lock_grid, lock_two;
static std::condition_variable queued, done_two;
static std::deque<std::function<bool()>> jobs;
static bool two;
static int second, looked, worker_tid, main_tid;

static void post(std::function<bool()> job)
{
	std::lock_guard<std::mutex> q(lock_queue);
	jobs.push_back(job);
	queued.notify_one();
}

static void work()
{
	for (bool more = true; more;) {
		std::unique_lock<std::mutex> q(lock_queue);
		if (jobs.empty())
			will_sleep(&worker_tid);
		while (jobs.empty())
			queued.wait(q);
		auto job = jobs.front();
		jobs.pop_front();
		q.unlock();
		more = job();
	}
}

int main()
{
	std::thread worker(work);

	await_asleep(&worker_tid);
	post([] {
		flag_await(&second);
		return true;
	});
	post([] {
		{
			std::lock_guard<std::mutex> g(lock_grid);
		}
		flag_set(&looked);
		await_asleep(&main_tid);
		std::lock_guard<std::mutex> l(lock_two);
		two = true;
		done_two.notify_one();
		return false;
	});
	flag_set(&second);
	flag_await(&looked);
	{
		std::lock_guard<std::mutex> g(lock_grid);
		std::unique_lock<std::mutex> l(lock_two);
		will_sleep(&main_tid);
		while (!two)
			done_two.wait(l);
	}
	worker.join();
	return 0;
}
