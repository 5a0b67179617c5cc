// expect: hazard ; kind: gate-lock ; locks: lock_p lock_q ; note: each path has a gate, but not the same one
#include "subject.h"

static pthread_mutex_t gate_1 = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t gate_2 = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t lock_p = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t lock_q = PTHREAD_MUTEX_INITIALIZER;

static void *first(void *arg)
{
	(void)arg;
	pthread_mutex_lock(&gate_1);
	pthread_mutex_lock(&lock_p);
	pthread_mutex_lock(&lock_q);
	pthread_mutex_unlock(&lock_q);
	pthread_mutex_unlock(&lock_p);
	pthread_mutex_unlock(&gate_1);
	return NULL;
}

static void *second(void *arg)
{
	(void)arg;
	nap(60);
	pthread_mutex_lock(&gate_2);
	pthread_mutex_lock(&lock_q);
	pthread_mutex_lock(&lock_p);
	pthread_mutex_unlock(&lock_p);
	pthread_mutex_unlock(&lock_q);
	pthread_mutex_unlock(&gate_2);
	return NULL;
}

int main(void)
{
	run_two(first, second);
	return 0;
}
