// expect: clean ; kind: happens-before ; locks: lock_red lock_black ; note: the two orders change from phase to phase, over many rounds, with a barrier of all threads between the phases
#include "meet.h"

enum { ROUNDS = 100 };

static pthread_mutex_t lock_red = PTHREAD_MUTEX_INITIALIZER, lock_black = PTHREAD_MUTEX_INITIALIZER;
static pthread_barrier_t phase;

static void both(pthread_mutex_t *outer, pthread_mutex_t *inner)
{
	pthread_mutex_lock(outer);
	pthread_mutex_lock(inner);
	pthread_mutex_unlock(inner);
	pthread_mutex_unlock(outer);
}

static void *red(void *arg)
{
	for (int i = 0; i < ROUNDS; i++) {
		both(&lock_red, &lock_black);
		pthread_barrier_wait(&phase);
		pthread_barrier_wait(&phase);
	}
	return arg;
}

static void *black(void *arg)
{
	for (int i = 0; i < ROUNDS; i++) {
		pthread_barrier_wait(&phase);
		both(&lock_black, &lock_red);
		pthread_barrier_wait(&phase);
	}
	return arg;
}

int main(void)
{
	pthread_barrier_init(&phase, NULL, 2);
	run_two(red, black);
	return 0;
}
