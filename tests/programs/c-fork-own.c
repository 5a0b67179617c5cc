// expect: clean ; kind: fork-lock ; locks: lock_l ; note: only the forking thread ever takes it
#include "context.h"

static pthread_mutex_t lock_l = PTHREAD_MUTEX_INITIALIZER;

static void *worker(void *arg)
{
	(void)arg;
	nap(60);
	return NULL;
}

int main(void)
{
	pthread_t t;
	pid_t child;

	section(&lock_l);
	pthread_create(&t, NULL, worker, NULL);
	nap(30);
	child = fork();
	if (!child) {
		alarm(2);
		section(&lock_l);
		_exit(0);
	}
	child_status(child);
	pthread_join(t, NULL);
	return 0;
}
