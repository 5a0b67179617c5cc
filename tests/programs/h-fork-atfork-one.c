// expect: hazard ; kind: fork-lock ; locks: lock_b ; note: the atfork handlers hold one of the two locks
#include "context.h"

static pthread_mutex_t lock_a = PTHREAD_MUTEX_INITIALIZER, lock_b = PTHREAD_MUTEX_INITIALIZER;

static void before(void)
{
	pthread_mutex_lock(&lock_a);
}

static void after(void)
{
	pthread_mutex_unlock(&lock_a);
}

static void *worker(void *arg)
{
	(void)arg;
	for (int i = 0; i < 3; i++) {
		section(&lock_a);
		section(&lock_b);
		nap(70);
	}
	return NULL;
}

int main(void)
{
	pthread_t t;
	pid_t child;

	pthread_atfork(before, after, after);
	pthread_create(&t, NULL, worker, NULL);
	nap(30);
	child = fork();
	if (!child) {
		alarm(2);
		section(&lock_a);
		section(&lock_b);
		_exit(0);
	}
	child_status(child);
	pthread_join(t, NULL);
	return 0;
}
