// expect: clean ; kind: signal-lock ; locks: lock_l ; note: the handler is gone when the section begins: the default, or ignored
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
	signal(SIGUSR1, SIG_IGN);
	install(SIGUSR2, on_signal, 0);
	raise(SIGUSR2);
	sigset(SIGUSR2, SIG_DFL);
	section(&lock_l);
	raise(SIGUSR1);
	return 0;
}
