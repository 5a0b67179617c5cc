// expect: clean ; kind: lock-future ; locks: lock_results * ; note: a shared future is waited for with a mutex held which is taken only after the promise is fulfilled
#include "subject.h"
#include <future>
#include <mutex>
#include <thread>

static std::mutex lock_results;

static void touch()
{
	std::lock_guard<std::mutex> g(lock_results);
}

int main()
{
	std::promise<int> promise;
	std::shared_future<int> answer = promise.get_future().share();
	std::thread producer([&promise] {
		nap(150);
		promise.set_value(1);
		touch();
	});

	nap(50);
	{
		std::lock_guard<std::mutex> g(lock_results);
		answer.wait();
	}
	producer.join();
	return 0;
}
