// expect: clean ; kind: signal-lock ; locks: lock_l ; note: the handler of a fault takes a lock; what faults does not hold it
#include "context.h"

static pthread_mutex_t lock_l = PTHREAD_MUTEX_INITIALIZER;

static sigjmp_buf out;
static void *volatile nowhere;

static void on_fault(int number)
{
	(void)number;
	section(&lock_l);
	siglongjmp(out, 1);
}

int main(void)
{
	install(SIGSEGV, on_fault, 0);
	section(&lock_l);
	if (!sigsetjmp(out, 1))
		*(volatile int *)nowhere = 1;
	section(&lock_l);
	return 0;
}
