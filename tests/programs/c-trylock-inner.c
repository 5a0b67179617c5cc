// expect: clean ; kind: trylock ; locks: lock_outer lock_inner ; note: the inverted one is only tried
#include "subject.h"

static pthread_mutex_t lock_outer = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t lock_inner = PTHREAD_MUTEX_INITIALIZER;

static void *first(void *arg)
{
	(void)arg;
	pthread_mutex_lock(&lock_outer);
	pthread_mutex_lock(&lock_inner);
	pthread_mutex_unlock(&lock_inner);
	pthread_mutex_unlock(&lock_outer);
	return NULL;
}

static void *second(void *arg)
{
	(void)arg;
	nap(60);
	pthread_mutex_lock(&lock_inner);
	if (!pthread_mutex_trylock(&lock_outer))
		pthread_mutex_unlock(&lock_outer);
	pthread_mutex_unlock(&lock_inner);
	return NULL;
}

int main(void)
{
	run_two(first, second);
	return 0;
}
