// expect: clean ; kind: fork-lock ; locks: lock_l ; note: the thread that takes it is created after the fork
#include "context.h"

static pthread_mutex_t lock_l = PTHREAD_MUTEX_INITIALIZER;

static void *worker(void *arg)
{
	(void)arg;
	section(&lock_l);
	return NULL;
}

static void *idle(void *arg)
{
	(void)arg;
	nap(60);
	return NULL;
}

int main(void)
{
	pthread_t t, other;
	pid_t child;

	pthread_create(&other, NULL, idle, NULL);
	child = fork();
	if (!child) {
		section(&lock_l);
		_exit(0);
	}
	pthread_create(&t, NULL, worker, NULL);
	pthread_join(t, NULL);
	child_status(child);
	pthread_join(other, NULL);
	return 0;
}
