// expect: clean ; kind: lock-join ; locks: index_mutex log_mutex ; note: two kinds of std::thread; each is joined with the mutex held that only the other one takes
#include <mutex>
#include <thread>

static std::mutex index_mutex, log_mutex;

static void write_log()
{
	std::lock_guard<std::mutex> g(log_mutex);
}

static void compact(int)
{
	std::lock_guard<std::mutex> g(index_mutex);
}

int main()
{
	std::thread logger(write_log);
	std::thread compactor(compact, 3);
	{
		std::lock_guard<std::mutex> g(log_mutex);
		compactor.join();
	}
	std::lock_guard<std::mutex> g(index_mutex);
	logger.join();
}
