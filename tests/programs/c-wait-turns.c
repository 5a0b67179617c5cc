// expect: clean ; kind: lock-condvar ; locks: lock_odd even ; note: two threads take turns by a state under two locks and a condition each; one of the locks is always kept over the wait for the other's condition, but its taker has said under it that it is through
#include "subject.h"

static pthread_mutex_t lock_odd = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t lock_even = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t odd = PTHREAD_COND_INITIALIZER;
static pthread_cond_t even = PTHREAD_COND_INITIALIZER;
static int state;

static void *turns(void *arg)
{
	pthread_mutex_lock(&lock_odd);
	state = 1;
	pthread_cond_signal(&odd);
	pthread_mutex_unlock(&lock_odd);
	pthread_mutex_lock(&lock_even);
	state = 2;
	pthread_cond_signal(&even);
	pthread_mutex_unlock(&lock_even);
	pthread_mutex_lock(&lock_odd);
	state = 3;
	pthread_cond_signal(&odd);
	pthread_mutex_unlock(&lock_odd);
	pthread_mutex_lock(&lock_even);
	state = 4;
	pthread_cond_signal(&even);
	pthread_mutex_unlock(&lock_even);
	return arg;
}

int main(void)
{
	pthread_t t;

	pthread_mutex_lock(&lock_odd);
	pthread_mutex_lock(&lock_even);
	pthread_create(&t, NULL, turns, NULL);
	while (state == 0)
		pthread_cond_wait(&odd, &lock_odd);
	while (state == 1)
		pthread_cond_wait(&even, &lock_even);
	while (state == 2)
		pthread_cond_wait(&odd, &lock_odd);
	while (state == 3)
		pthread_cond_wait(&even, &lock_even);
	pthread_mutex_unlock(&lock_odd);
	pthread_mutex_unlock(&lock_even);
	pthread_join(t, NULL);
	return 0;
}
