/* SPDX-License-Identifier: MIT
 *
 * A pool of two workers with one lock for everything: its queue, and which jobs are done.
 */
#ifndef SUBJECT_ONE_LOCK_H
#define SUBJECT_ONE_LOCK_H

#include "asleep.h"

struct job {
	void (*run)(struct job *);
	struct job *next;
	int done;
	int begun, waiter;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t more = PTHREAD_COND_INITIALIZER, through = PTHREAD_COND_INITIALIZER;
static struct job *jobs;
static int closed, idle;

/* The three with the lock held. */
static inline void push(struct job *j)
{
	j->next = jobs;
	jobs = j;
	pthread_cond_signal(&more);
}

static inline int run_one(void)
{
	struct job *j = jobs;

	if (!j)
		return 0;
	jobs = j->next;
	pthread_mutex_unlock(&lock);
	j->run(j);
	pthread_mutex_lock(&lock);
	j->done = 1;
	pthread_cond_broadcast(&through);
	return 1;
}

static inline void await(struct job *j)
{
	will_sleep(&j->waiter);
	while (!j->done)
		pthread_cond_wait(&through, &lock);
}

static void *serve(void *arg)
{
	pthread_mutex_lock(&lock);
	while (!closed || jobs) {
		if (run_one())
			continue;
		idle++;
		pthread_cond_wait(&more, &lock);
		idle--;
	}
	pthread_mutex_unlock(&lock);
	return arg;
}

static inline void part(struct job *j)
{
	flag_set(&j->begun);
	await_asleep(&j->waiter);
}

/* Two jobs, submitted with nothing but time in between. */
static inline int serve_two(void (*run)(struct job *))
{
	struct job a = { .run = run }, b = { .run = run };
	pthread_t threads[2];
	int n = 0;

	for (int i = 0; i < 2; i++)
		pthread_create(&threads[i], NULL, serve, NULL);
	while (n < 2) {
		nap(1);
		pthread_mutex_lock(&lock);
		n = idle;
		pthread_mutex_unlock(&lock);
	}
	pthread_mutex_lock(&lock);
	push(&a);
	pthread_mutex_unlock(&lock);
	flag_await(&a.done);
	pthread_mutex_lock(&lock);
	push(&b);
	pthread_mutex_unlock(&lock);
	flag_await(&b.done);
	pthread_mutex_lock(&lock);
	closed = 1;
	pthread_cond_broadcast(&more);
	pthread_mutex_unlock(&lock);
	for (int i = 0; i < 2; i++)
		pthread_join(threads[i], NULL);
	return 0;
}

#endif
