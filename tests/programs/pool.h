/* SPDX-License-Identifier: MIT
 *
 * A pool of workers that takes what was queued last first, told to lockdag.
 */
#ifndef SUBJECT_POOL_H
#define SUBJECT_POOL_H

#include "../../include/lockdag/lockdag.h"
#include "subject.h"

struct job {
	void (*run)(struct job *);
	const char *name;
	struct job *next;
	int done;
};

static struct pool {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	struct job *jobs;
	int closed;
	int workers;
	pthread_t threads[8];
} pool = { .lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER };

static void *pool_worker(void *arg)
{
	struct job *job;

	pthread_mutex_lock(&pool.lock);
	for (;;) {
		while (!pool.jobs && !pool.closed)
			pthread_cond_wait(&pool.changed, &pool.lock);
		job = pool.jobs;
		if (!job)
			break;
		pool.jobs = job->next;
		pthread_mutex_unlock(&pool.lock);
		lockdag_work_begin(job, job->name);
		job->run(job);
		lockdag_work_end(job);
		pthread_mutex_lock(&pool.lock);
		job->done = 1;
		pthread_cond_broadcast(&pool.changed);
	}
	pthread_mutex_unlock(&pool.lock);
	return arg;
}

static inline void pool_start(int workers)
{
	lockdag_pool(&pool.workers, "pool", (unsigned)workers);
	pool.workers = workers;
	for (int i = 0; i < workers; i++)
		pthread_create(&pool.threads[i], NULL, pool_worker, NULL);
}

/* n jobs in one go; the last one comes first. */
static inline void pool_queue_all(struct job *const *jobs, int n)
{
	for (int i = 0; i < n; i++)
		lockdag_work_queued(jobs[i], jobs[i]->name, &pool.workers);
	pthread_mutex_lock(&pool.lock);
	for (int i = 0; i < n; i++) {
		jobs[i]->next = pool.jobs;
		pool.jobs = jobs[i];
	}
	pthread_cond_broadcast(&pool.changed);
	pthread_mutex_unlock(&pool.lock);
}

static inline void pool_queue(struct job *job)
{
	pool_queue_all(&job, 1);
}

static inline void pool_wait(struct job *job)
{
	lockdag_work_waiting(job, job->name);
	pthread_mutex_lock(&pool.lock);
	while (!job->done)
		pthread_cond_wait(&pool.changed, &pool.lock);
	pthread_mutex_unlock(&pool.lock);
	lockdag_waited(job);
}

static inline void pool_end(void)
{
	pthread_mutex_lock(&pool.lock);
	pool.closed = 1;
	pthread_cond_broadcast(&pool.changed);
	pthread_mutex_unlock(&pool.lock);
	for (int i = 0; i < pool.workers; i++)
		pthread_join(pool.threads[i], NULL);
}

#endif
