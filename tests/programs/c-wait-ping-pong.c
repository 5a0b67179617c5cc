// expect: clean ; kind: lock-semaphore ; locks: ping pong ; note: two threads hand the turn to each other by semaphores, and then by one condition
#include "subject.h"

static sem_t ping, pong;
static pthread_mutex_t lock_turn = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t turned = PTHREAD_COND_INITIALIZER;
static int turn;

static void play(int me)
{
	pthread_mutex_lock(&lock_turn);
	while (turn < 100) {
		if (turn % 2 == me) {
			turn++;
			pthread_cond_signal(&turned);
		} else {
			pthread_cond_wait(&turned, &lock_turn);
		}
	}
	pthread_cond_signal(&turned);
	pthread_mutex_unlock(&lock_turn);
}

static void *first(void *arg)
{
	for (int i = 0; i < 50; i++) {
		sem_post(&ping);
		sem_wait(&pong);
	}
	play(0);
	return arg;
}

static void *second(void *arg)
{
	for (int i = 0; i < 50; i++) {
		sem_wait(&ping);
		sem_post(&pong);
	}
	play(1);
	return arg;
}

int main(void)
{
	sem_init(&ping, 0, 0);
	sem_init(&pong, 0, 0);
	run_two(first, second);
	return 0;
}
