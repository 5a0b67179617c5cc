// expect: clean ; kind: lock-join ; locks: lock_registry * ; note: a destructor joins its thread; the mutex which the thread takes is released before it runs
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
	std::unique_ptr<Service> old;
	{
		std::lock_guard<std::mutex> g(lock_registry);
		registered--;
		old = std::move(service);
	}
	old.reset();
	return 0;
}
