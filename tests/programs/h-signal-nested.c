// expect: hazard ; kind: signal-lock ; locks: lock_l ; note: handlers of two signals take it, and one can interrupt the other
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
	install(SIGUSR2, on_signal, 0);
	raise(SIGUSR1);
	raise(SIGUSR2);
	return 0;
}
