// expect: clean ; kind: signal-lock ; locks: lock_l ; note: the signal is blocked while the lock is held
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
	for (int i = 0; i < 3; i++) {
		mask(SIG_BLOCK, SIGUSR1);
		section(&lock_l);
		mask(SIG_UNBLOCK, SIGUSR1);
		raise(SIGUSR1);
	}
	return 0;
}
