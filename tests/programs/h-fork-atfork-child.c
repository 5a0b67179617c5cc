// expect: hazard ; kind: fork-lock ; locks: lock_l ; note: the child's atfork handler takes the lock that nobody held over the fork
#include "context.h"

static pthread_mutex_t lock_l = PTHREAD_MUTEX_INITIALIZER;

static void child_handler(void)
{
	section(&lock_l);
}

static void *worker(void *arg)
{
	(void)arg;
	section(&lock_l);
	nap(200);
	return NULL;
}

int main(void)
{
	pthread_t t;
	pid_t child;

	pthread_atfork(NULL, NULL, child_handler);
	pthread_create(&t, NULL, worker, NULL);
	nap(30);
	child = fork();
	if (!child) {
		alarm(2);
		_exit(0);
	}
	child_status(child);
	pthread_join(t, NULL);
	return 0;
}
