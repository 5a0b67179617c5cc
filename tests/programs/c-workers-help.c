// expect: clean ; kind: workqueue-flush ; locks: done work ; note: who waits for a part does what is in the queue meanwhile; nobody had to in this run
#include "workers.h"

static void helped_run(struct task *t)
{
	struct task part, *other;

	(void)t;
	task_init(&part, part_run);
	crew_submit(&crew, &part);
	flag_await(&part.begun);
	for (;;) {
		pthread_mutex_lock(&crew.lock);
		other = crew_take(&crew);
		pthread_mutex_unlock(&crew.lock);
		if (!other)
			break;
		other->run(other);
		task_finish(other);
	}
	will_sleep(&part.whole);
	task_await(&part);
}

int main(void)
{
	struct task a, b;

	crew_start(&crew, 2);
	task_init(&a, helped_run);
	task_init(&b, helped_run);
	crew_submit(&crew, &a);
	task_over(&a);
	crew_submit(&crew, &b);
	task_over(&b);
	crew_end(&crew);
	return 0;
}
