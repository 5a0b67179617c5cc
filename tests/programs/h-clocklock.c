// expect: hazard ; kind: timedlock ; locks: lock_front lock_back ; note: timedlock and clocklock with long time-outs wait as lock does
#include "subject.h"

static pthread_mutex_t lock_front = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t lock_back = PTHREAD_MUTEX_INITIALIZER;

static void *first(void *arg)
{
	(void)arg;
	struct timespec t = deadline(CLOCK_MONOTONIC, 3600000);

	pthread_mutex_lock(&lock_front);
	pthread_mutex_clocklock(&lock_back, CLOCK_MONOTONIC, &t);
	pthread_mutex_unlock(&lock_back);
	pthread_mutex_unlock(&lock_front);
	return NULL;
}

static void *second(void *arg)
{
	(void)arg;
	struct timespec t = deadline(CLOCK_REALTIME, 3600000);

	nap(60);
	pthread_mutex_lock(&lock_back);
	pthread_mutex_timedlock(&lock_front, &t);
	pthread_mutex_unlock(&lock_front);
	pthread_mutex_unlock(&lock_back);
	return NULL;
}

int main(void)
{
	run_two(first, second);
	return 0;
}
