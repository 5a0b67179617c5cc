// expect: clean ; kind: exit-join ; locks: lock_log join_worker ; note: a handler joins the thread with nothing held
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
	pthread_mutex_unlock(&lock_log);
	exit(0);
}
