// expect: clean ; kind: once ; locks: once_conf lock_conf ; note: std::call_once with a mutex held, the routine takes another one: one order
#include "subject.h"
#include <mutex>
#include <thread>

static std::mutex lock_conf, lock_log;
static std::once_flag once_conf;

static void read_conf()
{
	std::lock_guard<std::mutex> g(lock_log);
}

int main()
{
	std::thread a([] { std::call_once(once_conf, read_conf); });
	std::thread b([] {
		nap(80);
		std::lock_guard<std::mutex> g(lock_conf);
		std::call_once(once_conf, read_conf);
		std::lock_guard<std::mutex> h(lock_log);
	});

	a.join();
	b.join();
	return 0;
}
