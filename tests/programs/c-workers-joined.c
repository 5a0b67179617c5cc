// expect: clean ; kind: workqueue-flush ; locks: done work ; note: the second client is started when the first has ended
#include "workers.h"

static void *client(void *arg)
{
	struct task t;

	task_init(&t, whole_run);
	crew_submit(&crew, &t);
	task_await(&t);
	return arg;
}

int main(void)
{
	struct task own;
	pthread_t a;

	crew_start(&crew, 2);
	for (int i = 0; i < 2; i++) {
		pthread_create(&a, NULL, client, NULL);
		pthread_join(a, NULL);
		task_init(&own, whole_run);
		crew_submit(&crew, &own);
		task_await(&own);
	}
	crew_end(&crew);
	return 0;
}
