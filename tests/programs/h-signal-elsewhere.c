// expect: hazard ; kind: signal-lock ; locks: lock_l ; note: the handler ran in another thread, but the signal is the process's
#include "context.h"

static pthread_mutex_t lock_l = PTHREAD_MUTEX_INITIALIZER;

static void on_signal(int number)
{
	(void)number;
	section(&lock_l);
}

static void *worker(void *arg)
{
	(void)arg;
	nap(60);
	return NULL;
}

int main(void)
{
	pthread_t t;

	install(SIGUSR1, on_signal, 0);
	pthread_create(&t, NULL, worker, NULL);
	section(&lock_l);
	mask(SIG_BLOCK, SIGUSR1);
	nap(20);
	kill(getpid(), SIGUSR1);
	pthread_join(t, NULL);
	return 0;
}
