// expect: clean ; kind: workqueue-flush ; locks: done work ; note: the same two workers and tasks, but the first is waited for before the second is submitted; it is done by then
#include "workers.h"

int main(void)
{
	struct task a, b;

	crew_start(&crew, 2);
	task_init(&a, whole_run);
	task_init(&b, whole_run);
	crew_submit(&crew, &a);
	task_over(&a);
	task_await(&a);
	crew_submit(&crew, &b);
	task_over(&b);
	task_await(&b);
	crew_end(&crew);
	return 0;
}
