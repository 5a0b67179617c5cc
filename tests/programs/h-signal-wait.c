// expect: hazard ; kind: signal-lock ; locks: lock_l posted ; note: the handler waits for a post of a thread that takes its interrupted one's lock first
#include "context.h"

static pthread_mutex_t lock_l = PTHREAD_MUTEX_INITIALIZER;
static sem_t posted;

static void on_signal(int number)
{
	(void)number;
	sem_wait(&posted);
}

static void *poster(void *arg)
{
	(void)arg;
	section(&lock_l);
	sem_post(&posted);
	return NULL;
}

int main(void)
{
	pthread_t t;

	sem_init(&posted, 0, 0);
	install(SIGUSR1, on_signal, 0);
	pthread_create(&t, NULL, poster, NULL);
	section(&lock_l);
	raise(SIGUSR1);
	pthread_join(t, NULL);
	return 0;
}
