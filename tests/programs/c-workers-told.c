// expect: clean ; kind: workqueue-flush ; locks: done work ; note: the second client waits until the first has told it that its task is done
#include "workers.h"

static sem_t turn;

static void *first(void *arg)
{
	struct task t;

	task_init(&t, whole_run);
	crew_submit(&crew, &t);
	task_await(&t);
	sem_post(&turn);
	return arg;
}

static void *second(void *arg)
{
	struct task t;

	task_init(&t, whole_run);
	sem_wait(&turn);
	crew_submit(&crew, &t);
	task_await(&t);
	return arg;
}

int main(void)
{
	sem_init(&turn, 0, 0);
	crew_start(&crew, 2);
	run_two(first, second);
	crew_end(&crew);
	return 0;
}
