// expect: hang ; kind: mutex-order ; locks: lock_a lock_b ; note: deadlocks
#include "subject.h"

static pthread_mutex_t lock_a = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t lock_b = PTHREAD_MUTEX_INITIALIZER;

static void *first(void *arg)
{
	(void)arg;
	pthread_mutex_lock(&lock_a);
	nap(100);
	pthread_mutex_lock(&lock_b);
	return NULL;
}

static void *second(void *arg)
{
	(void)arg;
	pthread_mutex_lock(&lock_b);
	nap(100);
	pthread_mutex_lock(&lock_a);
	return NULL;
}

int main(void)
{
	run_two(first, second);
	return 0;
}
