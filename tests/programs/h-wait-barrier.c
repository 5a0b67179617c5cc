// expect: hazard ; kind: completion ; locks: lock_phase phase_end ; note: one party arrives at a barrier with a lock held which the other takes before it arrives
#include "subject.h"

static pthread_mutex_t lock_phase = PTHREAD_MUTEX_INITIALIZER;
static pthread_barrier_t phase_end;

static void touch(void)
{
	pthread_mutex_lock(&lock_phase);
	pthread_mutex_unlock(&lock_phase);
}

static void *first(void *arg)
{
	nap(50);
	pthread_mutex_lock(&lock_phase);
	pthread_barrier_wait(&phase_end);
	pthread_mutex_unlock(&lock_phase);
	return arg;
}

static void *second(void *arg)
{
	touch();
	nap(150);
	pthread_barrier_wait(&phase_end);
	return arg;
}

int main(void)
{
	pthread_barrier_init(&phase_end, NULL, 2);
	run_two(first, second);
	return 0;
}
