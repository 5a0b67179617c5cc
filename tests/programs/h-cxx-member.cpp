// expect: hazard ; kind: cxx-mutex ; locks: cache_mutex store_mutex ; note: members of heap objects of two types, never initialised by a call
#include <chrono>
#include <memory>
#include <mutex>
#include <shared_mutex>
#include <thread>

struct Cache {
	int hits = 0;
	std::mutex cache_mutex;
};

struct Store {
	std::mutex store_mutex;
	int rows = 0;
};

static void nap(int ms)
{
	std::this_thread::sleep_for(std::chrono::milliseconds(ms));
}

int main()
{
	auto cache = std::make_unique<Cache>();
	auto store = std::make_unique<Store>();
	
	std::thread a([&] {
		std::lock_guard<std::mutex> x(cache->cache_mutex);
		std::lock_guard<std::mutex> y(store->store_mutex);
		store->rows++;
	});
	std::thread b([&] {
		nap(60);
		std::lock_guard<std::mutex> y(store->store_mutex);
		std::lock_guard<std::mutex> x(cache->cache_mutex);
		cache->hits++;
	});
	a.join();
	b.join();
	return 0;
}
