// expect: clean ; kind: lock-semaphore ; locks: lock_state done ; note: a worker took the lock in an earlier turn, whose answer was waited for with no lock held
#include "subject.h"

struct request {
	int takes_lock;
	sem_t done;
};

static pthread_mutex_t lock_state = PTHREAD_MUTEX_INITIALIZER;
static sem_t requests;
static struct request *request;

static void *worker(void *arg)
{
	for (;;) {
		sem_wait(&requests);
		if (!request)
			return arg;
		if (request->takes_lock) {
			pthread_mutex_lock(&lock_state);
			pthread_mutex_unlock(&lock_state);
		}
		nap(100);
		sem_post(&request->done);
	}
}

static void ask(struct request *r, int takes_lock)
{
	sem_init(&r->done, 0, 0);
	r->takes_lock = takes_lock;
	request = r;
	sem_post(&requests);
}

static struct request first, second;

int main(void)
{
	pthread_t t;

	sem_init(&requests, 0, 0);
	pthread_create(&t, NULL, worker, NULL);
	ask(&first, 1);
	sem_wait(&first.done);
	ask(&second, 0);
	nap(40);
	pthread_mutex_lock(&lock_state);
	sem_wait(&second.done);
	pthread_mutex_unlock(&lock_state);
	request = NULL;
	sem_post(&requests);
	pthread_join(t, NULL);
	return 0;
}
