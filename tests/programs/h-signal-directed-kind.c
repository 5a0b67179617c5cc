// expect: hazard ; kind: signal-lock ; locks: lock_l ; note: the signal is sent to one worker; another worker holds the lock
#include "context.h"

static pthread_mutex_t lock_l = PTHREAD_MUTEX_INITIALIZER;

static void on_signal(int number)
{
	(void)number;
	section(&lock_l);
}

static void *worker(void *arg)
{
	if (arg)
		section(&lock_l);
	nap(60);
	return NULL;
}

int main(void)
{
	volatile long workers = 2; /* one place for both */
	pthread_t t[2];

	install(SIGUSR1, on_signal, 0);
	for (long i = 0; i < workers; i++)
		pthread_create(&t[i], NULL, worker, (void *)i);
	nap(30);
	pthread_kill(t[0], SIGUSR1);
	for (int i = 0; i < 2; i++)
		pthread_join(t[i], NULL);
	return 0;
}
