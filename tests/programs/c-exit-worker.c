// expect: clean ; kind: exit-lock ; locks: exit_lock join_worker ; note: a thread that main waits for calls exit; a handler takes what main had
#include "subject.h"

static pthread_mutex_t lock_log = PTHREAD_MUTEX_INITIALIZER;

static void cleanup(void)
{
	pthread_mutex_lock(&lock_log);
	pthread_mutex_unlock(&lock_log);
}

static void *worker(void *arg)
{
	(void)arg;
	nap(30);
	exit(0);
}

int main(void)
{
	pthread_t t;

	atexit(cleanup);
	pthread_mutex_lock(&lock_log);
	pthread_mutex_unlock(&lock_log);
	pthread_create(&t, NULL, worker, NULL);
	pthread_join(t, NULL);
	return 0;
}
