// expect: clean ; kind: signal-lock ; locks: lock_l ; note: a thread waits for the signal and takes the lock as any other does
#include "context.h"

static pthread_mutex_t lock_l = PTHREAD_MUTEX_INITIALIZER;

static void *waiter(void *arg)
{
	sigset_t set;
	int number;

	(void)arg;
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigwait(&set, &number);
	section(&lock_l);
	return NULL;
}

int main(void)
{
	pthread_t t;

	mask(SIG_BLOCK, SIGUSR1);
	pthread_create(&t, NULL, waiter, NULL);
	section(&lock_l);
	kill(getpid(), SIGUSR1);
	pthread_join(t, NULL);
	return 0;
}
