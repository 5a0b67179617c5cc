// expect: idle ; kind: mutex ; verdict: blocked ; note: the holder sleeps, and will let go
#include "../../programs/meet.h"

static pthread_mutex_t lock_a = PTHREAD_MUTEX_INITIALIZER;

static void *holder(void *arg)
{
	(void)arg;
	pthread_mutex_lock(&lock_a);
	meet(2);
	for (;;)
		nap(100);
}

static void *waiter(void *arg)
{
	(void)arg;
	meet(2);
	pthread_mutex_lock(&lock_a);
	return NULL;
}

int main(void)
{
	run_two(holder, waiter);
	return 0;
}
