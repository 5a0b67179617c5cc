// expect: clean ; kind: signal-lock ; locks: lock_l ; note: the signal is only ever sent to another thread, which never holds the lock
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
	pthread_kill(t, SIGUSR1);
	pthread_join(t, NULL);
	return 0;
}
