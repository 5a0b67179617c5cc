// expect: clean ; kind: workqueue-flush ; locks: done work ; note: the parts are done by another pool of the same kind
#include "workers.h"

static struct crew parts = { .lock = PTHREAD_MUTEX_INITIALIZER, .work = PTHREAD_COND_INITIALIZER };

static void split_run(struct task *t)
{
	struct task part;

	(void)t;
	task_init(&part, part_run);
	crew_submit(&parts, &part);
	will_sleep(&part.whole);
	task_await(&part);
}

int main(void)
{
	struct task a, b;

	crew_start(&crew, 2);
	crew_start(&parts, 2);
	task_init(&a, split_run);
	task_init(&b, split_run);
	crew_submit(&crew, &a);
	task_over(&a);
	crew_submit(&crew, &b);
	task_over(&b);
	crew_end(&crew);
	crew_end(&parts);
	return 0;
}
