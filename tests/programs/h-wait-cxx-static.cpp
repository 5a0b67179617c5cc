// expect: hazard ; kind: static-init ; locks: conf_guard lock_conf ; note: a static is used with a mutex held which its constructor takes, when another thread has initialised it long before
#include "subject.h"
#include <mutex>
#include <thread>

static std::mutex lock_conf;

struct Conf {
	Conf()
	{
		std::lock_guard<std::mutex> g(lock_conf);
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
