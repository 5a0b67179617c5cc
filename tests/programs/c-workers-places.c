// expect: clean ; kind: workqueue-flush ; locks: done work ; note: the clients take a place of a semaphore first, of which there are fewer than workers
#include "workers.h"

static sem_t places;

static int first_over, second_here;

static void *client(void *late)
{
	struct task t;

	task_init(&t, whole_run);
	if (late) {
		flag_set(&second_here);
		flag_await(late);
	} else {
		flag_await(&second_here);
	}
	sem_wait(&places);
	crew_submit(&crew, &t);
	task_await(&t);
	sem_post(&places);
	flag_set(&first_over);
	return NULL;
}

int main(void)
{
	pthread_t a, b;

	sem_init(&places, 0, 1);
	crew_start(&crew, 2);
	pthread_create(&a, NULL, client, NULL);
	pthread_create(&b, NULL, client, &first_over);
	pthread_join(a, NULL);
	pthread_join(b, NULL);
	crew_end(&crew);
	return 0;
}
