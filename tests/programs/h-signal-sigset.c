// expect: hazard ; kind: signal-lock ; locks: lock_l ; note: installed by sigset()
#include "context.h"

static pthread_mutex_t lock_l = PTHREAD_MUTEX_INITIALIZER;

static void on_signal(int number)
{
	(void)number;
	section(&lock_l);
}

int main(void)
{
	sigset(SIGUSR2, on_signal);
	section(&lock_l);
	raise(SIGUSR2);
	return 0;
}
