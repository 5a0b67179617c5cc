// expect: idle ; kind: mutex ; verdict: blocked ; note: one of the two gives up after a minute: no deadlock
#include "../../programs/meet.h"

static pthread_mutex_t lock_a = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t lock_b = PTHREAD_MUTEX_INITIALIZER;

static void *first(void *arg)
{
	struct timespec t = deadline(CLOCK_REALTIME, 36000000);

	(void)arg;
	pthread_mutex_lock(&lock_a);
	meet(2);
	pthread_mutex_timedlock(&lock_b, &t);
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
