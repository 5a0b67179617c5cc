// expect: hazard ; kind: robust-mutex ; locks: rob_a rob_b ; note: robust mutexes in both orders
#include "subject.h"

static pthread_mutex_t rob_a, rob_b;

static void make(pthread_mutex_t *lock)
{
	pthread_mutexattr_t attr;

	pthread_mutexattr_init(&attr);
	pthread_mutexattr_setrobust(&attr, PTHREAD_MUTEX_ROBUST);
	pthread_mutex_init(lock, &attr);
	pthread_mutexattr_destroy(&attr);
}

static void *first(void *arg)
{
	(void)arg;
	pthread_mutex_lock(&rob_a);
	pthread_mutex_lock(&rob_b);
	pthread_mutex_unlock(&rob_b);
	pthread_mutex_unlock(&rob_a);
	return NULL;
}

static void *second(void *arg)
{
	(void)arg;
	nap(60);
	pthread_mutex_lock(&rob_b);
	pthread_mutex_lock(&rob_a);
	pthread_mutex_unlock(&rob_a);
	pthread_mutex_unlock(&rob_b);
	return NULL;
}

int main(void)
{
	make(&rob_a);
	make(&rob_b);
	run_two(first, second);
	return 0;
}
