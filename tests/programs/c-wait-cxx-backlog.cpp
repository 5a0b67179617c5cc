// expect: clean ; kind: workqueue-flush ; locks: lock_grid done_two ; note: a worker finds its second job without having to wait for it; what the first job locked, which is over, is no evidence for the second one
#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

#include "asleep.h"

static std::mutex lock_queue, lock_grid, lock_one, lock_two;
static std::condition_variable queued, done_one, done_two;
static std::deque<std::function<bool()>> jobs;
static bool one, two;
static int second, worker_tid, main_tid;

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
		{
			std::lock_guard<std::mutex> g(lock_grid);
		}
		{
			std::lock_guard<std::mutex> l(lock_one);
			one = true;
			done_one.notify_one();
		}
		flag_await(&second);
		return true;
	});
	{
		std::unique_lock<std::mutex> l(lock_one);
		while (!one)
			done_one.wait(l);
	}
	{
		std::lock_guard<std::mutex> g(lock_grid);
		post([] {
			await_asleep(&main_tid);
			std::lock_guard<std::mutex> l(lock_two);
			two = true;
			done_two.notify_one();
			return false;
		});
		flag_set(&second);
		std::unique_lock<std::mutex> l(lock_two);
		will_sleep(&main_tid);
		while (!two)
			done_two.wait(l);
	}
	worker.join();
	return 0;
}
