// expect: clean ; kind: mutex-order ; locks: cache_lock index_lock ; note: one order in both threads, released in any order
#include "subject.h"

static pthread_mutex_t cache_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t index_lock = PTHREAD_MUTEX_INITIALIZER;

static void *first(void *arg)
{
	(void)arg;
	pthread_mutex_lock(&cache_lock);
	pthread_mutex_lock(&index_lock);
	pthread_mutex_unlock(&cache_lock);
	pthread_mutex_unlock(&index_lock);
	return NULL;
}

static void *second(void *arg)
{
	(void)arg;
	nap(60);
	pthread_mutex_lock(&cache_lock);
	pthread_mutex_lock(&index_lock);
	pthread_mutex_unlock(&index_lock);
	pthread_mutex_unlock(&cache_lock);
	return NULL;
}

int main(void)
{
	run_two(first, second);
	return 0;
}
