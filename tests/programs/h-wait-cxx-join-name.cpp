// expect: hazard ; kind: lock-join ; locks: index_mutex join_compact ; note: two kinds of std::thread; the one that is joined with the mutex held takes it, and its join is called after what it runs
#include <atomic>
#include <mutex>
#include <thread>

static std::mutex index_mutex, log_mutex;
static std::atomic<bool> done{false};

static void write_log()
{
	std::lock_guard<std::mutex> g(log_mutex);
}

static void compact(int pages)
{
	{
		std::lock_guard<std::mutex> g(index_mutex);
		write_log();
	}
	done = pages > 0;
}

int main()
{
	std::thread logger(write_log);
	std::thread compactor(compact, 3);
	while (!done)
		std::this_thread::yield();
	{
		std::lock_guard<std::mutex> g(index_mutex);
		compactor.join();
	}
	logger.join();
}
