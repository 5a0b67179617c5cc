// expect: hazard ; kind: lock-condvar ; locks: lock_odd even ; note: two threads take turns, but one of them takes the other's kept lock once more before its second signal, without a word
#include "subject.h"

static pthread_mutex_t lock_odd = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t lock_even = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t odd = PTHREAD_COND_INITIALIZER;
static pthread_cond_t even = PTHREAD_COND_INITIALIZER;
static int state, counted, waits;

static void *turns(void *arg)
{
	pthread_mutex_lock(&lock_odd);
	state = 1;
	pthread_cond_signal(&odd);
	pthread_mutex_unlock(&lock_odd);
	pthread_mutex_lock(&lock_odd);
	__atomic_store_n(&counted, 1, __ATOMIC_RELEASE);
	pthread_mutex_unlock(&lock_odd);
	while (!__atomic_load_n(&waits, __ATOMIC_ACQUIRE))
		nap(5);
	pthread_mutex_lock(&lock_even);
	state = 2;
	pthread_cond_signal(&even);
	pthread_mutex_unlock(&lock_even);
	return arg;
}

int main(void)
{
	pthread_t t;

	pthread_mutex_lock(&lock_odd);
	pthread_create(&t, NULL, turns, NULL);
	while (state == 0)
		pthread_cond_wait(&odd, &lock_odd);
	pthread_mutex_unlock(&lock_odd);
	while (!__atomic_load_n(&counted, __ATOMIC_ACQUIRE))
		nap(5);
	pthread_mutex_lock(&lock_odd);
	pthread_mutex_lock(&lock_even);
	__atomic_store_n(&waits, 1, __ATOMIC_RELEASE);
	while (state == 1)
		pthread_cond_wait(&even, &lock_even);
	pthread_mutex_unlock(&lock_even);
	pthread_mutex_unlock(&lock_odd);
	pthread_join(t, NULL);
	return 0;
}
