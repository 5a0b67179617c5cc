// expect: hang ; kind: signal-lock ; locks: lock_l ; note: the signal comes while its own thread holds what the handler takes
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
	pthread_mutex_lock(&lock_l);
	raise(SIGUSR1);
	pthread_mutex_unlock(&lock_l);
	return 0;
}
