// expect: clean ; kind: lock-future ; locks: lock_results * * ; note: the result of std::async is waited for with no mutex held
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
	int got = answer.get();
	std::lock_guard<std::mutex> g(lock_results);
	results += got;
	return 0;
}
