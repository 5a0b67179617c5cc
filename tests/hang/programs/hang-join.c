// expect: hang ; kind: lock-join ; locks: lock_pool worker ; note: joins with the lock held that the worker wants
#include "../../programs/subject.h"

static pthread_mutex_t lock_pool = PTHREAD_MUTEX_INITIALIZER;

static void *worker(void *arg)
{
	(void)arg;
	nap(100);
	pthread_mutex_lock(&lock_pool);
	pthread_mutex_unlock(&lock_pool);
	return NULL;
}

int main(void)
{
	pthread_t t;

	pthread_create(&t, NULL, worker, NULL);
	pthread_mutex_lock(&lock_pool);
	pthread_join(t, NULL);
	return 0;
}
