// expect: hazard ; kind: fork-lock ; locks: lock_l ; note: a thread takes the lock now and then, and the child takes it: nobody holds it this time
#include "context.h"

static pthread_mutex_t lock_l = PTHREAD_MUTEX_INITIALIZER;

static void *worker(void *arg)
{
	(void)arg;
	for (int i = 0; i < 3; i++) {
		section(&lock_l);
		nap(70);
	}
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
