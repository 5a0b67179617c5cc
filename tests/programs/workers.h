/* SPDX-License-Identifier: MIT
 *
 * A pool of workers that nothing is said about: one queue, one lock for it, one condition; each task
 * tells by a condition of its own that it is done.
 */
#ifndef SUBJECT_WORKERS_H
#define SUBJECT_WORKERS_H

#include "asleep.h"

struct task {
	void (*run)(struct task *);
	struct task *next, *part;
	pthread_mutex_t lock;
	pthread_cond_t done;
	int is_done;
	int begun, whole; /* whole: the thread that waits for it */
};

struct crew {
	pthread_mutex_t lock;
	pthread_cond_t work;
	struct task *first, *last;
	int closed, n, idle;
	pthread_t threads[8];
};

static struct crew crew = { .lock = PTHREAD_MUTEX_INITIALIZER, .work = PTHREAD_COND_INITIALIZER };

static inline void task_init(struct task *t, void (*run)(struct task *))
{
	*t = (struct task){ .run = run };
	pthread_mutex_init(&t->lock, NULL);
	pthread_cond_init(&t->done, NULL);
}

static inline void task_finish(struct task *t)
{
	pthread_mutex_lock(&t->lock);
	t->is_done = 1;
	pthread_cond_signal(&t->done);
	pthread_mutex_unlock(&t->lock);
}

static inline void task_await(struct task *t)
{
	pthread_mutex_lock(&t->lock);
	while (!t->is_done)
		pthread_cond_wait(&t->done, &t->lock);
	pthread_mutex_unlock(&t->lock);
}

static inline void crew_submit(struct crew *c, struct task *t)
{
	pthread_mutex_lock(&c->lock);
	t->next = NULL;
	if (c->last)
		c->last->next = t;
	else
		c->first = t;
	c->last = t;
	pthread_cond_signal(&c->work);
	pthread_mutex_unlock(&c->lock);
}

/* The first task, or NULL; with the lock held. */
static inline struct task *crew_take(struct crew *c)
{
	struct task *t = c->first;

	if (t)
		c->first = t->next;
	if (!c->first)
		c->last = NULL;
	return t;
}

static void *crew_worker(void *arg)
{
	struct crew *c = arg;
	struct task *t;

	for (;;) {
		pthread_mutex_lock(&c->lock);
		c->idle++;
		while (!c->first && !c->closed)
			pthread_cond_wait(&c->work, &c->lock);
		c->idle--;
		t = crew_take(c);
		pthread_mutex_unlock(&c->lock);
		if (!t)
			return NULL;
		t->run(t);
		task_finish(t);
	}
}

/* Returns when all are idle. */
static inline void crew_start(struct crew *c, int n)
{
	int idle = 0;

	for (c->n = 0; c->n < n; c->n++)
		pthread_create(&c->threads[c->n], NULL, crew_worker, c);
	while (idle < n) {
		nap(1);
		pthread_mutex_lock(&c->lock);
		idle = c->idle;
		pthread_mutex_unlock(&c->lock);
	}
}

static inline void crew_end(struct crew *c)
{
	pthread_mutex_lock(&c->lock);
	c->closed = 1;
	pthread_cond_broadcast(&c->work);
	pthread_mutex_unlock(&c->lock);
	for (int i = 0; i < c->n; i++)
		pthread_join(c->threads[i], NULL);
}

/* Comes to its end when somebody sleeps in a wait for it. */
static inline void part_run(struct task *t)
{
	flag_set(&t->begun);
	await_asleep(&t->whole);
}

/* What nobody waits for. */
static inline void plain_run(struct task *t)
{
	(void)t;
	nap(5);
}

/* A task that has a part of it done by the same pool, and waits for it. */
static inline void whole_run(struct task *t)
{
	struct task part;

	(void)t;
	task_init(&part, part_run);
	crew_submit(&crew, &part);
	will_sleep(&part.whole);
	task_await(&part);
}

/* Until it is done, as far as anybody can see by chance. */
static inline void task_over(struct task *t)
{
	flag_await(&t->is_done);
}

#endif
