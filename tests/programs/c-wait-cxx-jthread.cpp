// expect: clean ; kind: lock-condvar ; locks: mu ; note: jthread and condition_variable_any with stop_token
#include "subject.h"
#include <condition_variable>
#include <mutex>
#include <thread>
#include <vector>
static std::mutex mu;
static std::condition_variable_any cv;
static std::vector<int> q;
static int sum;
int main()
{
	std::jthread t([](std::stop_token s) {
		std::unique_lock<std::mutex> g(mu);
		while (cv.wait(g, s, [] { return !q.empty(); })) {
			sum += q.back();
			q.pop_back();
		}
	});
	for (int i = 0; i < 20; i++) {
		{
			std::lock_guard<std::mutex> g(mu);
			q.push_back(i);
		}
		cv.notify_one();
		if (i % 5 == 0)
			nap(3);
	}
	nap(20);
	t.request_stop();
	t.join();
	return sum == 190 ? 0 : 1;
}
