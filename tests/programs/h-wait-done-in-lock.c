// expect: hazard ; kind: completion ; locks: app ready ; note: one condition for two flags: the worker signals that it is up, takes a lock, and signals that it is done, which is waited for with that lock
#include "meet.h"

static pthread_mutex_t app = PTHREAD_MUTEX_INITIALIZER, m = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t ready = PTHREAD_COND_INITIALIZER;
static int up, done, worked, waits;

static void tell(int *flag)
{
	pthread_mutex_lock(&m);
	*flag = 1;
	pthread_cond_signal(&ready);
	pthread_mutex_unlock(&m);
}

static void *work(void *unused)
{
	tell(&up);
	pthread_mutex_lock(&app);
	pthread_mutex_unlock(&app);
	through(&worked); /* this time it has the lock first */
	await(&waits);
	tell(&done);
	return unused;
}

int main(void)
{
	pthread_t t;

	pthread_mutex_lock(&m);
	pthread_create(&t, NULL, work, NULL);
	while (!up)
		pthread_cond_wait(&ready, &m);
	pthread_mutex_unlock(&m);
	await(&worked);
	pthread_mutex_lock(&app);
	pthread_mutex_lock(&m);
	through(&waits);
	while (!done)
		pthread_cond_wait(&ready, &m);
	pthread_mutex_unlock(&m);
	pthread_mutex_unlock(&app);
	pthread_join(t, NULL);
	return 0;
}
