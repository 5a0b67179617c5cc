/* SPDX-License-Identifier: MIT
 *
 * Ways out of a frame that holds a lock, and threads as C++ has them. argument: WAY
 */
#include "hard.h"

#include <future>
#include <mutex>
#include <stdexcept>
#include <thread>
#include <vector>

static pthread_mutex_t lock_a = PTHREAD_MUTEX_INITIALIZER, lock_b = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t waited = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t never = PTHREAD_COND_INITIALIZER;
static sem_t empty;
static std::mutex inner, outer;

/* The reporting run: the cleanup takes lock_a while it does hold. */
static bool really;

static void drop(void *m)
{
	if (really)
		nest(&lock_a, &lock_b);
	UNLOCK((pthread_mutex_t *)m);
}

struct dropper {
	~dropper() { drop(&waited); }
};

/* main takes lock_a -> waited at that time: were `waited` thought to be held by the thread when it
 * takes lock_a at its end, that were a cycle. */
static void *waits_in_c(void *arg)
{
	LOCK(&waited);
	pthread_cleanup_push(drop, &waited);
	for (;;)
		pthread_cond_wait(&never, &waited);
	pthread_cleanup_pop(1);
	return arg;
}

static void *waits_in_cxx(void *arg)
{
	LOCK(&waited);
	dropper d;
	for (;;)
		pthread_cond_wait(&never, &waited);
	return arg;
}

struct at_end {
	~at_end()
	{
		nest(&lock_a, &lock_b);
	}
};
static thread_local at_end ends;

static void touch(at_end *e)
{
	__asm__ volatile("" : : "r"(e) : "memory");
}

static void *waits_then_ends(void *arg)
{
	touch(&ends); /* its destructor locks after the cleanup has dropped the mutex */
	return ((void *(*)(void *))arg)(nullptr);
}

static void *waits_for_semaphore(void *arg)
{
	touch(&ends);
	for (;;)
		sem_wait(&empty);
	return arg;
}

static void *joins(void *arg)
{
	touch(&ends);
	pthread_join(*(pthread_t *)arg, nullptr);
	return arg;
}

static void ended_while_needed(void *(*run)(void *), void *arg)
{
	pthread_t t;

	MUST(!pthread_create(&t, nullptr, run, arg));
	nap(50);
	nest(&lock_a, &waited);
	MUST(!pthread_cancel(t));
	MUST(!pthread_join(t, nullptr));
}

static void *leaves(void *arg)
{
	touch(&ends);
	LOCK(&waited);
	pthread_cleanup_push(drop, &waited);
	nap(100);
	pthread_exit(arg);
	pthread_cleanup_pop(0);
	return arg;
}

static int throws(int n)
{
	std::lock_guard<std::mutex> a(outer);

	if (n)
		throw std::runtime_error("out");
	return n;
}

static void thrown()
{
	std::thread other([] {
		std::lock_guard<std::mutex> hold(inner);
		std::lock_guard<std::mutex> more(outer);
	});

	nap(50);
	for (int i = 0; i < 10; i++) {
		try {
			std::lock_guard<std::mutex> hold(inner);
			if (i & 1)
				throw 1;
		} catch (int) {
		}
		try {
			throws(i);
		} catch (const std::runtime_error &) {
			/* outer is free: no outer -> inner */
			std::lock_guard<std::mutex> hold(inner);
		}
		std::lock_guard<std::mutex> hold(inner);
		std::lock_guard<std::mutex> more(outer);
	}
	other.join();
}

static void *detached(void *arg)
{
	touch(&ends);
	nap(60);
	nest(&lock_a, &lock_b);
	return arg;
}

static void *detached_other(void *arg)
{
	nap(160);
	nest(&lock_b, &lock_a);
	return arg;
}

static void after_main()
{
	pthread_t t;

	MUST(!pthread_create(&t, nullptr, detached, nullptr) && !pthread_detach(t));
	MUST(!pthread_create(&t, nullptr, detached_other, nullptr) && !pthread_detach(t));
	pthread_exit(nullptr);
}

/* A destructor of a key that was made after ours: it runs in rounds, and takes locks in each. */
static pthread_key_t key;
static int rounds;

static void round_of(void *m)
{
	if (++rounds < 3)
		MUST(!pthread_setspecific(key, m));
	else
		nest(&lock_b, &lock_a);
}

static void *has_key(void *arg)
{
	MUST(!pthread_setspecific(key, &lock_a));
	nap(60);
	return arg;
}

static void key_destructor()
{
	pthread_t t;

	MUST(!pthread_key_create(&key, round_of));
	MUST(!pthread_create(&t, nullptr, has_key, nullptr));
	nest(&lock_a, &lock_b);
	MUST(!pthread_join(t, nullptr));
}

static void thread_local_destructor()
{
	std::thread t([] {
		touch(&ends);
		nap(60);
	});
	nest(&lock_b, &lock_a);
	t.join();
}

static void asynchronous()
{
	std::vector<std::future<int>> all;

	for (int i = 0; i < 8; i++)
		all.push_back(std::async(std::launch::async, [i] {
			nap(i * 10);
			std::lock_guard<std::mutex> x(i & 1 ? inner : outer);
			std::lock_guard<std::mutex> y(i & 1 ? outer : inner);
			return i;
		}));
	for (auto &f : all)
		f.get();
}

int main(int argc, char **argv)
{
	std::string way = argv[1];
	pthread_t self = pthread_self();

	really = argc > 2;

	MUST(!sem_init(&empty, 0, 0));
	if (way == "cond-c")
		ended_while_needed(waits_then_ends, (void *)waits_in_c);
	else if (way == "cond-cxx")
		ended_while_needed(waits_then_ends, (void *)waits_in_cxx);
	else if (way == "sem")
		ended_while_needed(waits_for_semaphore, nullptr);
	else if (way == "join")
		ended_while_needed(joins, &self);
	else if (way == "exit")
		ended_while_needed(leaves, nullptr);
	else if (way == "throw")
		thrown();
	else if (way == "after-main")
		after_main();
	else if (way == "key")
		key_destructor();
	else if (way == "thread-local")
		thread_local_destructor();
	else if (way == "async")
		asynchronous();
	else
		MUST(!"a way");
	puts("done");
	return 0;
}
