// expect: hang ; kind: static-init ; locks: mu_table the_table_guard ; note: a static variable's initialiser wants a mutex that one who waits for it holds
#include <chrono>
#include <mutex>
#include <thread>

static std::mutex mu_table;

static void nap(int ms)
{
	std::this_thread::sleep_for(std::chrono::milliseconds(ms));
}

struct table {
	table()
	{
		nap(150);
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
		nap(50);
		the_table().rows++;
	});
	a.join();
	b.join();
}
