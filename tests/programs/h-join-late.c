// expect: hazard ; kind: happens-before ; locks: lock_x lock_y ; note: joins come after both: they order nothing
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
	pthread_t a, b;

	pthread_create(&a, NULL, first, NULL);
	nap(60);
	pthread_create(&b, NULL, second, NULL);
	pthread_join(a, NULL);
	pthread_join(b, NULL);
	return 0;
}
