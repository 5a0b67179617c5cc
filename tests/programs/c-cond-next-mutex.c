// expect: clean ; kind: cond-two-mutexes ; locks: left_lock right_lock ; note: one condition, two mutexes, one after the other: the first waiter was signalled before the second waits
#include "subject.h"

static pthread_mutex_t left_lock = PTHREAD_MUTEX_INITIALIZER, right_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t cv = PTHREAD_COND_INITIALIZER;
static int go;

static void *left(void *arg)
{
	(void)arg;
	pthread_mutex_lock(&left_lock);
	while (!go)
		pthread_cond_wait(&cv, &left_lock);
	pthread_mutex_unlock(&left_lock);
	return NULL;
}

static void *right(void *arg)
{
	struct timespec soon = deadline(CLOCK_REALTIME, 120);

	(void)arg;
	nap(50);
	pthread_mutex_lock(&left_lock);
	go = 1;
	pthread_cond_signal(&cv);
	pthread_mutex_lock(&right_lock); /* the first one is woken, but cannot come back yet */
	pthread_cond_timedwait(&cv, &right_lock, &soon);
	pthread_mutex_unlock(&right_lock);
	pthread_mutex_unlock(&left_lock);
	return NULL;
}

int main(void)
{
	run_two(left, right);
	return 0;
}
