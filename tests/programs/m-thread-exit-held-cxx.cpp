// expect: misuse ; kind: thread-exit-held ; locks: left ; note: a std::thread ends with a std::mutex locked by hand
#include <mutex>
#include <thread>

static std::mutex left;

int main()
{
	std::thread t([] { left.lock(); });

	t.join();
	return 0;
}
