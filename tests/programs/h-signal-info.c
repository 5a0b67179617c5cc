// expect: hazard ; kind: signal-lock ; locks: lock_l ; note: the same by a handler with three arguments
#include "context.h"

static pthread_mutex_t lock_l = PTHREAD_MUTEX_INITIALIZER;

static void on_signal(int number, siginfo_t *info, void *context)
{
	(void)context;
	if (number == SIGUSR1 && info->si_pid == getpid())
		section(&lock_l);
}

int main(void)
{
	struct sigaction action = { .sa_sigaction = on_signal, .sa_flags = SA_SIGINFO | SA_RESTART };

	sigaction(SIGUSR1, &action, NULL);
	section(&lock_l);
	raise(SIGUSR1);
	return 0;
}
