// expect: hazard ; kind: process-mutex ; locks: lock_a lock_b ; note: the second child starts before the first has been waited for
#include "file.h"

static pthread_mutex_t *lock_a, *lock_b;

static void both(pthread_mutex_t *x, pthread_mutex_t *y)
{
	pthread_mutex_lock(x);
	pthread_mutex_lock(y);
	pthread_mutex_unlock(y);
	pthread_mutex_unlock(x);
}

static void first(void)
{
	both(lock_a, lock_b);
}

static void second(void)
{
	nap(60);
	both(lock_b, lock_a);
}

int main(void)
{
	lock_a = shared_memory(sizeof(*lock_a));
	shared_mutex_init(lock_a);
	lock_b = shared_memory(sizeof(*lock_b));
	shared_mutex_init(lock_b);
	run_two_processes(first, second);
	return 0;
}
