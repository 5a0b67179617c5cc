// expect: hazard ; kind: workqueue-flush ; locks: done work ; note: two workers, two tasks that each queue a part and wait for it, submitted by one thread that waits for neither
#include "workers.h"

int main(void)
{
	struct task a, b;

	crew_start(&crew, 2);
	task_init(&a, whole_run);
	task_init(&b, whole_run);
	crew_submit(&crew, &a);
	task_over(&a);
	crew_submit(&crew, &b);
	task_over(&b);
	crew_end(&crew);
	return 0;
}
