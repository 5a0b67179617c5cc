// expect: clean ; kind: signal-lock ; locks: lock_l ; note: only the handler takes it, and its signal waits until it is through
#include "context.h"

static pthread_mutex_t lock_l = PTHREAD_MUTEX_INITIALIZER;

static void on_signal(int number)
{
	(void)number;
	section(&lock_l);
}

int main(void)
{
	install(SIGUSR1, on_signal, 0);
	raise(SIGUSR1);
	raise(SIGUSR1);
	return 0;
}
