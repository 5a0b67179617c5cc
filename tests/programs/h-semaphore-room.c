// expect: hazard ; kind: mutex-cycle ; locks: fork_[0] fork_[1] fork_[2] ; note: three philosophers, and a semaphore that lets three of them to the table
#include "meet.h"

#define N 3

static pthread_mutex_t fork_[N];
static sem_t room;
static int done[N + 1];

static void *dine(void *arg)
{
	size_t i = (size_t)arg;

	await(&done[i]);
	sem_wait(&room);
	pthread_mutex_lock(&fork_[i]);
	pthread_mutex_lock(&fork_[(i + 1) % N]);
	pthread_mutex_unlock(&fork_[(i + 1) % N]);
	pthread_mutex_unlock(&fork_[i]);
	sem_post(&room);
	through(&done[i + 1]);
	return NULL;
}

int main(void)
{
	pthread_t t[N];

	sem_init(&room, 0, N);
	for (size_t i = 0; i < N; i++)
		pthread_mutex_init(&fork_[i], NULL);
	for (size_t i = 0; i < N; i++)
		pthread_create(&t[i], NULL, dine, (void *)i);
	through(&done[0]);
	for (size_t i = 0; i < N; i++)
		pthread_join(t[i], NULL);
	return 0;
}
