// expect: hazard ; kind: lock-future ; locks: lock_results * ; note: the result of std::async is waited for with a mutex held which the task takes
#include "subject.h"
#include <future>
#include <mutex>

static std::mutex lock_results;
static int results;

static int compute()
{
	{
		std::lock_guard<std::mutex> g(lock_results);
		results++;
	}
	nap(120);
	return 1;
}

int main()
{
	std::future<int> answer = std::async(std::launch::async, compute);

	nap(40);
	std::lock_guard<std::mutex> g(lock_results);
	results += answer.get();
	return 0;
}
