// expect: clean ; kind: lock-condvar ; locks: lock_start finished ; note: the lock is kept over the wait for the end, but the other thread has said under it before that it has started
#include "subject.h"

static pthread_mutex_t lock_start = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t lock_finish = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t started = PTHREAD_COND_INITIALIZER;
static pthread_cond_t finished = PTHREAD_COND_INITIALIZER;
static int has_started, has_finished;

static void *worker(void *arg)
{
	nap(60);
	pthread_mutex_lock(&lock_start);
	has_started = 1;
	pthread_cond_signal(&started);
	pthread_mutex_unlock(&lock_start);
	nap(100);
	pthread_mutex_lock(&lock_finish);
	has_finished = 1;
	pthread_cond_signal(&finished);
	pthread_mutex_unlock(&lock_finish);
	return arg;
}

int main(void)
{
	pthread_t t;

	pthread_mutex_lock(&lock_start);
	pthread_create(&t, NULL, worker, NULL);
	while (!has_started)
		pthread_cond_wait(&started, &lock_start);
	pthread_mutex_lock(&lock_finish);
	while (!has_finished)
		pthread_cond_wait(&finished, &lock_finish);
	pthread_mutex_unlock(&lock_finish);
	pthread_mutex_unlock(&lock_start);
	pthread_join(t, NULL);
	return 0;
}
