// expect: hang ; kind: mutex-order ; locks: lock_a lock_b ; note: deadlocks
#include "meet.h"

static pthread_mutex_t lock_a = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t lock_b = PTHREAD_MUTEX_INITIALIZER;

static void *first(void *arg)
{
	(void)arg;
	pthread_mutex_lock(&lock_a);
	meet(2);
	pthread_mutex_lock(&lock_b);
	return NULL;
}

static void *second(void *arg)
{
	(void)arg;
	pthread_mutex_lock(&lock_b);
	meet(2);
	pthread_mutex_lock(&lock_a);
	return NULL;
}

int main(void)
{
	run_two(first, second);
	return 0;
}
