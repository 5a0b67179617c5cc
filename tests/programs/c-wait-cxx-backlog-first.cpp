// expect: clean ; kind: workqueue-flush ; locks: lock_grid done_two ; note: a worker that has had jobs before it first waits: what they locked is no evidence for what it does after that wait
#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

#include "asleep.h"

static std::mutex lock_queue, lock_grid, lock_one, lock_two;
static std::condition_variable queued, done_one, done_two;
static std::deque<std::function<bool()>> jobs;
static bool two;
static int one, worker_tid, main_tid;

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
	for (int i = 0; i < 2; i++)
		post([] {
			{
				std::lock_guard<std::mutex> g(lock_grid);
			}
			std::lock_guard<std::mutex> l(lock_one);
			one++;
			done_one.notify_one();
			return true;
		});
	std::thread worker(work);
	{
		std::unique_lock<std::mutex> l(lock_one);
		while (one < 2)
			done_one.wait(l);
	}
	await_asleep(&worker_tid);
	{
		std::lock_guard<std::mutex> g(lock_grid);
		post([] {
			await_asleep(&main_tid);
			std::lock_guard<std::mutex> l(lock_two);
			two = true;
			done_two.notify_one();
			return false;
		});
		std::unique_lock<std::mutex> l(lock_two);
		will_sleep(&main_tid);
		while (!two)
			done_two.wait(l);
	}
	worker.join();
	return 0;
}
