// expect: clean ; kind: lock-join ; locks: lock_list * ; note: a thread is joined with a lock held; it takes another
#include "subject.h"

static pthread_mutex_t lock_list = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t lock_log = PTHREAD_MUTEX_INITIALIZER;

static void *worker(void *arg)
{
	pthread_mutex_lock(&lock_log);
	pthread_mutex_unlock(&lock_log);
	nap(100);
	return arg;
}

int main(void)
{
	pthread_t t;

	pthread_mutex_lock(&lock_log);
	pthread_mutex_unlock(&lock_log);
	pthread_create(&t, NULL, worker, NULL);
	nap(40);
	pthread_mutex_lock(&lock_list);
	pthread_join(t, NULL);
	pthread_mutex_unlock(&lock_list);
	return 0;
}
