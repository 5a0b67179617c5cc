// expect: hazard ; kind: wrapper ; locks: index_lock shards[1] ; note: a class that wraps one pthread mutex: locks are called as its objects are
#include <array>
#include <atomic>
#include <mutex>
#include <pthread.h>
#include <thread>

class NamedLock {
public:
	NamedLock() { pthread_mutex_init(&impl, nullptr); }
	~NamedLock() { pthread_mutex_destroy(&impl); }
	void lock() { pthread_mutex_lock(&impl); }
	void unlock() { pthread_mutex_unlock(&impl); }

private:
	const char *name = "";
	pthread_mutex_t impl;
};

static NamedLock index_lock;
static std::array<NamedLock, 3> shards;
static std::atomic<bool> done{false};

int main()
{
	std::thread one([] {
		{
			std::lock_guard<NamedLock> a(index_lock);
			std::lock_guard<NamedLock> b(shards[1]);
		}
		done = true;
	});
	std::thread two([] {
		while (!done)
			std::this_thread::yield();
		std::lock_guard<NamedLock> b(shards[1]);
		std::lock_guard<NamedLock> a(index_lock);
	});
	one.join();
	two.join();
}
