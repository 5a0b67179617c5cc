// expect: clean ; kind: workqueue-flush ; locks: done work ; note: a worker is started when all are busy
#include "workers.h"

static void grown_submit(struct task *t)
{
	pthread_mutex_lock(&crew.lock);
	if (!crew.idle && crew.n < 8)
		pthread_create(&crew.threads[crew.n++], NULL, crew_worker, &crew);
	pthread_mutex_unlock(&crew.lock);
	crew_submit(&crew, t);
}

static int begun;

static void grown_run(struct task *t)
{
	struct task part;

	(void)t;
	task_init(&part, part_run);
	__atomic_add_fetch(&begun, 1, __ATOMIC_ACQ_REL);
	while (__atomic_load_n(&begun, __ATOMIC_ACQUIRE) < 2) /* both are here */
		nap(1);
	grown_submit(&part);
	will_sleep(&part.whole);
	task_await(&part);
}

int main(void)
{
	struct task a, b;

	crew_start(&crew, 2);
	task_init(&a, grown_run);
	task_init(&b, grown_run);
	grown_submit(&a);
	grown_submit(&b);
	task_await(&a);
	task_await(&b);
	crew_end(&crew);
	return 0;
}
