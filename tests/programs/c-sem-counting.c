// expect: clean ; kind: semaphore-lock ; locks: sem_slots lock_table ; note: room for everybody: a semaphore of two for two threads never waits
#include "subject.h"

static sem_t sem_slots;
static pthread_mutex_t lock_table = PTHREAD_MUTEX_INITIALIZER;

static void *first(void *arg)
{
	(void)arg;
	sem_wait(&sem_slots);
	pthread_mutex_lock(&lock_table);
	pthread_mutex_unlock(&lock_table);
	sem_post(&sem_slots);
	return NULL;
}

static void *second(void *arg)
{
	(void)arg;
	nap(60);
	pthread_mutex_lock(&lock_table);
	sem_wait(&sem_slots);
	sem_post(&sem_slots);
	pthread_mutex_unlock(&lock_table);
	return NULL;
}

int main(void)
{
	sem_init(&sem_slots, 0, 2);
	run_two(first, second);
	return 0;
}
