// expect: clean ; kind: lock-semaphore ; locks: lock_state done ; note: one semaphore for all answers; the turn that took the lock was answered before the lock was held over a wait
#include "subject.h"

static pthread_mutex_t lock_state = PTHREAD_MUTEX_INITIALIZER;
static sem_t requests, done;
static int job;

static void *worker(void *arg)
{
	for (;;) {
		sem_wait(&requests);
		if (!job)
			return arg;
		if (job == 1) {
			pthread_mutex_lock(&lock_state);
			pthread_mutex_unlock(&lock_state);
		}
		nap(60);
		sem_post(&done);
	}
}

static void ask(int what)
{
	job = what;
	sem_post(&requests);
}

int main(void)
{
	pthread_t t;

	sem_init(&requests, 0, 0);
	sem_init(&done, 0, 0);
	pthread_create(&t, NULL, worker, NULL);
	ask(1);
	sem_wait(&done);
	ask(2);
	pthread_mutex_lock(&lock_state);
	sem_wait(&done);
	pthread_mutex_unlock(&lock_state);
	ask(0);
	pthread_join(t, NULL);
	return 0;
}
