// expect: clean ; kind: lock-future ; locks: lock_cache * ; note: a thread pool: results of tasks are waited for with no mutex held
#include "subject.h"
#include <condition_variable>
#include <deque>
#include <functional>
#include <future>
#include <mutex>
#include <thread>
#include <vector>

class Pool {
public:
	Pool()
	{
		for (int i = 0; i < 2; i++)
			threads.emplace_back([this] { serve(); });
	}

	~Pool()
	{
		{
			std::lock_guard<std::mutex> g(lock_tasks);
			closed = true;
		}
		more.notify_all();
		for (std::thread &t : threads)
			t.join();
	}

	std::future<int> submit(std::function<int()> what)
	{
		std::packaged_task<int()> task(what);
		std::future<int> result = task.get_future();
		{
			std::lock_guard<std::mutex> g(lock_tasks);
			tasks.push_back(std::move(task));
		}
		more.notify_one();
		return result;
	}

private:
	void serve()
	{
		std::unique_lock<std::mutex> g(lock_tasks);

		for (;;) {
			more.wait(g, [this] { return closed || !tasks.empty(); });
			if (tasks.empty())
				return;
			std::packaged_task<int()> task = std::move(tasks.front());
			tasks.pop_front();
			g.unlock();
			task();
			g.lock();
		}
	}

	std::mutex lock_tasks;
	std::condition_variable more;
	std::deque<std::packaged_task<int()>> tasks;
	std::vector<std::thread> threads;
	bool closed = false;
};

static std::mutex lock_cache;
static int cached;

static int work()
{
	{
		std::lock_guard<std::mutex> g(lock_cache);
		cached++;
	}
	nap(80);
	return 1;
}

int main()
{
	Pool pool;
	std::future<int> a = pool.submit(work), b = pool.submit(work);

	nap(40);
	int got = a.get() + b.get();
	std::lock_guard<std::mutex> g(lock_cache);
	cached += got;
	return 0;
}
