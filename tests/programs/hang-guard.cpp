// expect: hang ; kind: static-init ; locks: mu_table the_table_guard ; note: a static variable's initialiser wants a mutex that one who waits for it holds
#include "meet.h"
#include <mutex>
#include <thread>

static std::mutex mu_table;

struct table {
	table()
	{
		meet(2);
		std::lock_guard<std::mutex> g(mu_table);
	}
	int rows = 0;
};

static table &the_table()
{
	static table instance;
	return instance;
}

int main()
{
	std::thread a([] { the_table().rows++; });
	std::thread b([] {
		std::lock_guard<std::mutex> g(mu_table);
		meet(2);
		the_table().rows++;
	});
	a.join();
	b.join();
}
