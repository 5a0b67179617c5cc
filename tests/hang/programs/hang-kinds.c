// expect: hang ; kind: mutex-kinds ; locks: lock_pi lock_robust lock_recursive ; note: a cycle of an inheriting, a robust and a recursive mutex
#include "../../programs/meet.h"

static pthread_mutex_t lock_pi, lock_robust, lock_recursive;

static void *two(pthread_mutex_t *held, pthread_mutex_t *asked)
{
	pthread_mutex_lock(held);
	meet(3);
	pthread_mutex_lock(asked);
	return NULL;
}

static void *first(void *arg)
{
	return arg ? NULL : two(&lock_pi, &lock_robust);
}

static void *second(void *arg)
{
	return arg ? NULL : two(&lock_robust, &lock_recursive);
}

static void *third(void *arg)
{
	return arg ? NULL : two(&lock_recursive, &lock_pi);
}

int main(void)
{
	pthread_mutexattr_t a;

	pthread_mutexattr_init(&a);
	pthread_mutexattr_setprotocol(&a, PTHREAD_PRIO_INHERIT);
	pthread_mutex_init(&lock_pi, &a);
	pthread_mutexattr_init(&a);
	pthread_mutexattr_setrobust(&a, PTHREAD_MUTEX_ROBUST);
	pthread_mutex_init(&lock_robust, &a);
	pthread_mutexattr_init(&a);
	pthread_mutexattr_settype(&a, PTHREAD_MUTEX_RECURSIVE);
	pthread_mutex_init(&lock_recursive, &a);
	run_three(first, second, third);
	return 0;
}
