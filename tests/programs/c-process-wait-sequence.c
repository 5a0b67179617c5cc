// expect: clean ; kind: process-wait ; locks: lock_a lock_b ; note: the second child starts when the first has been waited for
#include "file.h"

static pthread_mutex_t *lock_a, *lock_b;

static void both(pthread_mutex_t *x, pthread_mutex_t *y)
{
	pthread_mutex_lock(x);
	pthread_mutex_lock(y);
	pthread_mutex_unlock(y);
	pthread_mutex_unlock(x);
}

static void first(void)
{
	both(lock_a, lock_b);
}

static void second(void)
{
	nap(60);
	both(lock_b, lock_a);
}

static void run(void (*what)(void))
{
	pid_t child = fork();

	if (!child) {
		what();
		_exit(0);
	}
	waitpid(child, NULL, 0);
}

int main(void)
{
	lock_a = shared_memory(sizeof(*lock_a));
	shared_mutex_init(lock_a);
	lock_b = shared_memory(sizeof(*lock_b));
	shared_mutex_init(lock_b);
	run(first);
	run(second);
	first();
	return 0;
}
