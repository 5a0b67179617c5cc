// expect: clean ; kind: signal-lock ; locks: lock_l ; note: the signal is blocked but for a sigsuspend with nothing held
#include "context.h"

static pthread_mutex_t lock_l = PTHREAD_MUTEX_INITIALIZER;

static void on_signal(int number)
{
	(void)number;
	section(&lock_l);
}

int main(void)
{
	sigset_t none;

	sigemptyset(&none);
	mask(SIG_BLOCK, SIGUSR1);
	install(SIGUSR1, on_signal, 0);
	section(&lock_l);
	raise(SIGUSR1);
	sigsuspend(&none);
	section(&lock_l);
	return 0;
}
