// expect: clean ; kind: happens-before ; locks: control pool ; note: the worker is created with control held, and takes it back after a wait with pool held; by then its creator, which waited for pool with control held, has let it in
#include "subject.h"

static pthread_mutex_t control = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t pool = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t ready = PTHREAD_COND_INITIALIZER;
static pthread_cond_t idle = PTHREAD_COND_INITIALIZER;
static int n_ready;

static void *worker(void *arg)
{
	struct timespec until;

	pthread_mutex_lock(&pool);
	n_ready++;
	pthread_cond_signal(&ready);
	pthread_mutex_unlock(&pool);
	pthread_mutex_lock(&control);
	pthread_mutex_lock(&pool);
	clock_gettime(CLOCK_REALTIME, &until);
	pthread_cond_timedwait(&idle, &control, &until);
	pthread_mutex_unlock(&control);
	pthread_mutex_lock(&control);
	pthread_mutex_unlock(&control);
	pthread_mutex_unlock(&pool);
	return arg;
}

int main(void)
{
	pthread_t t;

	pthread_mutex_lock(&pool);
	pthread_mutex_lock(&control);
	pthread_create(&t, NULL, worker, NULL);
	while (!n_ready)
		pthread_cond_wait(&ready, &pool);
	pthread_mutex_unlock(&control);
	pthread_mutex_unlock(&pool);
	pthread_join(t, NULL);
	return 0;
}
