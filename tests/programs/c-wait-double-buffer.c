// expect: clean ; kind: completion ; locks: m ; note: two threads swap buffers by two semaphores and a mutex for statistics
#include "subject.h"
static sem_t empty, full;
static pthread_mutex_t stats = PTHREAD_MUTEX_INITIALIZER;
static int n;
static void *p(void *x)
{
	for (int i = 0; i < 20; i++) {
		sem_wait(&empty);
		pthread_mutex_lock(&stats);
		n++;
		pthread_mutex_unlock(&stats);
		sem_post(&full);
	}
	return x;
}
static void *c(void *x)
{
	for (int i = 0; i < 20; i++) {
		sem_wait(&full);
		pthread_mutex_lock(&stats);
		n--;
		pthread_mutex_unlock(&stats);
		sem_post(&empty);
	}
	return x;
}
int main(void)
{
	sem_init(&empty, 0, 2);
	sem_init(&full, 0, 0);
	run_two(p, c);
	return 0;
}
