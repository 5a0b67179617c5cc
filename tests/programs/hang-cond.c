// expect: hang ; kind: lock-condvar ; locks: lock_outer ready ; note: nested monitor: a condition is waited for with an outer lock held at which the signaller is blocked
#include "meet.h"

static pthread_mutex_t lock_outer = PTHREAD_MUTEX_INITIALIZER, lock_inner = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t ready = PTHREAD_COND_INITIALIZER;
static int is_ready;

static void *waits(void *arg)
{
	pthread_mutex_lock(&lock_outer);
	meet(2);
	pthread_mutex_lock(&lock_inner);
	while (!is_ready)
		pthread_cond_wait(&ready, &lock_inner);
	pthread_mutex_unlock(&lock_inner);
	pthread_mutex_unlock(&lock_outer);
	return arg;
}

static void *signals(void *arg)
{
	meet(2);
	pthread_mutex_lock(&lock_outer);
	pthread_mutex_lock(&lock_inner);
	is_ready = 1;
	pthread_cond_signal(&ready);
	pthread_mutex_unlock(&lock_inner);
	pthread_mutex_unlock(&lock_outer);
	return arg;
}

int main(void)
{
	run_two(waits, signals);
	return 0;
}
