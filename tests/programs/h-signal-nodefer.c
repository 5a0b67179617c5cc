// expect: hazard ; kind: signal-lock ; locks: lock_l ; note: only the handler takes it, but its own signal can interrupt it (SA_NODEFER)
#include "context.h"

static pthread_mutex_t lock_l = PTHREAD_MUTEX_INITIALIZER;

static void on_signal(int number)
{
	(void)number;
	section(&lock_l);
}

int main(void)
{
	install(SIGUSR1, on_signal, SA_NODEFER);
	raise(SIGUSR1);
	return 0;
}
