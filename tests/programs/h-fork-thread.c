// expect: hazard ; kind: fork-lock ; locks: lock_l ; note: a worker forks, and the main thread takes the lock
#include "context.h"

static pthread_mutex_t lock_l = PTHREAD_MUTEX_INITIALIZER;

static void *forks(void *arg)
{
	pid_t child;

	(void)arg;
	nap(30);
	child = fork();
	if (!child) {
		alarm(2);
		section(&lock_l);
		_exit(0);
	}
	child_status(child);
	return NULL;
}

int main(void)
{
	pthread_t t;

	pthread_create(&t, NULL, forks, NULL);
	section(&lock_l);
	nap(200);
	pthread_join(t, NULL);
	return 0;
}
