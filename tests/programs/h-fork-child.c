// expect: hazard ; kind: process-fork ; locks: lock_a lock_b ; note: the inversion happens in a forked child that ends by _exit
#include "subject.h"
#include <sys/wait.h>

static pthread_mutex_t lock_a = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t lock_b = PTHREAD_MUTEX_INITIALIZER;

static void *first(void *arg)
{
	(void)arg;
	pthread_mutex_lock(&lock_a);
	pthread_mutex_lock(&lock_b);
	pthread_mutex_unlock(&lock_b);
	pthread_mutex_unlock(&lock_a);
	return NULL;
}

static void *second(void *arg)
{
	(void)arg;
	nap(200);
	pthread_mutex_lock(&lock_b);
	pthread_mutex_lock(&lock_a);
	pthread_mutex_unlock(&lock_a);
	pthread_mutex_unlock(&lock_b);
	return NULL;
}

int main(void)
{
	pid_t child = fork();
	int status = 0;

	if (!child) {
		run_two(first, second);
		_exit(0);
	}
	waitpid(child, &status, 0);
	return status != 0;
}
