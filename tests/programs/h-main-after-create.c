// expect: hazard ; kind: happens-before ; locks: lock_x lock_y ; note: the same two, but the thread is there already
#include "subject.h"

static pthread_mutex_t lock_x = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t lock_y = PTHREAD_MUTEX_INITIALIZER;

static void *first(void *arg)
{
	(void)arg;
	pthread_mutex_lock(&lock_x);
	pthread_mutex_lock(&lock_y);
	pthread_mutex_unlock(&lock_y);
	pthread_mutex_unlock(&lock_x);
	return NULL;
}

static void *second(void *arg)
{
	(void)arg;
	pthread_mutex_lock(&lock_y);
	pthread_mutex_lock(&lock_x);
	pthread_mutex_unlock(&lock_x);
	pthread_mutex_unlock(&lock_y);
	return NULL;
}

int main(void)
{
	pthread_t t;

	pthread_create(&t, NULL, second, NULL);
	nap(60);
	first(NULL);
	pthread_join(t, NULL);
	return 0;
}
