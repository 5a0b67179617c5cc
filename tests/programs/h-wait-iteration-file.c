// expect: hazard ; kind: lock-semaphore ; locks: lock_state done ; note: a daemon that keeps the lock of its file for life takes the other lock in the turn whose answer is waited for with it held
#include "subject.h"

#include <sys/file.h>

struct request {
	int takes_lock;
	sem_t done;
};

static pthread_mutex_t lock_state = PTHREAD_MUTEX_INITIALIZER;
static sem_t requests, locked;
static struct request *request;

static void *worker(void *arg)
{
	FILE *pid_file = tmpfile();

	if (!pid_file || flock(fileno(pid_file), LOCK_EX | LOCK_NB))
		abort();
	sem_post(&locked);
	for (;;) {
		sem_wait(&requests);
		if (!request)
			break;
		if (request->takes_lock) {
			pthread_mutex_lock(&lock_state);
			pthread_mutex_unlock(&lock_state);
		}
		nap(100);
		sem_post(&request->done);
	}
	fclose(pid_file);
	return arg;
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
	sem_init(&locked, 0, 0);
	pthread_create(&t, NULL, worker, NULL);
	sem_wait(&locked);
	ask(&first, 1);
	sem_wait(&first.done);
	ask(&second, 1);
	nap(40);
	pthread_mutex_lock(&lock_state);
	sem_wait(&second.done);
	pthread_mutex_unlock(&lock_state);
	request = NULL;
	sem_post(&requests);
	pthread_join(t, NULL);
	return 0;
}
