// expect: hazard ; kind: mutex-order ; locks: pi_a pi_b ; note: mutexes with priority inheritance in both orders
#include "subject.h"

static pthread_mutex_t pi_a, pi_b;

static void make(pthread_mutex_t *lock)
{
	pthread_mutexattr_t attr;

	pthread_mutexattr_init(&attr);
	pthread_mutexattr_setprotocol(&attr, PTHREAD_PRIO_INHERIT);
	pthread_mutex_init(lock, &attr);
	pthread_mutexattr_destroy(&attr);
}

static void *first(void *arg)
{
	(void)arg;
	pthread_mutex_lock(&pi_a);
	pthread_mutex_lock(&pi_b);
	pthread_mutex_unlock(&pi_b);
	pthread_mutex_unlock(&pi_a);
	return NULL;
}

static void *second(void *arg)
{
	(void)arg;
	nap(60);
	pthread_mutex_lock(&pi_b);
	pthread_mutex_lock(&pi_a);
	pthread_mutex_unlock(&pi_a);
	pthread_mutex_unlock(&pi_b);
	return NULL;
}

int main(void)
{
	make(&pi_a);
	make(&pi_b);
	run_two(first, second);
	return 0;
}
