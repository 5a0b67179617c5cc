// expect: hazard ; kind: happens-before ; locks: lock_red lock_black ; note: in one of many rounds a thread takes the two locks in the phase of the other one
#include "meet.h"

enum { ROUNDS = 100 };

static pthread_mutex_t lock_red = PTHREAD_MUTEX_INITIALIZER, lock_black = PTHREAD_MUTEX_INITIALIZER;
static pthread_barrier_t phase;
static int first_done[ROUNDS];

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
		through(&first_done[i]);
		pthread_barrier_wait(&phase);
		pthread_barrier_wait(&phase);
	}
	return arg;
}

static void *black(void *arg)
{
	for (int i = 0; i < ROUNDS; i++) {
		if (i == 5) {
			await(&first_done[i]);
			both(&lock_black, &lock_red);
		}
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
