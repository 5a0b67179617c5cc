// expect: clean ; kind: use-after-destroy ; locks: mu ; note: objects with locks come and go at the same places
#include <condition_variable>
#include <memory>
#include <mutex>
#include <new>
#include <shared_mutex>

struct Item {
	std::recursive_mutex again;
	std::mutex mu;
	std::shared_mutex sh;
	std::timed_mutex timed;
	std::condition_variable cv;
};

static void use(Item &i)
{
	std::lock_guard<std::recursive_mutex> a(i.again);
	std::lock_guard<std::mutex> b(i.mu);
	std::shared_lock<std::shared_mutex> c(i.sh);
	std::lock_guard<std::timed_mutex> d(i.timed);
	i.cv.notify_all();
}

alignas(Item) static char place[sizeof(Item)];

int main()
{
	for (int i = 0; i < 20; i++) {
		auto heap = std::make_unique<Item>();
		Item *here = new (place) Item;
		Item local;

		use(*heap);
		use(*here);
		use(local);
		here->~Item();
	}
	return 0;
}
