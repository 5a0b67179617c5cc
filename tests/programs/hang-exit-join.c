// expect: hang ; kind: exit-join ; locks: lock_log join_worker ; note: exit is called with the mutex held; a handler joins a thread that waits for it
#include "meet.h"

static pthread_mutex_t lock_log = PTHREAD_MUTEX_INITIALIZER;
static pthread_t worker_thread;

static void *worker(void *arg)
{
	(void)arg;
	meet(2);
	pthread_mutex_lock(&lock_log);
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
	pthread_mutex_lock(&lock_log);
	meet(2);
	exit(0);
}
