// expect: clean ; kind: workqueue-flush ; locks: done work ; note: fork and join by the thread that owns the pool: the tasks themselves wait for nothing
#include "workers.h"

int main(void)
{
	struct task tasks[4];

	crew_start(&crew, 2);
	for (int round = 0; round < 3; round++) {
		for (int i = 0; i < 4; i++)
			task_init(&tasks[i], plain_run);
		for (int i = 0; i < 4; i++)
			crew_submit(&crew, &tasks[i]);
		for (int i = 0; i < 4; i++)
			task_await(&tasks[i]);
	}
	crew_end(&crew);
	return 0;
}
