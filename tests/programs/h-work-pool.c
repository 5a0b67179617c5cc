// expect: hazard ; kind: workqueue-flush ; locks: part pool ; note: two jobs of a pool of two workers, queued at once, each queue a part of theirs and wait for it; in this run one worker is kept busy until the first is through
#include "pool.h"

static struct job parts[2], jobs[2], busy;
static int started, queued, other;

static void part_run(struct job *job)
{
	(void)job;
}

static void job_run(struct job *job)
{
	struct job *part = &parts[job - jobs];

	if (job == &jobs[1])
		__atomic_store_n(&other, 1, __ATOMIC_RELAXED);
	*part = (struct job){ part_run, "part", NULL, 0 };
	pool_queue(part);
	__atomic_store_n(&queued, 1, __ATOMIC_RELAXED);
	pool_wait(part);
	while (!__atomic_load_n(&other, __ATOMIC_RELAXED)) /* so that the other worker runs the other job */
		nap(1);
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
	/* In one go: a worker that took one before the other is there could make both wait, really. */
	pool_queue_all((struct job *const[]){ &jobs[1], &jobs[0] }, 2);
	pool_wait(&jobs[0]);
	pool_wait(&jobs[1]);
	pool_end();
	return 0;
}
