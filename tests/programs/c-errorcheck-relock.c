// expect: clean ; kind: errorcheck-mutex ; locks: chk_a chk_b ; note: one order; a relock is refused and its EDEADLK looked at
#include "subject.h"

static pthread_mutex_t chk_a, chk_b;

static void make(pthread_mutex_t *lock)
{
	pthread_mutexattr_t attr;

	pthread_mutexattr_init(&attr);
	pthread_mutexattr_settype(&attr, PTHREAD_MUTEX_ERRORCHECK);
	pthread_mutex_init(lock, &attr);
	pthread_mutexattr_destroy(&attr);
}

static void *first(void *arg)
{
	(void)arg;
	pthread_mutex_lock(&chk_a);
	if (pthread_mutex_lock(&chk_a) != EDEADLK)
		abort();
	pthread_mutex_lock(&chk_b);
	pthread_mutex_unlock(&chk_b);
	pthread_mutex_unlock(&chk_a);
	return NULL;
}

static void *second(void *arg)
{
	(void)arg;
	nap(60);
	pthread_mutex_lock(&chk_a);
	pthread_mutex_lock(&chk_b);
	pthread_mutex_unlock(&chk_b);
	pthread_mutex_unlock(&chk_a);
	return NULL;
}

int main(void)
{
	make(&chk_a);
	make(&chk_b);
	run_two(first, second);
	return 0;
}
