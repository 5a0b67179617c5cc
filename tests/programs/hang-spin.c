// expect: hang ; kind: spinlock ; locks: spin_a lock_b ; note: one spins, the other sleeps
#include "meet.h"

static pthread_spinlock_t spin_a;
static pthread_mutex_t lock_b = PTHREAD_MUTEX_INITIALIZER;

static void *first(void *arg)
{
	(void)arg;
	pthread_spin_lock(&spin_a);
	meet(2);
	pthread_mutex_lock(&lock_b);
	return NULL;
}

static void *second(void *arg)
{
	(void)arg;
	pthread_mutex_lock(&lock_b);
	meet(2);
	pthread_spin_lock(&spin_a);
	return NULL;
}

int main(void)
{
	pthread_spin_init(&spin_a, 0);
	run_two(first, second);
	return 0;
}
