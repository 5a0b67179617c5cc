// expect: clean ; kind: semaphore-lock ; locks: room fork_ ; note: five philosophers, and a semaphore that lets four of them to the table
#include "subject.h"

#define N 5

static pthread_mutex_t fork_[N];
static sem_t room;

static void *dine(void *arg)
{
	size_t i = (size_t)arg;

	for (int k = 0; k < 20; k++) {
		sem_wait(&room);
		pthread_mutex_lock(&fork_[i]);
		pthread_mutex_lock(&fork_[(i + 1) % N]);
		pthread_mutex_unlock(&fork_[(i + 1) % N]);
		pthread_mutex_unlock(&fork_[i]);
		sem_post(&room);
	}
	return NULL;
}

int main(void)
{
	pthread_t t[N];

	sem_init(&room, 0, N - 1);
	for (size_t i = 0; i < N; i++)
		pthread_mutex_init(&fork_[i], NULL);
	for (size_t i = 0; i < N; i++)
		pthread_create(&t[i], NULL, dine, (void *)i);
	for (size_t i = 0; i < N; i++)
		pthread_join(t[i], NULL);
	return 0;
}
