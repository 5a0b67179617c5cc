/* SPDX-License-Identifier: MIT
 *
 * Threads started the ways C++ has. Each takes `outer` and a lock of its own, one way or the other:
 * reports must call the threads what is printed here ("thread NAME"), and the locks ("expect
 * NAME"). Run by run-names.
 */
#include <atomic>
#include <cstdio>
#include <future>
#include <mutex>
#include <thread>
#include <utility>

#define NOINLINE __attribute__((noinline))

static std::mutex outer, first, second, third;
static std::atomic<int> turn;
static volatile int sink; /* written last: what calls take() is there while it runs */

static std::mutex &inner(int i)
{
	return i < 2 ? first : i < 4 ? second : third;
}

/* One after the other, without a synchronisation that lockdag knows. */
NOINLINE static void take(int i, bool outer_first)
{
	while (turn < i)
		std::this_thread::yield();
	(outer_first ? outer : inner(i)).lock();
	(outer_first ? inner(i) : outer).lock();
	(outer_first ? inner(i) : outer).unlock();
	(outer_first ? outer : inner(i)).unlock();
	turn++;
	while (turn < 6)
		std::this_thread::yield();
}

static void worker(int i)
{
	take(i, true);
	sink = i;
}

struct Server {
	int n = 0;
	void run(int i)
	{
		n++;
		take(i, false);
		sink = i;
	}
};

struct Functor {
	int i;
	void operator()()
	{
		take(i, true);
		sink = i;
	}
};

class Pool
{
	std::thread thread_;

      public:
	void start(int i)
	{
		thread_ = std::thread([this, i] { loop(i), sink = i; });
	}
	void loop(int i)
	{
		take(i, false);
		sink = i;
	}
	void stop()
	{
		thread_.join();
	}
};

int main()
{
	Server server;
	Pool pool;

	for (const char *name : {"worker", "Server::run", "Functor", "Pool::start (lambda)",
		     "main (lambda)", "main (lambda)"})
		printf("thread %s\n", name);
	printf("expect first\nexpect second\nexpect third\n");
	fflush(stdout);
	std::thread a(worker, 0);
	std::thread b(&Server::run, &server, 1);
	std::thread c(Functor{2});
	pool.start(3);
	std::thread e([] {
		take(4, true);
		sink = 4;
	});
	auto f = std::async(std::launch::async, [] {
		take(5, false);
		sink = 5;
	});
	a.join();
	b.join();
	c.join();
	pool.stop();
	e.join();
	f.get();
	return 0;
}
