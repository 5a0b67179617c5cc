// expect: hang ; kind: lock-semaphore ; locks: lock_state done ; note: a semaphore is waited for with the mutex held which the only one who could post it is blocked at
#include "meet.h"

static pthread_mutex_t lock_state = PTHREAD_MUTEX_INITIALIZER;
static sem_t done;

static void *waits(void *arg)
{
	pthread_mutex_lock(&lock_state);
	meet(2);
	sem_wait(&done);
	pthread_mutex_unlock(&lock_state);
	return arg;
}

static void *posts(void *arg)
{
	meet(2);
	pthread_mutex_lock(&lock_state);
	pthread_mutex_unlock(&lock_state);
	sem_post(&done);
	return arg;
}

int main(void)
{
	sem_init(&done, 0, 0);
	run_two(waits, posts);
	return 0;
}
