// expect: misuse ; kind: assert-held ; locks: mutex_ ; note: std::mutex and std::shared_mutex, by their own addresses
#include <mutex>
#include <shared_mutex>

#include "../../include/lockdag/lockdag.h"
#include "subject.h"

class Cache {
public:
	void add()
	{
		lockdag_assert_held(&mutex_);
		entries_++;
	}
	void locked_add()
	{
		std::lock_guard<std::mutex> guard(mutex_);
		std::shared_lock<std::shared_mutex> reading(table_);

		lockdag_assert_held_read(&table_);
		add();
	}

private:
	std::mutex mutex_;
	std::shared_mutex table_;
	int entries_ = 0;
};

static Cache cache;

int main()
{
	cache.locked_add();
	cache.add();
	return 0;
}
