// expect: hazard ; kind: signal-lock ; locks: lock_l ; note: a timer's signal (setitimer) while the main code takes the lock all the time
#include "context.h"

#include <sys/time.h>

static pthread_mutex_t lock_l = PTHREAD_MUTEX_INITIALIZER;

static void on_signal(int number)
{
	(void)number;
	section(&lock_l);
}

int main(void)
{
	struct itimerval once = { { 0, 0 }, { 0, 20000 } };

	install(SIGALRM, on_signal, SA_RESTART);
	for (int i = 0; i < 3; i++)
		section(&lock_l);
	setitimer(ITIMER_REAL, &once, NULL);
	nap(60);
	return 0;
}
