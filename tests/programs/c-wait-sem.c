// expect: clean ; kind: lock-semaphore ; locks: lock_state done ; note: a semaphore from 0 is waited for with a lock held which the poster takes only after it has posted
#include "subject.h"

static pthread_mutex_t lock_state = PTHREAD_MUTEX_INITIALIZER;
static sem_t done;

static void *first(void *arg)
{
	nap(50);
	pthread_mutex_lock(&lock_state);
	sem_wait(&done);
	pthread_mutex_unlock(&lock_state);
	return arg;
}

static void touch(void)
{
	pthread_mutex_lock(&lock_state);
	pthread_mutex_unlock(&lock_state);
}

static void *second(void *arg)
{
	nap(150);
	sem_post(&done);
	touch();
	return arg;
}

int main(void)
{
	sem_init(&done, 0, 0);
	run_two(first, second);
	return 0;
}
