// expect: clean ; kind: workqueue-flush ; locks: done work ; note: two workers, and of the two tasks that are there at once only one has a part to wait for
#include "workers.h"

int main(void)
{
	struct task whole, plain;

	crew_start(&crew, 2);
	for (int round = 0; round < 3; round++) {
		task_init(&plain, plain_run);
		task_init(&whole, whole_run);
		crew_submit(&crew, &plain);
		crew_submit(&crew, &whole);
		task_await(&plain);
		task_await(&whole);
	}
	crew_end(&crew);
	return 0;
}
