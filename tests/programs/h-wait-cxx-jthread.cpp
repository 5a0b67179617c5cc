// expect: hazard ; kind: lock-join ; locks: mu_stats * ; note: jthread destroyed under a mutex the thread takes
#include "subject.h"
#include <mutex>
#include <optional>
#include <thread>
static std::mutex mu_stats;
static int n;
int main()
{
	std::optional<std::jthread> t;
	t.emplace([](std::stop_token s) {
		while (!s.stop_requested()) {
			{
				std::lock_guard<std::mutex> g(mu_stats);
				n++;
			}
			nap(5);
		}
	});
	nap(30);
	{
		std::unique_lock<std::mutex> g(mu_stats, std::defer_lock);
		t->request_stop();
		nap(20);
		g.lock();
		t.reset();
	}
}
