// expect: clean ; kind: unlock-unlocked ; locks: busy ; note: unique_lock gives up, takes again and is moved; each unlock has its lock
#include <mutex>

static std::mutex busy;
static std::recursive_mutex again;

int main()
{
	std::unique_lock<std::mutex> first(busy);

	first.unlock();
	first.lock();
	std::unique_lock<std::mutex> second(std::move(first));
	std::lock_guard<std::recursive_mutex> a(again), b(again);
	return 0;
}
