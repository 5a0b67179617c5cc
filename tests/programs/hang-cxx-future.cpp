// expect: hang ; kind: lock-future ; locks: lock_results future_get ; note: a future is waited for with the mutex held at which the one is blocked that would fulfil the promise
#include "meet.h"
#include <future>
#include <mutex>
#include <thread>

static std::mutex lock_results;

int main()
{
	std::promise<int> promise;
	std::future<int> future = promise.get_future();
	std::thread other([&promise] {
		meet(2);
		std::lock_guard<std::mutex> g(lock_results);
		promise.set_value(1);
	});
	std::unique_lock<std::mutex> g(lock_results);
	int value;

	meet(2);
	value = future.get();
	g.unlock();
	other.join();
	return value;
}
