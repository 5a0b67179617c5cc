// SPDX-License-Identifier: MIT
//
// The same with a std::mutex between, which is asserted to be held.
#include <cstdio>
#include <cstring>
#include <mutex>
#include <thread>

#include "spin.h"

namespace
{
class Table
{
public:
	void add()
	{
		lockdag_assert_held(&mutex_);
		spin_lock(&inner_, "inner");
		spin_unlock(&inner_);
	}
	void forward()
	{
		std::lock_guard<std::mutex> guard(mutex_);
		add();
	}
	void backward()
	{
		spin_lock(&inner_, "inner");
		{
			std::lock_guard<std::mutex> guard(mutex_);
		}
		spin_unlock(&inner_);
	}

private:
	std::mutex mutex_;
	spin inner_ = {0};
};
Table table;
} // namespace

int main(int argc, char **argv)
{
	bool clean = argc > 1 && !std::strcmp(argv[1], "clean");
	int turn = 0;
	std::thread first([&] {
		table.forward();
		__atomic_store_n(&turn, 1, __ATOMIC_RELAXED);
	});
	std::thread second([&] {
		while (!__atomic_load_n(&turn, __ATOMIC_RELAXED))
			sched_yield();
		if (clean)
			table.forward();
		else
			table.backward();
	});

	first.join();
	second.join();
	std::puts("done");
}
