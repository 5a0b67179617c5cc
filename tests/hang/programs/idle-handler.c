// expect: idle ; kind: semaphore ; verdict: stuck ; note: main waits for a post by the handler of SIGTERM, the workers for work: no deadlock
#include "../../programs/subject.h"
#include <signal.h>

static sem_t stop, work;
static pthread_mutex_t lock_config = PTHREAD_MUTEX_INITIALIZER;

static void on_term(int signal)
{
	(void)signal;
	sem_post(&stop);
}

static void *worker(void *arg)
{
	(void)arg;
	sem_wait(&work);
	return NULL;
}

int main(void)
{
	pthread_t t[3];

	sem_init(&stop, 0, 0);
	sem_init(&work, 0, 0);
	signal(SIGTERM, on_term);
	for (int i = 0; i < 3; i++)
		pthread_create(&t[i], NULL, worker, NULL);
	pthread_mutex_lock(&lock_config);
	sem_wait(&stop);
	return 0;
}
