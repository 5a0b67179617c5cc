// expect: hazard ; kind: exit-join ; locks: lock_pool * ; note: the destructor of a static object joins a thread with a mutex held that the thread takes
#include "subject.h"
#include <mutex>
#include <thread>

static std::mutex lock_pool;

struct pool {
	std::thread worker;
	~pool()
	{
		std::lock_guard<std::mutex> guard(lock_pool);

		worker.join();
	}
};
static pool the_pool;

static void run()
{
	std::lock_guard<std::mutex> guard(lock_pool);
}

int main()
{
	the_pool.worker = std::thread(run);
	nap(60);
	return 0;
}
