// expect: clean ; kind: timedlock ; locks: lock_front lock_back ; note: the inner lock is given up after 50 ms
#include "subject.h"

static pthread_mutex_t lock_front = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t lock_back = PTHREAD_MUTEX_INITIALIZER;

static void *first(void *arg)
{
	(void)arg;
	pthread_mutex_lock(&lock_front);
	pthread_mutex_lock(&lock_back);
	pthread_mutex_unlock(&lock_back);
	pthread_mutex_unlock(&lock_front);
	return NULL;
}

static void *second(void *arg)
{
	(void)arg;
	struct timespec t;

	nap(60);
	pthread_mutex_lock(&lock_back);
	t = deadline(CLOCK_REALTIME, 50);
	if (!pthread_mutex_timedlock(&lock_front, &t))
		pthread_mutex_unlock(&lock_front);
	pthread_mutex_unlock(&lock_back);
	return NULL;
}

int main(void)
{
	run_two(first, second);
	return 0;
}
