// expect: hang ; kind: mutex-cycle ; locks: lock_a lock_b lock_c ; note: three threads deadlock
#include "meet.h"

static pthread_mutex_t lock_a = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t lock_b = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t lock_c = PTHREAD_MUTEX_INITIALIZER;

static void *first(void *arg)
{
	(void)arg;
	pthread_mutex_lock(&lock_a);
	meet(3);
	pthread_mutex_lock(&lock_b);
	return NULL;
}

static void *second(void *arg)
{
	(void)arg;
	pthread_mutex_lock(&lock_b);
	meet(3);
	pthread_mutex_lock(&lock_c);
	return NULL;
}

static void *third(void *arg)
{
	(void)arg;
	pthread_mutex_lock(&lock_c);
	meet(3);
	pthread_mutex_lock(&lock_a);
	return NULL;
}

int main(void)
{
	run_three(first, second, third);
	return 0;
}
