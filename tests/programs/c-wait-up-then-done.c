// expect: clean ; kind: completion ; locks: app ready ; note: one condition for two flags: the worker signals that it is up, takes the lock that is held until then, and signals that it is done
#include "subject.h"

static pthread_mutex_t app = PTHREAD_MUTEX_INITIALIZER, m = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t ready = PTHREAD_COND_INITIALIZER;
static int up, done;

static void tell(int *flag)
{
	pthread_mutex_lock(&m); /* not before the one that waits for it does */
	*flag = 1;
	pthread_cond_signal(&ready);
	pthread_mutex_unlock(&m);
}

static void *work(void *unused)
{
	tell(&up);
	pthread_mutex_lock(&app);
	pthread_mutex_unlock(&app);
	tell(&done);
	return unused;
}

int main(void)
{
	pthread_t t;

	pthread_mutex_lock(&app);
	pthread_mutex_lock(&m);
	pthread_create(&t, NULL, work, NULL);
	while (!up)
		pthread_cond_wait(&ready, &m);
	pthread_mutex_unlock(&app);
	while (!done)
		pthread_cond_wait(&ready, &m);
	pthread_mutex_unlock(&m);
	pthread_join(t, NULL);
	return 0;
}
