// expect: hang ; kind: fork-lock ; verdict: orphan ; core: blocked ; locks: lock_l ; note: the child takes a lock that another thread held at the fork
#include "context.h"

static pthread_mutex_t lock_l = PTHREAD_MUTEX_INITIALIZER;

static void *holder(void *arg)
{
	(void)arg;
	pthread_mutex_lock(&lock_l);
	nap(200);
	pthread_mutex_unlock(&lock_l);
	return NULL;
}

int main(void)
{
	pthread_t t;
	pid_t child;

	pthread_create(&t, NULL, holder, NULL);
	nap(50);
	child = fork();
	if (!child) {
		section(&lock_l);
		_exit(0);
	}
	child_status(child);
	pthread_join(t, NULL);
	return 0;
}
