// expect: clean ; kind: fork-lock ; locks: lock_p ; note: a lock in shared memory: its owner goes on living in the parent
#include "context.h"
#include <sys/mman.h>

static pthread_mutex_t *lock_p;

static void *worker(void *arg)
{
	(void)arg;
	for (int i = 0; i < 3; i++) {
		section(lock_p);
		nap(20);
	}
	return NULL;
}

int main(void)
{
	pthread_mutexattr_t shared;
	pthread_t t;
	pid_t child;

	lock_p = mmap(NULL, sizeof(*lock_p), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	pthread_mutexattr_init(&shared);
	pthread_mutexattr_setpshared(&shared, PTHREAD_PROCESS_SHARED);
	pthread_mutex_init(lock_p, &shared);
	pthread_create(&t, NULL, worker, NULL);
	nap(30);
	child = fork();
	if (!child) {
		section(lock_p);
		_exit(0);
	}
	pthread_join(t, NULL);
	return child_status(child);
}
