// expect: hazard ; kind: across-runs ; locks: import_mutex export_mutex ; runs: import | export ; note: std::threads made in one place, of two kinds; each run has one of them
#include <mutex>
#include <string>
#include <thread>
#include <vector>

static std::mutex import_mutex, export_mutex;

static void import_all()
{
	std::lock_guard<std::mutex> a(import_mutex);
	std::lock_guard<std::mutex> b(export_mutex);
}

static void export_all()
{
	std::lock_guard<std::mutex> b(export_mutex);
	std::lock_guard<std::mutex> a(import_mutex);
}

int main(int argc, char **argv)
{
	std::vector<std::thread> threads;

	for (int i = 1; i < argc; i++)
		threads.emplace_back(std::string(argv[i]) == "import" ? import_all : export_all);
	for (auto &t : threads)
		t.join();
}
