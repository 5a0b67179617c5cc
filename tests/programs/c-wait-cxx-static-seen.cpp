// expect: clean ; kind: static-init ; locks: * lock_conf ; note: each thread has seen the static done before it uses it with the mutex held which the constructor takes; main has initialised another one before there were threads
#include "subject.h"
#include <mutex>
#include <thread>

static std::mutex lock_conf, lock_log;

struct Conf {
	explicit Conf(std::mutex &m)
	{
		std::lock_guard<std::mutex> g(m);
		value = getpid();
	}
	int value;
};

static int conf()
{
	static Conf the_conf(lock_conf);

	return the_conf.value;
}

static int logger()
{
	static Conf the_log(lock_log);

	return the_log.value;
}

int main()
{
	logger();
	std::thread a([] {
		conf();
		std::lock_guard<std::mutex> g(lock_log);
		logger();
	});
	std::thread b([] {
		nap(80);
		conf();
		std::lock_guard<std::mutex> g(lock_conf);
		conf();
	});

	a.join();
	b.join();
	return 0;
}
