// expect: hazard ; kind: lock-join ; locks: lock_registry * ; note: a destructor joins its thread; it runs with a mutex held which the thread takes
#include "subject.h"
#include <memory>
#include <mutex>
#include <thread>

static std::mutex lock_registry;
static int registered;

class Service {
public:
	Service() : thread([] {
		{
			std::lock_guard<std::mutex> g(lock_registry);
			registered++;
		}
		nap(120);
	})
	{
	}

	~Service()
	{
		thread.join();
	}

private:
	std::thread thread;
};

static std::unique_ptr<Service> service;

int main()
{
	service = std::make_unique<Service>();
	nap(40);
	std::lock_guard<std::mutex> g(lock_registry);
	registered--;
	service.reset();
	return 0;
}
