// expect: misuse ; kind: unlock-unlocked ; locks: idle ; note: std::mutex::unlock of a mutex that nobody holds
#include <mutex>

static std::mutex idle;

int main()
{
	{
		std::lock_guard<std::mutex> guard(idle);
	}
	idle.unlock();
	return 0;
}
