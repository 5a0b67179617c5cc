// expect: clean ; kind: gate-lock ; locks: gate_outer gate_inner lock_p lock_q ; note: the common gate is two levels up on one path, one on the other
#include "subject.h"

static pthread_mutex_t gate_outer = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t gate_inner = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t lock_p = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t lock_q = PTHREAD_MUTEX_INITIALIZER;

static void *first(void *arg)
{
	(void)arg;
	pthread_mutex_lock(&gate_outer);
	pthread_mutex_lock(&gate_inner);
	pthread_mutex_lock(&lock_p);
	pthread_mutex_lock(&lock_q);
	pthread_mutex_unlock(&lock_q);
	pthread_mutex_unlock(&lock_p);
	pthread_mutex_unlock(&gate_inner);
	pthread_mutex_unlock(&gate_outer);
	return NULL;
}

static void *second(void *arg)
{
	(void)arg;
	nap(60);
	pthread_mutex_lock(&gate_outer);
	pthread_mutex_lock(&lock_q);
	pthread_mutex_lock(&lock_p);
	pthread_mutex_unlock(&lock_p);
	pthread_mutex_unlock(&lock_q);
	pthread_mutex_unlock(&gate_outer);
	return NULL;
}

int main(void)
{
	run_two(first, second);
	return 0;
}
