// expect: hazard ; kind: signal-lock ; locks: lock_l ; note: a thread has its creator's mask, in which the signal can come
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
	section(&lock_l);
	return NULL;
}

int main(void)
{
	pthread_t t;

	install(SIGUSR1, on_signal, 0);
	pthread_create(&t, NULL, worker, NULL);
	mask(SIG_BLOCK, SIGUSR1);
	pthread_join(t, NULL);
	mask(SIG_UNBLOCK, SIGUSR1);
	kill(getpid(), SIGUSR1);
	return 0;
}
