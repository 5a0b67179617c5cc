// expect: hazard ; kind: fork-lock ; locks: lock_rw ; note: the other thread reads, the child writes
#include "context.h"

static pthread_rwlock_t lock_rw = PTHREAD_RWLOCK_INITIALIZER;

static void *worker(void *arg)
{
	(void)arg;
	pthread_rwlock_rdlock(&lock_rw);
	pthread_rwlock_unlock(&lock_rw);
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
		pthread_rwlock_wrlock(&lock_rw);
		pthread_rwlock_unlock(&lock_rw);
		_exit(0);
	}
	child_status(child);
	pthread_join(t, NULL);
	return 0;
}
