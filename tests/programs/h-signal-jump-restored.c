// expect: hazard ; kind: signal-lock ; locks: lock_l ; note: a jump out of a handler that brings the mask of before back
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
	if (!sigsetjmp(out, 1))
		raise(SIGUSR1);
	section(&lock_l);
	return 0;
}
