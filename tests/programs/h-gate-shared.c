// expect: hazard ; kind: gate-lock ; locks: lock_p lock_q ; note: a gate that both paths hold for reading lets both in
#include "subject.h"

static pthread_rwlock_t rw_gate = PTHREAD_RWLOCK_INITIALIZER;
static pthread_mutex_t lock_p = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t lock_q = PTHREAD_MUTEX_INITIALIZER;

static void *first(void *arg)
{
	(void)arg;
	pthread_rwlock_rdlock(&rw_gate);
	pthread_mutex_lock(&lock_p);
	pthread_mutex_lock(&lock_q);
	pthread_mutex_unlock(&lock_q);
	pthread_mutex_unlock(&lock_p);
	pthread_rwlock_unlock(&rw_gate);
	return NULL;
}

static void *second(void *arg)
{
	(void)arg;
	nap(60);
	pthread_rwlock_rdlock(&rw_gate);
	pthread_mutex_lock(&lock_q);
	pthread_mutex_lock(&lock_p);
	pthread_mutex_unlock(&lock_p);
	pthread_mutex_unlock(&lock_q);
	pthread_rwlock_unlock(&rw_gate);
	return NULL;
}

int main(void)
{
	run_two(first, second);
	return 0;
}
