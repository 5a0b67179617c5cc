// expect: clean ; kind: happens-before ; locks: lock_x lock_y ; note: main takes the other order before it creates the threads and again when it has joined them, twice over
#include "subject.h"

static pthread_mutex_t lock_x = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t lock_y = PTHREAD_MUTEX_INITIALIZER;

static void *work(void *arg)
{
	(void)arg;
	for (int i = 0; i < 3; i++) {
		pthread_mutex_lock(&lock_x);
		pthread_mutex_lock(&lock_y);
		pthread_mutex_unlock(&lock_y);
		pthread_mutex_unlock(&lock_x);
	}
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
	main_order();
	for (int i = 0; i < 2; i++) {
		run_two(work, work);
		main_order();
	}
	return 0;
}
