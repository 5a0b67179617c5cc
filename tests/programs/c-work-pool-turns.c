// expect: clean ; kind: workqueue-flush ; locks: part pool ; note: two workers, and the second job is queued only when the first one has been waited for
#include "pool.h"

static struct job parts[2], jobs[2], busy;
static int started, queued;

static void part_run(struct job *job)
{
	(void)job;
}

static void job_run(struct job *job)
{
	struct job *part = &parts[job - jobs];

	*part = (struct job){ part_run, "part", NULL, 0 };
	pool_queue(part);
	__atomic_store_n(&queued, 1, __ATOMIC_RELAXED);
	pool_wait(part);
}

/* Keeps one worker until the first job has queued its part, which comes next then. */
static void busy_run(struct job *job)
{
	(void)job;
	__atomic_store_n(&started, 1, __ATOMIC_RELAXED);
	while (!__atomic_load_n(&queued, __ATOMIC_RELAXED))
		nap(1);
}

int main(void)
{
	busy = (struct job){ busy_run, "busy", NULL, 0 };
	jobs[0] = jobs[1] = (struct job){ job_run, "job", NULL, 0 };
	pool_start(2);
	pool_queue(&busy);
	while (!__atomic_load_n(&started, __ATOMIC_RELAXED))
		nap(1);
	pool_queue(&jobs[0]);
	pool_wait(&jobs[0]);
	pool_queue(&jobs[1]);
	pool_wait(&jobs[1]);
	pool_end();
	return 0;
}
