// expect: clean ; kind: scale ; locks: lock_top lock_bottom ; note: seventy locks deep, in order
#include "subject.h"

#define DEPTH 70

static pthread_mutex_t level[DEPTH];
static pthread_mutex_t lock_top = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t lock_bottom = PTHREAD_MUTEX_INITIALIZER;

static void *down(void *arg)
{
	(void)arg;
	pthread_mutex_lock(&lock_top);
	for (int i = 0; i < DEPTH; i++)
		pthread_mutex_lock(&level[i]);
	pthread_mutex_lock(&lock_bottom);
	pthread_mutex_unlock(&lock_bottom);
	for (int i = DEPTH; i--;)
		pthread_mutex_unlock(&level[i]);
	pthread_mutex_unlock(&lock_top);
	return NULL;
}

static void *again(void *arg)
{
	(void)arg;
	nap(60);
	pthread_mutex_lock(&lock_top);
	pthread_mutex_lock(&lock_bottom);
	pthread_mutex_unlock(&lock_bottom);
	pthread_mutex_unlock(&lock_top);
	return NULL;
}

int main(void)
{
	for (int i = 0; i < DEPTH; i++)
		pthread_mutex_init(&level[i], NULL);
	run_two(down, again);
	return 0;
}
