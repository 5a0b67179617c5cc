// expect: hazard ; kind: lock-condvar ; locks: lock_outer ready ; note: a wait of an hour, with a lock held which the signaller takes, is a wait
#include "subject.h"

static pthread_mutex_t lock_outer = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t lock_inner = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t ready = PTHREAD_COND_INITIALIZER;
static int is_ready;

static void *first(void *arg)
{
	struct timespec until;

	nap(50);
	pthread_mutex_lock(&lock_outer);
	pthread_mutex_lock(&lock_inner);
	until = deadline(CLOCK_REALTIME, 3600000L);
	if (!is_ready)
		pthread_cond_timedwait(&ready, &lock_inner, &until);
	pthread_mutex_unlock(&lock_inner);
	pthread_mutex_unlock(&lock_outer);
	return arg;
}

static void *second(void *arg)
{
	pthread_mutex_lock(&lock_outer);
	pthread_mutex_unlock(&lock_outer);
	nap(150);
	pthread_mutex_lock(&lock_inner);
	is_ready = 1;
	pthread_cond_signal(&ready);
	pthread_mutex_unlock(&lock_inner);
	return arg;
}

int main(void)
{
	run_two(first, second);
	return 0;
}
