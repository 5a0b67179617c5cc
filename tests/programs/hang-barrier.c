// expect: hang ; kind: completion ; locks: lock_phase phase_end ; note: one party stands at a barrier with the lock held at which the other is blocked
#include "meet.h"

static pthread_mutex_t lock_phase = PTHREAD_MUTEX_INITIALIZER;
static pthread_barrier_t phase_end;

static void *first(void *arg)
{
	pthread_mutex_lock(&lock_phase);
	meet(2);
	pthread_barrier_wait(&phase_end);
	pthread_mutex_unlock(&lock_phase);
	return arg;
}

static void *second(void *arg)
{
	meet(2);
	pthread_mutex_lock(&lock_phase);
	pthread_mutex_unlock(&lock_phase);
	pthread_barrier_wait(&phase_end);
	return arg;
}

int main(void)
{
	pthread_barrier_init(&phase_end, NULL, 2);
	run_two(first, second);
	return 0;
}
