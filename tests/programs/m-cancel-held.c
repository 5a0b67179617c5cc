// expect: misuse ; kind: thread-exit-held ; locks: work_lock ; note: a thread is cancelled with a lock held and no clean-up
#include "subject.h"

static pthread_mutex_t work_lock = PTHREAD_MUTEX_INITIALIZER;

static void *worker(void *arg)
{
	(void)arg;
	pthread_mutex_lock(&work_lock);
	for (;;)
		nap(20);
	return NULL;
}

int main(void)
{
	pthread_t t;

	pthread_create(&t, NULL, worker, NULL);
	nap(60);
	pthread_cancel(t);
	pthread_join(t, NULL);
	return 0;
}
