// expect: hazard ; kind: fork-lock ; locks: lock_s ; note: a spinlock
#include "context.h"

static pthread_spinlock_t lock_s;

static void *worker(void *arg)
{
	(void)arg;
	pthread_spin_lock(&lock_s);
	pthread_spin_unlock(&lock_s);
	nap(200);
	return NULL;
}

int main(void)
{
	pthread_t t;
	pid_t child;

	pthread_spin_init(&lock_s, 0);
	pthread_create(&t, NULL, worker, NULL);
	nap(30);
	child = fork();
	if (!child) {
		alarm(2);
		pthread_spin_lock(&lock_s);
		pthread_spin_unlock(&lock_s);
		_exit(0);
	}
	child_status(child);
	pthread_join(t, NULL);
	return 0;
}
