// expect: clean ; kind: fork-lock ; locks: lock_a lock_b ; note: a child does with its copies of two locks what a thread of its parent, started after the fork, does the other way round
#include "context.h"

static pthread_mutex_t lock_a = PTHREAD_MUTEX_INITIALIZER, lock_b = PTHREAD_MUTEX_INITIALIZER;

static void *worker(void *arg)
{
	nested(&lock_a, &lock_b);
	return arg;
}

int main(void)
{
	pid_t child = fork();
	pthread_t t;

	if (!child) {
		nested(&lock_b, &lock_a);
		_exit(0);
	}
	pthread_create(&t, NULL, worker, NULL);
	pthread_join(t, NULL);
	return child_status(child);
}
