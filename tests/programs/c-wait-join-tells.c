// expect: clean ; kind: lock-join ; locks: book ; note: a worker tells under the lock that it is there, and again that it goes; who joins it with the lock held has read that there
#include "subject.h"

static pthread_mutex_t book = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t came = PTHREAD_COND_INITIALIZER;
static pthread_cond_t went = PTHREAD_COND_INITIALIZER;
static int n_there, n_gone;

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
	return arg;
}

int main(void)
{
	pthread_t t[2];

	for (int i = 0; i < 2; i++)
		pthread_create(&t[i], NULL, worker, NULL);
	pthread_mutex_lock(&book);
	while (n_there < 2)
		pthread_cond_wait(&came, &book);
	pthread_mutex_unlock(&book);
	pthread_mutex_lock(&book);
	while (n_gone < 2)
		pthread_cond_wait(&went, &book);
	for (int i = 0; i < 2; i++)
		pthread_join(t[i], NULL);
	pthread_mutex_unlock(&book);
	return 0;
}
