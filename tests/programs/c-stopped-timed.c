// expect: clean ; kind: lock-condvar ; locks: lock_state tick ; note: all threads are blocked for a while, one with the lock held that another asks for; its wait has an end
#include "subject.h"

static pthread_mutex_t lock_state = PTHREAD_MUTEX_INITIALIZER, lock_tick = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t tick = PTHREAD_COND_INITIALIZER;

static void *waits(void *arg)
{
	struct timespec until = deadline(CLOCK_REALTIME, 700);

	pthread_mutex_lock(&lock_state);
	pthread_mutex_lock(&lock_tick);
	while (pthread_cond_timedwait(&tick, &lock_tick, &until) != ETIMEDOUT) {
	}
	pthread_mutex_unlock(&lock_tick);
	pthread_mutex_unlock(&lock_state);
	return arg;
}

static void *other(void *arg)
{
	nap(30);
	pthread_mutex_lock(&lock_state);
	pthread_mutex_unlock(&lock_state);
	return arg;
}

int main(void)
{
	run_two(waits, other);
	return 0;
}
