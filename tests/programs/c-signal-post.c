// expect: clean ; kind: signal-lock ; locks: lock_l ; note: a handler posts; threads wait with and without other locks held
#include "context.h"

static pthread_mutex_t lock_l = PTHREAD_MUTEX_INITIALIZER;
static sem_t posted;

static void on_signal(int number)
{
	(void)number;
	sem_post(&posted);
}

static void *waiter(void *arg)
{
	(void)arg;
	mask(SIG_BLOCK, SIGUSR1);
	pthread_mutex_lock(&lock_l);
	pthread_mutex_unlock(&lock_l);
	while (sem_wait(&posted)) {
	}
	return NULL;
}

int main(void)
{
	pthread_t t;

	sem_init(&posted, 0, 0);
	install(SIGUSR1, on_signal, 0);
	pthread_create(&t, NULL, waiter, NULL);
	section(&lock_l);
	kill(getpid(), SIGUSR1);
	pthread_join(t, NULL);
	return 0;
}
