// expect: hazard ; kind: signal-lock ; locks: lock_l ; note: the signal is blocked but for a sigsuspend with the lock held
#include "context.h"

static pthread_mutex_t lock_l = PTHREAD_MUTEX_INITIALIZER;

static void on_signal(int number)
{
	(void)number;
	section(&lock_l);
}

static void on_other(int number)
{
	(void)number;
}

int main(void)
{
	sigset_t none;

	sigemptyset(&none);
	mask(SIG_BLOCK, SIGUSR1);
	mask(SIG_BLOCK, SIGUSR2);
	install(SIGUSR1, on_signal, 0);
	install(SIGUSR2, on_other, 0);
	raise(SIGUSR1);
	sigsuspend(&none);
	pthread_mutex_lock(&lock_l);
	raise(SIGUSR2);
	sigsuspend(&none);
	pthread_mutex_unlock(&lock_l);
	return 0;
}
