// expect: hazard ; kind: signal-lock ; locks: lock_l ; note: installed, removed and installed again: the second time there is a section
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
	raise(SIGUSR1);
	signal(SIGUSR1, SIG_DFL);
	section(&lock_l);
	install(SIGUSR1, on_signal, 0);
	section(&lock_l);
	return 0;
}
