// expect: hang ; kind: barrier ; locks: lock_phase meeting ; note: one waits at the barrier with the lock that the other party needs on its way there
#include "../../programs/subject.h"

static pthread_mutex_t lock_phase = PTHREAD_MUTEX_INITIALIZER;
static pthread_barrier_t meeting;

static void *early(void *arg)
{
	(void)arg;
	pthread_mutex_lock(&lock_phase);
	pthread_barrier_wait(&meeting);
	return NULL;
}

static void *late(void *arg)
{
	(void)arg;
	nap(100);
	pthread_mutex_lock(&lock_phase);
	pthread_barrier_wait(&meeting);
	return NULL;
}

int main(void)
{
	pthread_barrier_init(&meeting, NULL, 2);
	run_two(early, late);
	return 0;
}
