// expect: hazard ; kind: same-class ; locks: shards[1] shards[3] ; note: elements of a std::array, in both orders
#include <array>
#include <atomic>
#include <mutex>
#include <thread>

struct Shard {
	std::mutex mutex;
	long items = 0;
};

static std::array<Shard, 4> shards;
static std::atomic<bool> done{false};

static void move(size_t from, size_t to)
{
	std::lock_guard<std::mutex> a(shards[from].mutex);
	std::lock_guard<std::mutex> b(shards[to].mutex);
	shards[to].items += shards[from].items;
	shards[from].items = 0;
}

int main()
{
	std::thread one([] {
		move(1, 3);
		done = true;
	});
	std::thread two([] {
		while (!done)
			std::this_thread::yield();
		move(3, 1);
	});
	one.join();
	two.join();
}
