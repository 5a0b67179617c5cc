// expect: clean ; kind: thread-exit-held ; locks: work_lock tls_lock ; note: a clean-up handler and a key destructor release what the thread holds
#include "subject.h"

static pthread_mutex_t work_lock = PTHREAD_MUTEX_INITIALIZER, tls_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_key_t key;

static void release(void *lock)
{
	pthread_mutex_unlock(lock);
}

static void *worker(void *arg)
{
	(void)arg;
	pthread_mutex_lock(&tls_lock);
	pthread_setspecific(key, &tls_lock);
	pthread_mutex_lock(&work_lock);
	pthread_cleanup_push(release, &work_lock);
	for (;;)
		nap(20);
	pthread_cleanup_pop(1);
	return NULL;
}

int main(void)
{
	pthread_t t;

	pthread_key_create(&key, release);
	pthread_create(&t, NULL, worker, NULL);
	nap(60);
	pthread_cancel(t);
	pthread_join(t, NULL);
	return 0;
}
