// expect: hazard ; kind: fork-lock ; locks: lock_l ; note: nobody has taken the lock before the fork
#include "context.h"

static pthread_mutex_t lock_l = PTHREAD_MUTEX_INITIALIZER;

static void *worker(void *arg)
{
	(void)arg;
	nap(100);
	section(&lock_l);
	return NULL;
}

int main(void)
{
	pthread_t t;
	pid_t child;

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
