// SPDX-License-Identifier: MIT
//
// own-locks-absl [clean]: a store and its statistics, each with an absl::Mutex. put() counts while the store
// is locked; show() reads the store with the statistics locked. With "clean", it reads first.
#include <absl/synchronization/mutex.h>

#include <chrono>
#include <cstdio>
#include <cstring>
#include <thread>

namespace
{
class Statistics
{
public:
	absl::Mutex mutex;
	int puts = 0;
};

class Store
{
public:
	explicit Store(Statistics &statistics) : statistics_(statistics) {}
	void put()
	{
		absl::MutexLock guard(&mutex_);
		size_++;
		absl::MutexLock counting(&statistics_.mutex);
		statistics_.puts++;
	}
	int size()
	{
		absl::ReaderMutexLock guard(&mutex_);
		return size_;
	}

private:
	absl::Mutex mutex_;
	int size_ = 0;
	Statistics &statistics_;
};

Statistics statistics;
Store store(statistics);

int show(bool clean)
{
	// So that it does not really hang here.
	std::this_thread::sleep_for(std::chrono::milliseconds(50));
	if (clean) {
		int size = store.size();
		absl::MutexLock guard(&statistics.mutex);
		return statistics.puts + size;
	}
	absl::MutexLock guard(&statistics.mutex);
	return statistics.puts + store.size();
}
} // namespace

int main(int argc, char **argv)
{
	bool clean = argc > 1 && !std::strcmp(argv[1], "clean");
	int shown = 0;
	// Abseil looks for cycles itself in debug builds, and ends the program at one.
	absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
	std::thread writer([] { store.put(); });
	std::thread reader([&] { shown = show(clean); });

	writer.join();
	reader.join();
	std::printf("shown %d\n", shown);
}
