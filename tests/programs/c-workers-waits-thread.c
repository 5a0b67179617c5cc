// expect: clean ; kind: workqueue-flush ; locks: done work ; note: tasks that queue a part and then wait for the end of a thread, and of a process, of their own
#include <sys/wait.h>
#include <unistd.h>

#include "workers.h"

static void *helper(void *arg)
{
	nap(2);
	return arg;
}

/* What it waits for here is no work of the pool. */
static void joining_run(struct task *t)
{
	pthread_t thread;

	pthread_create(&thread, NULL, helper, NULL);
	crew_submit(&crew, t->part);
	pthread_join(thread, NULL);
}

static void reaping_run(struct task *t)
{
	const pid_t pid = fork();

	if (!pid)
		_exit(0);
	crew_submit(&crew, t->part);
	waitpid(pid, NULL, 0);
}

int main(void)
{
	struct task parts[4], tasks[4];

	crew_start(&crew, 2);
	for (int i = 0; i < 4; i++) {
		task_init(&parts[i], plain_run);
		task_init(&tasks[i], i % 2 ? joining_run : reaping_run);
		tasks[i].part = &parts[i];
		crew_submit(&crew, &tasks[i]);
		task_await(&tasks[i]);
		task_await(&parts[i]);
	}
	crew_end(&crew);
	return 0;
}
