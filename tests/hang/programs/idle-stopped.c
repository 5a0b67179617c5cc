// expect: idle ; kind: semaphore ; verdict: * ; note: two threads pass a token, and all is stopped by SIGSTOP wherever it is
#include "../../programs/meet.h"
#include <signal.h>

static sem_t turn[2];
static int started;

static void *pass(void *arg)
{
	int me = arg != NULL;

	through(&started);
	for (;;) {
		sem_wait(&turn[me]);
		sem_post(&turn[!me]);
	}
	return NULL;
}

int main(void)
{
	pthread_t a, b;

	sem_init(&turn[0], 0, 1);
	sem_init(&turn[1], 0, 0);
	pthread_create(&a, NULL, pass, NULL);
	pthread_create(&b, NULL, pass, turn);
	await(&started);
	raise(SIGSTOP);
	pthread_join(a, NULL);
	return 0;
}
