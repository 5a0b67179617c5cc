// expect: hazard ; kind: signal-lock ; locks: * ; note: each thread has a lock of its own, which its handler takes as well
#include "context.h"

static pthread_mutex_t own_lock[2] = { PTHREAD_MUTEX_INITIALIZER, PTHREAD_MUTEX_INITIALIZER };

static __thread pthread_mutex_t *mine;

static void on_signal(int number)
{
	(void)number;
	section(mine);
}

static void *worker(void *arg)
{
	mine = &own_lock[(long)arg];
	section(mine);
	nap(60);
	return NULL;
}

int main(void)
{
	pthread_t t[2];

	install(SIGUSR1, on_signal, 0);
	for (long i = 0; i < 2; i++)
		pthread_create(&t[i], NULL, worker, (void *)i);
	nap(30);
	for (int i = 0; i < 2; i++)
		pthread_kill(t[i], SIGUSR1);
	for (int i = 0; i < 2; i++)
		pthread_join(t[i], NULL);
	return 0;
}
