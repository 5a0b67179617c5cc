// expect: idle ; kind: mutex ; verdict: blocked ; note: the holder sleeps, and will let go
#include "../../programs/subject.h"

static pthread_mutex_t lock_a = PTHREAD_MUTEX_INITIALIZER;

static void *holder(void *arg)
{
	(void)arg;
	pthread_mutex_lock(&lock_a);
	for (;;)
		nap(100);
}

static void *waiter(void *arg)
{
	(void)arg;
	nap(50);
	pthread_mutex_lock(&lock_a);
	return NULL;
}

int main(void)
{
	run_two(holder, waiter);
	return 0;
}
