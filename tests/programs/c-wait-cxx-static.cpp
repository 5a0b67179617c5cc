// expect: clean ; kind: once ; locks: * lock_conf ; note: a static is first used with a mutex held; its constructor takes another one
#include "subject.h"
#include <mutex>
#include <thread>

static std::mutex lock_conf, lock_log;

struct Conf {
	Conf()
	{
		std::lock_guard<std::mutex> g(lock_log);
		value = getpid();
	}
	int value;
};

static int conf()
{
	static Conf the_conf;

	return the_conf.value;
}

int main()
{
	std::thread a([] { conf(); });
	std::thread b([] {
		nap(80);
		std::lock_guard<std::mutex> g(lock_conf);
		conf();
	});

	a.join();
	b.join();
	return 0;
}
