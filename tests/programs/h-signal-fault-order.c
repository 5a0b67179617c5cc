// expect: hazard ; kind: signal-lock ; locks: lock_a lock_b ; note: the handler of a fault takes b where a is held, as a part of that code
#include "context.h"

static pthread_mutex_t lock_a = PTHREAD_MUTEX_INITIALIZER, lock_b = PTHREAD_MUTEX_INITIALIZER;

static sigjmp_buf out;
static void *volatile nowhere;

static void on_fault(int number)
{
	(void)number;
	section(&lock_b);
	siglongjmp(out, 1);
}

static void *faults(void *arg)
{
	(void)arg;
	pthread_mutex_lock(&lock_a);
	if (!sigsetjmp(out, 1))
		*(volatile int *)nowhere = 1;
	pthread_mutex_unlock(&lock_a);
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
	install(SIGSEGV, on_fault, 0);
	run_two(faults, other);
	return 0;
}
