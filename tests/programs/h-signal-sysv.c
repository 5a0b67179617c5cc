// expect: hazard ; kind: signal-lock ; locks: lock_l ; note: installed by sysv_signal(): the section is before the one time
#include "context.h"

static pthread_mutex_t lock_l = PTHREAD_MUTEX_INITIALIZER;
extern void (*__sysv_signal(int number, void (*handler)(int)))(int);

static void on_signal(int number)
{
	(void)number;
	section(&lock_l);
}

int main(void)
{
	__sysv_signal(SIGUSR2, on_signal);
	section(&lock_l);
	raise(SIGUSR2);
	return 0;
}
