// expect: misuse ; kind: relock ; locks: spin_self ; note: a thread spins for what it holds; another one ends the program before long
#include "subject.h"

static pthread_spinlock_t spin_self;

static void *self(void *arg)
{
	(void)arg;
	pthread_spin_lock(&spin_self);
	pthread_spin_lock(&spin_self);
	return NULL;
}

static void *watch(void *arg)
{
	(void)arg;
	nap(100);
	_exit(0);
	return NULL;
}

int main(void)
{
	pthread_spin_init(&spin_self, PTHREAD_PROCESS_PRIVATE);
	run_two(self, watch);
	return 0;
}
