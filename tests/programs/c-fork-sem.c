// expect: clean ; kind: fork-lock ; locks: lock_s ; note: a semaphore as a lock, which the child could post as well as anybody: ruled out, not silent
#include "context.h"

static sem_t lock_s;

static void *worker(void *arg)
{
	(void)arg;
	sem_wait(&lock_s);
	sem_post(&lock_s);
	nap(200);
	return NULL;
}

int main(void)
{
	pthread_t t;
	pid_t child;

	sem_init(&lock_s, 0, 1);
	pthread_create(&t, NULL, worker, NULL);
	nap(30);
	child = fork();
	if (!child) {
		alarm(2);
		sem_wait(&lock_s);
		sem_post(&lock_s);
		_exit(0);
	}
	child_status(child);
	pthread_join(t, NULL);
	return 0;
}
