// expect: hang ; kind: lock-condvar ; locks: lock_state ready ; note: waits for a condition with a second lock held that the signaller takes first
#include "../../programs/subject.h"

static pthread_mutex_t lock_state = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t lock_ready = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t ready = PTHREAD_COND_INITIALIZER;
static int is_ready;

static void *waiter(void *arg)
{
	(void)arg;
	pthread_mutex_lock(&lock_state);
	pthread_mutex_lock(&lock_ready);
	while (!is_ready)
		pthread_cond_wait(&ready, &lock_ready);
	return NULL;
}

static void *signaller(void *arg)
{
	(void)arg;
	nap(100);
	pthread_mutex_lock(&lock_state);
	pthread_mutex_lock(&lock_ready);
	is_ready = 1;
	pthread_cond_signal(&ready);
	return NULL;
}

int main(void)
{
	run_two(waiter, signaller);
	return 0;
}
