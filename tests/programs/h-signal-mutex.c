// expect: hazard ; kind: signal-lock ; locks: lock_l ; note: a handler takes the mutex of its own thread, which was not in it when the signal came
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
	section(&lock_l);
	kill(getpid(), SIGUSR1);
	return 0;
}
