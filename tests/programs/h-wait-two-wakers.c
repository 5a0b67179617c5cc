// expect: hazard ; kind: lock-condvar ; locks: lock_outer ready ; note: two threads signal a condition that is waited for with a lock held, and both take that lock before
#include "subject.h"

static pthread_mutex_t lock_outer = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t lock_inner = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t ready = PTHREAD_COND_INITIALIZER;
static int wakes;

static void *waiter(void *arg)
{
	nap(50);
	pthread_mutex_lock(&lock_outer);
	pthread_mutex_lock(&lock_inner);
	while (!wakes)
		pthread_cond_wait(&ready, &lock_inner);
	pthread_mutex_unlock(&lock_inner);
	pthread_mutex_unlock(&lock_outer);
	nap(150);
	return arg;
}

static void wake(void)
{
	pthread_mutex_lock(&lock_inner);
	wakes++;
	pthread_cond_signal(&ready);
	pthread_mutex_unlock(&lock_inner);
}

static void *slow_waker(void *arg)
{
	pthread_mutex_lock(&lock_outer);
	pthread_mutex_unlock(&lock_outer);
	nap(150);
	wake();
	return arg;
}

static void *quick_waker(void *arg)
{
	pthread_mutex_lock(&lock_outer);
	pthread_mutex_unlock(&lock_outer);
	nap(120);
	wake();
	return arg;
}

int main(void)
{
	run_three(waiter, slow_waker, quick_waker);
	return 0;
}
