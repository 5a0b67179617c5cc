// expect: hazard ; kind: lock-future ; locks: mu_registry future_get ; note: promises in a vector, lambda producer
#include "subject.h"
#include <future>
#include <mutex>
#include <thread>
#include <vector>
static std::mutex mu_registry;
static int total;
int main()
{
	std::vector<std::promise<int>> proms(3);
	std::vector<std::future<int>> futs;
	for (auto &p : proms)
		futs.push_back(p.get_future());
	std::thread t([&proms] {
		for (auto &p : proms) {
			{
				std::lock_guard<std::mutex> g(mu_registry);
				total++;
			}
			nap(40);
			p.set_value(1);
		}
	});
	nap(20);
	int s = 0;
	{
		std::lock_guard<std::mutex> g(mu_registry);
		s += futs[0].get();
	}
	s += futs[1].get() + futs[2].get();
	t.join();
	return s == 3 ? 0 : 1;
}
