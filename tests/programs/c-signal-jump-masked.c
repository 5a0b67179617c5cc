// expect: clean ; kind: signal-lock ; locks: lock_l ; note: a jump out of a handler that leaves its mask as it was in the handler
#include "context.h"

static pthread_mutex_t lock_l = PTHREAD_MUTEX_INITIALIZER;

static sigjmp_buf out;

static void on_signal(int number)
{
	(void)number;
	section(&lock_l);
	siglongjmp(out, 1);
}

int main(void)
{
	install(SIGUSR1, on_signal, 0);
	if (!sigsetjmp(out, 0))
		raise(SIGUSR1);
	section(&lock_l);
	return 0;
}
