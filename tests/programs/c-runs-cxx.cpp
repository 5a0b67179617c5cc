// expect: clean ; kind: across-runs ; locks: import_mutex export_mutex ; runs: a | b ; note: one kind of std::thread, of which a run has one only, takes either order by what it is given
#include <mutex>
#include <thread>
#include <vector>

static std::mutex import_mutex, export_mutex;

static void transfer(bool back)
{
	std::lock_guard<std::mutex> a(back ? import_mutex : export_mutex);
	std::lock_guard<std::mutex> b(back ? export_mutex : import_mutex);
}

int main(int argc, char **argv)
{
	std::thread t(transfer, argc > 1 && argv[1][0] == 'a');
	t.join();
}
