// expect: clean ; kind: spinlock ; locks: spin_a spin_b ; note: one order, and the other by trylock
#include "subject.h"

static pthread_spinlock_t spin_a, spin_b;

static void *first(void *arg)
{
	(void)arg;
	pthread_spin_lock(&spin_a);
	pthread_spin_lock(&spin_b);
	pthread_spin_unlock(&spin_b);
	pthread_spin_unlock(&spin_a);
	return NULL;
}

static void *second(void *arg)
{
	(void)arg;
	nap(60);
	pthread_spin_lock(&spin_b);
	if (!pthread_spin_trylock(&spin_a))
		pthread_spin_unlock(&spin_a);
	pthread_spin_unlock(&spin_b);
	return NULL;
}

int main(void)
{
	pthread_spin_init(&spin_a, 0);
	pthread_spin_init(&spin_b, 0);
	run_two(first, second);
	return 0;
}
