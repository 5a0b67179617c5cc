// expect: clean ; kind: lock-condvar ; locks: lock_outer ready ; note: the outer lock is released before the condition is waited for
#include "subject.h"

static pthread_mutex_t lock_outer = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t lock_inner = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t ready = PTHREAD_COND_INITIALIZER;
static int is_ready;

static void *first(void *arg)
{
	nap(50);
	pthread_mutex_lock(&lock_outer);
	pthread_mutex_unlock(&lock_outer);
	pthread_mutex_lock(&lock_inner);
	while (!is_ready)
		pthread_cond_wait(&ready, &lock_inner);
	pthread_mutex_unlock(&lock_inner);
	return arg;
}

static void *second(void *arg)
{
	pthread_mutex_lock(&lock_outer);
	pthread_mutex_unlock(&lock_outer);
	nap(150);
	pthread_mutex_lock(&lock_inner);
	is_ready = 1;
	pthread_cond_signal(&ready);
	pthread_mutex_unlock(&lock_inner);
	return arg;
}

int main(void)
{
	run_two(first, second);
	return 0;
}
