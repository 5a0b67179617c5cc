// expect: hazard ; kind: spinlock ; locks: spin_a lock_b ; note: a spinlock and a mutex
#include "subject.h"

static pthread_spinlock_t spin_a;
static pthread_mutex_t lock_b = PTHREAD_MUTEX_INITIALIZER;

static void *first(void *arg)
{
	(void)arg;
	pthread_spin_lock(&spin_a);
	pthread_mutex_lock(&lock_b);
	pthread_mutex_unlock(&lock_b);
	pthread_spin_unlock(&spin_a);
	return NULL;
}

static void *second(void *arg)
{
	(void)arg;
	nap(60);
	pthread_mutex_lock(&lock_b);
	pthread_spin_lock(&spin_a);
	pthread_spin_unlock(&spin_a);
	pthread_mutex_unlock(&lock_b);
	return NULL;
}

int main(void)
{
	pthread_spin_init(&spin_a, 0);
	run_two(first, second);
	return 0;
}
