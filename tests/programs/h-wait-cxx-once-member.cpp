// expect: hazard ; kind: once ; locks: once_load mu_conf ; note: a once_flag and a mutex of one object: the routine, a lambda, takes the mutex, and is called with it held, too
#include "subject.h"
#include <memory>
#include <mutex>
#include <thread>

struct Conf {
	std::once_flag once_load;
	std::mutex mu_conf;
	int value = 0;

	void load()
	{
		std::call_once(once_load, [this] {
			std::lock_guard<std::mutex> g(mu_conf);
			value = 1;
		});
	}

	int get()
	{
		std::lock_guard<std::mutex> g(mu_conf);
		load();
		return value;
	}
};

int main()
{
	auto conf = std::make_unique<Conf>();
	std::thread a([&] { conf->load(); });
	std::thread b([&] {
		nap(60);
		conf->get();
	});

	a.join();
	b.join();
	return 0;
}
