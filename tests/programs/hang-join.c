// expect: hang ; kind: lock-join ; locks: lock_list * ; note: a thread is joined with the lock held at which it is blocked
#include "meet.h"

static pthread_mutex_t lock_list = PTHREAD_MUTEX_INITIALIZER;

static void *worker(void *arg)
{
	meet(2);
	pthread_mutex_lock(&lock_list);
	pthread_mutex_unlock(&lock_list);
	return arg;
}

int main(void)
{
	pthread_t t;

	pthread_create(&t, NULL, worker, NULL);
	pthread_mutex_lock(&lock_list);
	meet(2);
	pthread_join(t, NULL);
	pthread_mutex_unlock(&lock_list);
	return 0;
}
