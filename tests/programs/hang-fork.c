// expect: hang ; kind: fork-lock ; verdict: orphan ; core: blocked ; locks: lock_l ; note: the child takes a lock that another thread held at the fork
#include "context.h"
#include "meet.h"

static pthread_mutex_t lock_l = PTHREAD_MUTEX_INITIALIZER;

static int forked;

static void *holder(void *arg)
{
	(void)arg;
	pthread_mutex_lock(&lock_l);
	meet(2);
	meet_at(&forked, 2);
	pthread_mutex_unlock(&lock_l);
	return NULL;
}

int main(void)
{
	pthread_t t;
	pid_t child;

	pthread_create(&t, NULL, holder, NULL);
	meet(2);
	child = fork();
	if (!child) {
		section(&lock_l);
		_exit(0);
	}
	meet_at(&forked, 2);
	child_status(child);
	pthread_join(t, NULL);
	return 0;
}
