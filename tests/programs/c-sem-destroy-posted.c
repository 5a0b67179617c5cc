// expect: clean ; kind: sem-destroy-waiter ; locks: done ; note: a semaphore on the stack is destroyed once its wait is over
#include "subject.h"

static void *poster(void *arg)
{
	nap(5);
	sem_post(arg);
	return NULL;
}

int main(void)
{
	for (int i = 0; i < 20; i++) {
		sem_t done;
		pthread_t t;

		sem_init(&done, 0, 0);
		pthread_create(&t, NULL, poster, &done);
		sem_wait(&done);
		pthread_join(t, NULL);
		sem_destroy(&done);
	}
	return 0;
}
