// expect: hazard ; kind: process-shared ; locks: lock_a lock_b ; note: process-shared mutexes in shared memory, one order a process
#include "subject.h"
#include <sys/wait.h>
#include <sys/mman.h>

struct shared {
	pthread_mutex_t lock_a, lock_b;
};

static struct shared *shared;

static void both(pthread_mutex_t *outer, pthread_mutex_t *inner)
{
	pthread_mutex_lock(outer);
	pthread_mutex_lock(inner);
	pthread_mutex_unlock(inner);
	pthread_mutex_unlock(outer);
}

int main(void)
{
	pthread_mutexattr_t attr;
	int status = 0;
	pid_t child;

	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (shared == MAP_FAILED)
		return 1;
	pthread_mutexattr_init(&attr);
	pthread_mutexattr_setpshared(&attr, PTHREAD_PROCESS_SHARED);
	pthread_mutex_init(&shared->lock_a, &attr);
	pthread_mutex_init(&shared->lock_b, &attr);
	child = fork();
	if (!child) {
		both(&shared->lock_a, &shared->lock_b);
		_exit(0);
	}
	nap(60);
	both(&shared->lock_b, &shared->lock_a);
	waitpid(child, &status, 0);
	return status != 0;
}
