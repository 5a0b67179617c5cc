// expect: clean ; kind: signal-lock ; locks: lock_l ; note: handlers of two signals take it, and each blocks the other
#include "context.h"

static pthread_mutex_t lock_l = PTHREAD_MUTEX_INITIALIZER;

static void on_signal(int number)
{
	(void)number;
	section(&lock_l);
}

int main(void)
{
	struct sigaction action = { .sa_handler = on_signal };

	sigaddset(&action.sa_mask, SIGUSR1);
	sigaddset(&action.sa_mask, SIGUSR2);
	sigaction(SIGUSR1, &action, NULL);
	sigaction(SIGUSR2, &action, NULL);
	raise(SIGUSR1);
	raise(SIGUSR2);
	return 0;
}
