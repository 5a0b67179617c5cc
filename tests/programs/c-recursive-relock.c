// expect: clean ; kind: recursive-mutex ; locks: rec_a rec_b ; note: a is taken again inside b, but it is a that was outermost
#include "subject.h"

static pthread_mutex_t rec_a, rec_b;

static void make(pthread_mutex_t *lock)
{
	pthread_mutexattr_t attr;

	pthread_mutexattr_init(&attr);
	pthread_mutexattr_settype(&attr, PTHREAD_MUTEX_RECURSIVE);
	pthread_mutex_init(lock, &attr);
	pthread_mutexattr_destroy(&attr);
}

static void *first(void *arg)
{
	(void)arg;
	pthread_mutex_lock(&rec_a);
	pthread_mutex_lock(&rec_b);
	pthread_mutex_lock(&rec_a);
	pthread_mutex_unlock(&rec_a);
	pthread_mutex_unlock(&rec_b);
	pthread_mutex_unlock(&rec_a);
	return NULL;
}

static void *second(void *arg)
{
	(void)arg;
	nap(60);
	pthread_mutex_lock(&rec_a);
	pthread_mutex_lock(&rec_a);
	pthread_mutex_lock(&rec_b);
	pthread_mutex_unlock(&rec_b);
	pthread_mutex_unlock(&rec_a);
	pthread_mutex_unlock(&rec_a);
	return NULL;
}

int main(void)
{
	make(&rec_a);
	make(&rec_b);
	run_two(first, second);
	return 0;
}
