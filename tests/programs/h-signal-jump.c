// expect: hazard ; kind: signal-lock ; locks: lock_a lock_b ; note: a thread that has jumped out of a handler goes on with its own locks
#include "context.h"

static pthread_mutex_t lock_a = PTHREAD_MUTEX_INITIALIZER, lock_b = PTHREAD_MUTEX_INITIALIZER;

static sigjmp_buf out;

static void on_signal(int number)
{
	(void)number;
	siglongjmp(out, 1);
}

static void *jumps(void *arg)
{
	(void)arg;
	if (!sigsetjmp(out, 1))
		raise(SIGUSR1);
	nested(&lock_a, &lock_b);
	return NULL;
}

static void *other(void *arg)
{
	(void)arg;
	nap(60);
	nested(&lock_b, &lock_a);
	return NULL;
}

int main(void)
{
	install(SIGUSR1, on_signal, 0);
	run_two(jumps, other);
	return 0;
}
