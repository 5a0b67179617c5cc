// expect: hazard ; kind: happens-before ; locks: lock_ask lock_tell ; note: in one of many rounds a thread does not wait for its turn
#include "meet.h"

#include <semaphore.h>

enum { ROUNDS = 100 };

static pthread_mutex_t lock_ask = PTHREAD_MUTEX_INITIALIZER, lock_tell = PTHREAD_MUTEX_INITIALIZER;
static sem_t asked, told;
static int first_done[ROUNDS];

static void both(pthread_mutex_t *outer, pthread_mutex_t *inner)
{
	pthread_mutex_lock(outer);
	pthread_mutex_lock(inner);
	pthread_mutex_unlock(inner);
	pthread_mutex_unlock(outer);
}

static void *client(void *arg)
{
	for (int i = 0; i < ROUNDS; i++) {
		both(&lock_ask, &lock_tell);
		through(&first_done[i]);
		sem_post(&asked);
		sem_wait(&told);
	}
	return arg;
}

static void *server(void *arg)
{
	for (int i = 0; i < ROUNDS; i++) {
		if (i == 5) {
			await(&first_done[i]);
			both(&lock_tell, &lock_ask);
		}
		sem_wait(&asked);
		both(&lock_tell, &lock_ask);
		sem_post(&told);
	}
	return arg;
}

int main(void)
{
	sem_init(&asked, 0, 0);
	sem_init(&told, 0, 0);
	run_two(client, server);
	return 0;
}
