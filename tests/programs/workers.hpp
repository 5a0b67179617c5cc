/* SPDX-License-Identifier: MIT
 *
 * A pool of workers as C++ programs have it: a queue of functions, futures for what they give.
 */
#ifndef SUBJECT_WORKERS_HPP
#define SUBJECT_WORKERS_HPP

#include <condition_variable>
#include <deque>
#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "asleep.h"

class Crew {
public:
	/* Returns when all are idle. */
	explicit Crew(int n)
	{
		int now = 0;

		for (int i = 0; i < n; i++)
			threads.emplace_back([this] { serve(); });
		while (now < n) {
			nap(1);
			std::lock_guard<std::mutex> hold(lock);
			now = idle;
		}
	}
	~Crew()
	{
		{
			std::lock_guard<std::mutex> hold(lock);
			closed = true;
		}
		work.notify_all();
		for (auto &t : threads)
			t.join();
	}
	template <class F> std::future<int> submit(F f)
	{
		auto task = std::make_shared<std::packaged_task<int()>>(std::move(f));
		auto result = task->get_future();
		{
			std::lock_guard<std::mutex> hold(lock);
			tasks.emplace_back([task] { (*task)(); });
		}
		work.notify_one();
		return result;
	}
	/* A task that has a part of it done by the same pool. */
	int whole()
	{
		int waiter = 0;
		auto part = submit([&waiter] {
			await_asleep(&waiter);
			return 1;
		});

		will_sleep(&waiter);
		return part.get();
	}

private:
	void serve()
	{
		for (;;) {
			std::function<void()> task;
			{
				std::unique_lock<std::mutex> hold(lock);
				++idle;
				work.wait(hold, [this] { return closed || !tasks.empty(); });
				--idle;
				if (tasks.empty())
					return;
				task = std::move(tasks.front());
				tasks.pop_front();
			}
			task();
		}
	}
	std::mutex lock;
	std::condition_variable work;
	std::deque<std::function<void()>> tasks;
	bool closed = false;
	int idle = 0;
	std::vector<std::thread> threads;
};

#endif
