// expect: clean ; kind: signal-lock ; locks: lock_l ; note: a handler for one time (SA_RESETHAND) has run before the section
#include "context.h"

static pthread_mutex_t lock_l = PTHREAD_MUTEX_INITIALIZER;

static void on_signal(int number)
{
	(void)number;
	section(&lock_l);
}

int main(void)
{
	install(SIGUSR1, on_signal, (int)SA_RESETHAND);
	raise(SIGUSR1);
	section(&lock_l);
	return 0;
}
