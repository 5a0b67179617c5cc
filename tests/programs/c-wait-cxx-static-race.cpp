// expect: clean ; kind: once ; locks: * ; note: threads race for statics, one of which throws at first; each is initialised once and seen whole
#include "subject.h"
#include <atomic>
#include <stdexcept>
#include <thread>
#include <vector>

static std::atomic<int> made, ready, wrong;

struct Thing {
	int a, b;
	explicit Thing(int n) : a(n)
	{
		made++;
		for (volatile int i = 0; i < 2000; i = i + 1) {
		}
		b = n;
	}
};

template <int N> static Thing &thing()
{
	static Thing the_thing(getpid() + N);

	return the_thing;
}

template <int N> static void all()
{
	Thing &t = thing<N>();

	if (t.a != t.b || t.a != getpid() + N)
		wrong++;
	if constexpr (N > 0)
		all<N - 1>();
}

static std::atomic<int> tries;

static int picky()
{
	static int value = [] {
		if (tries++ < 3)
			throw std::runtime_error("not yet");
		return 7;
	}();

	return value;
}

static void work()
{
	int got = 0;

	ready++;
	while (ready < 6) {
	}
	all<100>();
	for (int i = 0; i < 5000; i++)
		all<3>();
	while (!got) {
		try {
			got = picky();
		} catch (const std::runtime_error &) {
		}
	}
	if (got != 7)
		wrong++;
}

int main()
{
	std::vector<std::thread> threads;

	for (int i = 0; i < 6; i++)
		threads.emplace_back(work);
	for (std::thread &t : threads)
		t.join();
	return made == 101 && tries == 4 && !wrong ? 0 : 1;
}
