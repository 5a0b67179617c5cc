// expect: hazard ; kind: lock-future ; locks: mu_results * ; note: the async result is long ready when it is fetched under the mutex
#include "subject.h"
#include <future>
#include <mutex>
static std::mutex mu_results;
static int r;
int main()
{
	auto f = std::async(std::launch::async, [] {
		std::lock_guard<std::mutex> g(mu_results);
		return ++r;
	});
	nap(80);
	std::lock_guard<std::mutex> g(mu_results);
	return f.get() == 1 ? 0 : 1;
}
