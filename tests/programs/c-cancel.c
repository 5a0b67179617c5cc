// expect: clean ; kind: mutex-order ; locks: lock_a lock_b ; note: a thread is cancelled in a condition wait; its cleanup handler lets the mutex go
#include "subject.h"

static pthread_mutex_t lock_a = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t lock_b = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t never = PTHREAD_COND_INITIALIZER;

static void release(void *lock)
{
	pthread_mutex_unlock(lock);
}

static void *waiter(void *arg)
{
	(void)arg;
	pthread_mutex_lock(&lock_a);
	pthread_cleanup_push(release, &lock_a);
	for (;;)
		pthread_cond_wait(&never, &lock_a);
	pthread_cleanup_pop(1);
	return NULL;
}

int main(void)
{
	pthread_t t;

	pthread_create(&t, NULL, waiter, NULL);
	nap(50);
	pthread_cancel(t);
	pthread_join(t, NULL);
	pthread_mutex_lock(&lock_a);
	pthread_mutex_lock(&lock_b);
	pthread_mutex_unlock(&lock_b);
	pthread_mutex_unlock(&lock_a);
	return 0;
}
