// expect: clean ; kind: mutex-cycle ; locks: lock_a lock_b lock_c ; note: three threads, a before b before c
#include "subject.h"

static pthread_mutex_t lock_a = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t lock_b = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t lock_c = PTHREAD_MUTEX_INITIALIZER;

static void *first(void *arg)
{
	(void)arg;
	pthread_mutex_lock(&lock_a);
	pthread_mutex_lock(&lock_b);
	pthread_mutex_unlock(&lock_b);
	pthread_mutex_unlock(&lock_a);
	return NULL;
}

static void *second(void *arg)
{
	(void)arg;
	nap(40);
	pthread_mutex_lock(&lock_b);
	pthread_mutex_lock(&lock_c);
	pthread_mutex_unlock(&lock_c);
	pthread_mutex_unlock(&lock_b);
	return NULL;
}

static void *third(void *arg)
{
	(void)arg;
	nap(80);
	pthread_mutex_lock(&lock_a);
	pthread_mutex_lock(&lock_c);
	pthread_mutex_unlock(&lock_c);
	pthread_mutex_unlock(&lock_a);
	return NULL;
}

int main(void)
{
	run_three(first, second, third);
	return 0;
}
