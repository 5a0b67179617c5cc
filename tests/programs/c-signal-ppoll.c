// expect: clean ; kind: signal-lock ; locks: lock_l ; note: the signal is blocked but for ppoll and pselect with nothing held
#include "context.h"

#include <poll.h>
#include <sys/select.h>

static pthread_mutex_t lock_l = PTHREAD_MUTEX_INITIALIZER;

static void on_signal(int number)
{
	(void)number;
	section(&lock_l);
}

int main(void)
{
	struct timespec soon = { 0, 1000000 };
	sigset_t none;

	sigemptyset(&none);
	mask(SIG_BLOCK, SIGUSR1);
	install(SIGUSR1, on_signal, 0);
	for (int i = 0; i < 2; i++) {
		section(&lock_l);
		raise(SIGUSR1);
		if (i)
			ppoll(NULL, 0, &soon, &none);
		else
			pselect(0, NULL, NULL, NULL, &soon, &none);
	}
	section(&lock_l);
	return 0;
}
