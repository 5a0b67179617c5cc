// expect: idle ; kind: rwlock ; verdict: blocked ; note: a writer waits for a reader who sleeps: only a session knows who reads, and who signals
#include "../../programs/meet.h"

static pthread_mutex_t lock_cv = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t ready = PTHREAD_COND_INITIALIZER;
static pthread_rwlock_t rw_table = PTHREAD_RWLOCK_INITIALIZER;

static void *reader(void *arg)
{
	(void)arg;
	pthread_rwlock_rdlock(&rw_table);
	meet(2);
	for (;;)
		nap(1000);
}

static void *writer(void *arg)
{
	meet(2);
	pthread_rwlock_wrlock(&rw_table);
	return arg;
}

static void *waker(void *arg)
{
	(void)arg;
	nap(50);
	pthread_mutex_lock(&lock_cv);
	pthread_cond_signal(&ready);
	pthread_mutex_unlock(&lock_cv);
	for (;;)
		nap(1000);
}

int main(void)
{
	pthread_t t[3];

	pthread_create(&t[0], NULL, reader, NULL);
	pthread_create(&t[1], NULL, writer, NULL);
	pthread_create(&t[2], NULL, waker, NULL);
	pthread_mutex_lock(&lock_cv);
	for (;;)
		pthread_cond_wait(&ready, &lock_cv);
}
