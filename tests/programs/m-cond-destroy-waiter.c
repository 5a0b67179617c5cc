// expect: misuse ; kind: cond-destroy-waiter ; locks: cv_busy ; note: a condition is destroyed while a thread waits for it
#include "subject.h"

static pthread_mutex_t cv_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t cv_busy = PTHREAD_COND_INITIALIZER;

static void *waiter(void *arg)
{
	struct timespec soon = deadline(CLOCK_REALTIME, 200);

	(void)arg;
	pthread_mutex_lock(&cv_lock);
	pthread_cond_timedwait(&cv_busy, &cv_lock, &soon);
	pthread_mutex_unlock(&cv_lock);
	return NULL;
}

static void *closer(void *arg)
{
	(void)arg;
	nap(60);
	pthread_cond_destroy(&cv_busy);
	return NULL;
}

int main(void)
{
	run_two(waiter, closer);
	return 0;
}
