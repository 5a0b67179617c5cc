// expect: hazard ; kind: signal-lock ; locks: lock_l ; note: the handler is installed while the lock is held
#include "context.h"

static pthread_mutex_t lock_l = PTHREAD_MUTEX_INITIALIZER;

static void on_signal(int number)
{
	(void)number;
	section(&lock_l);
}

int main(void)
{
	pthread_mutex_lock(&lock_l);
	install(SIGUSR1, on_signal, 0);
	nap(1);
	pthread_mutex_unlock(&lock_l);
	raise(SIGUSR1);
	return 0;
}
