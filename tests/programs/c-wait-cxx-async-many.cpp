// expect: clean ; kind: lock-future ; locks: mu_results ; note: results fetched before the mutex
#include "subject.h"
#include <future>
#include <mutex>
#include <vector>
static std::mutex mu_results;
static int r;
int main()
{
	std::vector<std::future<int>> v;
	for (int i = 0; i < 4; i++)
		v.push_back(std::async(std::launch::async, [] {
			std::lock_guard<std::mutex> g(mu_results);
			return ++r;
		}));
	int sum = 0;
	for (auto &f : v)
		sum += f.get();
	std::lock_guard<std::mutex> g(mu_results);
	return sum == 10 ? 0 : 1;
}
