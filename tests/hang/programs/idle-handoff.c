// expect: idle ; kind: semaphore ; verdict: * ; core: none ; note: a token goes round by semaphores: at each moment all but one wait, and that one may have been woken and not run yet
#include "../../programs/subject.h"

#define N 4

static sem_t turn[N];

static void *passes(void *arg)
{
	size_t i = (size_t)(sem_t *)arg - (size_t)turn;

	i /= sizeof(*turn);
	for (;;) {
		sem_wait(&turn[i]);
		sem_post(&turn[(i + 1) % N]);
	}
	return NULL;
}

int main(void)
{
	pthread_t t[N];

	for (int i = 0; i < N; i++)
		sem_init(&turn[i], 0, i == 0);
	for (int i = 0; i < N; i++)
		pthread_create(&t[i], NULL, passes, &turn[i]);
	pthread_join(t[0], NULL);
	return 0;
}
