// expect: hazard ; kind: signal-lock ; locks: lock_b lock_a ; note: the handler takes a, its thread can hold b then, and another thread, which has the signal blocked, takes b under a
#include "context.h"

static pthread_mutex_t lock_a = PTHREAD_MUTEX_INITIALIZER, lock_b = PTHREAD_MUTEX_INITIALIZER;

static void on_signal(int number)
{
	(void)number;
	section(&lock_a);
}

static void *holds_b(void *arg)
{
	(void)arg;
	section(&lock_b);
	nap(30);
	return NULL;
}

static void *takes_b_under_a(void *arg)
{
	(void)arg;
	mask(SIG_BLOCK, SIGUSR1);
	nap(60);
	nested(&lock_a, &lock_b);
	return NULL;
}

int main(void)
{
	install(SIGUSR1, on_signal, 0);
	kill(getpid(), SIGUSR1);
	run_two(holds_b, takes_b_under_a);
	return 0;
}
