// expect: misuse ; kind: cond-two-mutexes ; locks: left_lock right_lock ; note: two threads wait for one condition at once, each with a mutex of its own
#include "subject.h"

static pthread_mutex_t left_lock = PTHREAD_MUTEX_INITIALIZER, right_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t cv = PTHREAD_COND_INITIALIZER;

static void *left(void *arg)
{
	struct timespec soon = deadline(CLOCK_REALTIME, 200);

	(void)arg;
	pthread_mutex_lock(&left_lock);
	pthread_cond_timedwait(&cv, &left_lock, &soon);
	pthread_mutex_unlock(&left_lock);
	return NULL;
}

static void *right(void *arg)
{
	struct timespec soon = deadline(CLOCK_REALTIME, 200);

	(void)arg;
	nap(60);
	pthread_mutex_lock(&right_lock);
	pthread_cond_timedwait(&cv, &right_lock, &soon);
	pthread_mutex_unlock(&right_lock);
	return NULL;
}

int main(void)
{
	run_two(left, right);
	return 0;
}
