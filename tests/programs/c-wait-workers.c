// expect: clean ; kind: completion ; locks: lock_jobs more all_done ; note: idle workers, several of one class, which wait for jobs and complete them; a job may submit another
#include "subject.h"

#define WORKERS 3
#define JOBS 12

static pthread_mutex_t lock_jobs = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t more = PTHREAD_COND_INITIALIZER;
static pthread_cond_t all_done = PTHREAD_COND_INITIALIZER;
static int small, big, done, closed;

static void *worker(void *arg)
{
	pthread_mutex_lock(&lock_jobs);
	for (;;) {
		while (!small && !big && !closed)
			pthread_cond_wait(&more, &lock_jobs);
		if (small) {
			small--;
			pthread_mutex_unlock(&lock_jobs);
			nap(3);
			pthread_mutex_lock(&lock_jobs);
			if (++done == JOBS)
				pthread_cond_broadcast(&all_done);
		} else if (big) {
			big--;
			pthread_mutex_unlock(&lock_jobs);
			nap(3);
			pthread_mutex_lock(&lock_jobs);
			small++;
			pthread_cond_signal(&more);
		} else {
			break;
		}
	}
	pthread_mutex_unlock(&lock_jobs);
	return arg;
}

int main(void)
{
	pthread_t t[WORKERS];

	for (int i = 0; i < WORKERS; i++)
		pthread_create(&t[i], NULL, worker, NULL);
	for (int i = 0; i < JOBS; i++) {
		pthread_mutex_lock(&lock_jobs);
		big++;
		pthread_cond_signal(&more);
		pthread_mutex_unlock(&lock_jobs);
	}
	pthread_mutex_lock(&lock_jobs);
	while (done < JOBS)
		pthread_cond_wait(&all_done, &lock_jobs);
	closed = 1;
	pthread_cond_broadcast(&more);
	pthread_mutex_unlock(&lock_jobs);
	for (int i = 0; i < WORKERS; i++)
		pthread_join(t[i], NULL);
	return 0;
}
