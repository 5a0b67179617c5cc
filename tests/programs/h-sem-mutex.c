// expect: hazard ; kind: semaphore-lock ; locks: sem_slot lock_table ; note: a binary semaphore as a lock, and a mutex
#include "subject.h"

static sem_t sem_slot;
static pthread_mutex_t lock_table = PTHREAD_MUTEX_INITIALIZER;

static void *first(void *arg)
{
	(void)arg;
	sem_wait(&sem_slot);
	pthread_mutex_lock(&lock_table);
	pthread_mutex_unlock(&lock_table);
	sem_post(&sem_slot);
	return NULL;
}

static void *second(void *arg)
{
	(void)arg;
	nap(60);
	pthread_mutex_lock(&lock_table);
	sem_wait(&sem_slot);
	sem_post(&sem_slot);
	pthread_mutex_unlock(&lock_table);
	return NULL;
}

int main(void)
{
	sem_init(&sem_slot, 0, 1);
	run_two(first, second);
	return 0;
}
