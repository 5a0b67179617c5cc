// expect: hazard ; kind: static-init ; locks: Factory::instance_guard lock_makers ; note: a class's instance() is called with a mutex held which the constructor takes
#include "subject.h"
#include <map>
#include <mutex>
#include <string>
#include <thread>

static std::mutex lock_makers;

class Factory {
public:
	static Factory &instance()
	{
		static Factory the_factory;

		return the_factory;
	}
	int count() const
	{
		return (int)makers.size();
	}

private:
	Factory()
	{
		std::lock_guard<std::mutex> g(lock_makers);
		makers["none"] = 0;
	}
	std::map<std::string, int> makers;
};

int main()
{
	int n = 0;
	std::thread a([] { Factory::instance(); });
	std::thread b([&n] {
		nap(80);
		std::lock_guard<std::mutex> g(lock_makers);
		n = Factory::instance().count();
	});

	a.join();
	b.join();
	return n == 1 ? 0 : 1;
}
