// expect: hazard ; kind: workqueue-flush ; locks: mu_device idle ; note: drain with a mutex held which a task took
#include "subject.h"
#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>
struct Pool {
	std::mutex mu_q;
	std::condition_variable more, idle;
	std::deque<std::function<void()>> q;
	int busy = 0;
	bool stop = false;
	std::vector<std::thread> ts;
	Pool(int n)
	{
		for (int i = 0; i < n; i++)
			ts.emplace_back([this] { run(); });
	}
	void run()
	{
		std::unique_lock<std::mutex> g(mu_q);
		for (;;) {
			more.wait(g, [this] { return stop || !q.empty(); });
			if (q.empty())
				return;
			auto f = std::move(q.front());
			q.pop_front();
			busy++;
			g.unlock();
			f();
			g.lock();
			if (!--busy && q.empty())
				idle.notify_all();
		}
	}
	void submit(std::function<void()> f)
	{
		{
			std::lock_guard<std::mutex> g(mu_q);
			q.push_back(std::move(f));
		}
		more.notify_one();
	}
	void drain()
	{
		std::unique_lock<std::mutex> g(mu_q);
		idle.wait(g, [this] { return q.empty() && !busy; });
	}
	~Pool()
	{
		{
			std::lock_guard<std::mutex> g(mu_q);
			stop = true;
		}
		more.notify_all();
		for (auto &t : ts)
			t.join();
	}
};
static std::mutex mu_device;
static int data;
int main()
{
	Pool p(2);
	p.submit([] {
		{
			std::lock_guard<std::mutex> g(mu_device);
			data++;
		}
		nap(100);
	});
	nap(30);
	{
		std::lock_guard<std::mutex> g(mu_device);
		p.drain();
	}
}
