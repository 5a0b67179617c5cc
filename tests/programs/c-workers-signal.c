// expect: clean ; kind: workqueue-flush ; locks: done work ; note: workers wake each other, and wait for the task before, which was submitted first
#include "workers.h"

static struct task tasks[6];

/* Each needs what the one before has done: with a queue that is served in order, that one has begun. */
static void next_run(struct task *t)
{
	pthread_mutex_lock(&crew.lock);
	if (crew.first)
		pthread_cond_signal(&crew.work); /* more to do for somebody else */
	pthread_mutex_unlock(&crew.lock);
	nap(5);
	if (t != tasks)
		task_await(t - 1);
}

int main(void)
{
	crew_start(&crew, 2);
	for (int i = 0; i < 6; i++)
		task_init(&tasks[i], next_run);
	for (int i = 0; i < 6; i++)
		crew_submit(&crew, &tasks[i]);
	task_await(&tasks[5]);
	crew_end(&crew);
	return 0;
}
