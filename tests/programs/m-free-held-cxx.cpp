// expect: misuse ; kind: free-held ; locks: mu ; note: an object is deleted with its std::mutex held
#include <mutex>

struct Session {
	int id = 0;
	std::mutex mu;
};

int main()
{
	Session *s = new Session;

	s->mu.lock();
	delete s;
	return 0;
}
