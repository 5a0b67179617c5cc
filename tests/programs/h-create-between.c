// expect: hazard ; kind: happens-before ; locks: lock_x lock_y ; note: main takes the other order before, while and after the thread runs: the middle one counts
#include "meet.h"

static pthread_mutex_t lock_x = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t lock_y = PTHREAD_MUTEX_INITIALIZER;
static int done;

static void *work(void *arg)
{
	(void)arg;
	pthread_mutex_lock(&lock_x);
	pthread_mutex_lock(&lock_y);
	pthread_mutex_unlock(&lock_y);
	pthread_mutex_unlock(&lock_x);
	through(&done);
	return NULL;
}

static void main_order(void)
{
	pthread_mutex_lock(&lock_y);
	pthread_mutex_lock(&lock_x);
	pthread_mutex_unlock(&lock_x);
	pthread_mutex_unlock(&lock_y);
}

int main(void)
{
	pthread_t t;

	main_order();
	pthread_create(&t, NULL, work, NULL);
	pthread_join(t, NULL);
	main_order();
	done = 0;
	pthread_create(&t, NULL, work, NULL);
	await(&done);
	main_order();
	pthread_join(t, NULL);
	main_order();
	return 0;
}
