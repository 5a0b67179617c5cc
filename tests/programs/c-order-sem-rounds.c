// expect: clean ; kind: happens-before ; locks: lock_ask lock_tell ; note: two threads take turns by two semaphores from 0, for many rounds, and each takes the two locks in its own order
#include "meet.h"

#include <semaphore.h>

enum { ROUNDS = 100 };

static pthread_mutex_t lock_ask = PTHREAD_MUTEX_INITIALIZER, lock_tell = PTHREAD_MUTEX_INITIALIZER;
static sem_t asked, told;

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
		sem_post(&asked);
		sem_wait(&told);
	}
	return arg;
}

static void *server(void *arg)
{
	for (int i = 0; i < ROUNDS; i++) {
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
