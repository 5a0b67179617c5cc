// expect: hazard ; kind: lock-join ; locks: book join_worker ; note: as c-wait-join-tells, but the worker takes the lock once more when it has told that it goes
#include "asleep.h"

static pthread_mutex_t book = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t came = PTHREAD_COND_INITIALIZER;
static pthread_cond_t went = PTHREAD_COND_INITIALIZER;
static int n_there, n_gone, n_lines, is_through;

static void *worker(void *arg)
{
	pthread_mutex_lock(&book);
	n_there++;
	pthread_cond_signal(&came);
	pthread_mutex_unlock(&book);
	nap(2);
	pthread_mutex_lock(&book);
	n_gone++;
	pthread_cond_broadcast(&went);
	pthread_mutex_unlock(&book);
	pthread_mutex_lock(&book);
	n_lines++;
	pthread_mutex_unlock(&book);
	flag_set(&is_through);
	return arg;
}

int main(void)
{
	pthread_t t;

	pthread_create(&t, NULL, worker, NULL);
	pthread_mutex_lock(&book);
	while (!n_there)
		pthread_cond_wait(&came, &book);
	pthread_mutex_unlock(&book);
	flag_await(&is_through);
	pthread_mutex_lock(&book);
	pthread_join(t, NULL);
	pthread_mutex_unlock(&book);
	return 0;
}
