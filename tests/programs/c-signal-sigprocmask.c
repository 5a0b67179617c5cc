// expect: clean ; kind: signal-lock ; locks: lock_l ; note: all signals are blocked while the lock is held, and the old mask comes back
#include "context.h"

static pthread_mutex_t lock_l = PTHREAD_MUTEX_INITIALIZER;

static void on_signal(int number)
{
	(void)number;
	section(&lock_l);
}

int main(void)
{
	sigset_t all, before;

	install(SIGUSR1, on_signal, 0);
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, &before);
	pthread_mutex_lock(&lock_l);
	raise(SIGUSR1);
	pthread_mutex_unlock(&lock_l);
	sigprocmask(SIG_SETMASK, &before, NULL);
	return 0;
}
