// expect: misuse ; kind: cond-wait-unheld ; locks: bell_lock ; note: condition_variable::wait_until with a mutex that was let go behind unique_lock's back
#include <chrono>
#include <condition_variable>
#include <mutex>

static std::mutex bell_lock;
static std::condition_variable bell;

int main()
{
	std::unique_lock<std::mutex> held(bell_lock);

	bell_lock.unlock();
	bell.wait_for(held, std::chrono::milliseconds(20));
	held.release();
	return 0;
}
