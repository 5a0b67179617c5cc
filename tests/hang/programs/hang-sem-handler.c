// expect: hang ; kind: lock-semaphore ; verdict: stuck ; locks: lock_state done ; note: a handler could post, live and in the core, which only tells that there may be one
#include "../../programs/meet.h"
#include <signal.h>

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

static void on_signal(int number)
{
	(void)number;
	sem_post(&done);
}

int main(void)
{
	signal(SIGUSR1, on_signal);
	sem_init(&done, 0, 0);
	run_two(waits, posts);
	return 0;
}
