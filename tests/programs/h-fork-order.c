// expect: hazard ; kind: fork-lock ; locks: lock_b ; note: two locks, of which the child asks for the second under the first
#include "context.h"

static pthread_mutex_t lock_a = PTHREAD_MUTEX_INITIALIZER, lock_b = PTHREAD_MUTEX_INITIALIZER;

static void *worker(void *arg)
{
	(void)arg;
	section(&lock_b);
	nap(200);
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
		nested(&lock_a, &lock_b);
		_exit(0);
	}
	child_status(child);
	pthread_join(t, NULL);
	return 0;
}
