// expect: hazard ; kind: exit-join ; locks: lock_log join_worker ; note: exit is called with the mutex held; a handler joins a thread that takes it
#include "subject.h"

static pthread_mutex_t lock_log = PTHREAD_MUTEX_INITIALIZER;
static pthread_t worker_thread;

static void *worker(void *arg)
{
	(void)arg;
	pthread_mutex_lock(&lock_log);
	pthread_mutex_unlock(&lock_log);
	return NULL;
}

static void cleanup(void)
{
	pthread_join(worker_thread, NULL);
}

int main(void)
{
	atexit(cleanup);
	pthread_create(&worker_thread, NULL, worker, NULL);
	nap(60);
	pthread_mutex_lock(&lock_log);
	exit(0);
}
