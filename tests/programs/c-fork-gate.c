// expect: clean ; kind: fork-lock ; locks: lock_a lock_b ; note: the other thread takes it only under a lock that is held over the fork
#include "context.h"

static pthread_mutex_t lock_a = PTHREAD_MUTEX_INITIALIZER, lock_b = PTHREAD_MUTEX_INITIALIZER;

static void *worker(void *arg)
{
	(void)arg;
	for (int i = 0; i < 3; i++) {
		nested(&lock_a, &lock_b);
		nap(20);
	}
	return NULL;
}

int main(void)
{
	pthread_t t;
	pid_t child;

	pthread_create(&t, NULL, worker, NULL);
	nap(30);
	pthread_mutex_lock(&lock_a);
	child = fork();
	pthread_mutex_unlock(&lock_a);
	if (!child) {
		alarm(2);
		section(&lock_b);
		_exit(0);
	}
	child_status(child);
	pthread_join(t, NULL);
	return 0;
}
