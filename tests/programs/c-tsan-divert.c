// expect: clean ; kind: lock-class ; locks: cache table ; note: the same, in one order: neither the lock nor its inner mutex is in a cycle
#include "tsan.h"

void __tsan_mutex_pre_divert(void *, unsigned) __attribute__((weak));
void __tsan_mutex_post_divert(void *, unsigned) __attribute__((weak));

static int cache, table;
static pthread_mutex_t waiters = PTHREAD_MUTEX_INITIALIZER;

static void take(int *lock)
{
	TSAN_SAY(pre_lock, lock, 0);
	TSAN_SAY(pre_divert, lock, 0);
	pthread_mutex_lock(&waiters);
	pthread_mutex_unlock(&waiters);
	TSAN_SAY(post_divert, lock, 0);
	while (__atomic_exchange_n(lock, 1, __ATOMIC_ACQUIRE))
		sched_yield();
	TSAN_SAY(post_lock, lock, 0, 1);
}

static void leave(int *lock)
{
	TSAN(pre_unlock, lock, 0);
	__atomic_store_n(lock, 0, __ATOMIC_RELEASE);
	TSAN_SAY(post_unlock, lock, 0);
}

static void *reader(void *arg)
{
	take(&cache);
	take(&table);
	leave(&table);
	leave(&cache);
	return arg;
}

static void *writer(void *arg)
{
	nap(50);
	return reader(arg);
}

int main(void)
{
	run_two(reader, writer);
	return 0;
}
