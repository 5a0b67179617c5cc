/* SPDX-License-Identifier: MIT */
#include "workqueue.h"

#include <errno.h>
#include <lockdag/lockdag.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define FIRST_ROOM 64 /* works; doubled when there are more */

struct workqueue {
	struct workqueue *next; /* in the registry */
	pthread_mutex_t lock;
	pthread_cond_t queued, done;
	struct work *works; /* a ring, in pages of its own: the heap may be what is watched */
	size_t first, n_works, room;
	uint64_t n_queued, n_done; /* since ever */
	bool stopping;
	workqueue_function function;
	void *argument;
	pthread_t worker;
};

static struct {
	pthread_mutex_t lock;
	struct workqueue *queues;
} registry = {.lock = PTHREAD_MUTEX_INITIALIZER};

static void registry_add(struct workqueue *q)
{
	lockdag_name(&registry.lock, "userptr.registry_lock");
	pthread_mutex_lock(&registry.lock);
	q->next = registry.queues;
	registry.queues = q;
	pthread_mutex_unlock(&registry.lock);
}

static void registry_remove(struct workqueue *q)
{
	pthread_mutex_lock(&registry.lock);
	for (struct workqueue **at = &registry.queues; *at; at = &(*at)->next)
		if (*at == q) {
			*at = q->next;
			break;
		}
	pthread_mutex_unlock(&registry.lock);
}

/* One piece, with the lock let go meanwhile. */
static void workqueue_run(struct workqueue *q)
{
	struct work work = q->works[q->first];
	uint64_t number = q->n_queued - q->n_works + 1;

	q->first = (q->first + 1) % q->room;
	q->n_works--;
	pthread_mutex_unlock(&q->lock);
	/* What an earlier piece took says nothing about this one. */
	lockdag_iteration();
	lockdag_work_begin(q, "userptr.work");
	q->function(q->argument, &work);
	lockdag_work_end(q);
	pthread_mutex_lock(&q->lock);
	q->n_done = number;
	pthread_cond_broadcast(&q->done);
}

static void *workqueue_worker(void *argument)
{
	struct workqueue *q = argument;

	pthread_mutex_lock(&q->lock);
	for (;;) {
		while (!q->n_works && !q->stopping)
			pthread_cond_wait(&q->queued, &q->lock);
		if (!q->n_works)
			break;
		workqueue_run(q);
	}
	pthread_mutex_unlock(&q->lock);
	return NULL;
}

static struct work *workqueue_room(size_t n)
{
	void *p = mmap(NULL, n * sizeof(struct work), PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return p == MAP_FAILED ? NULL : p;
}

static int workqueue_init(struct workqueue *q, workqueue_function function, void *argument)
{
	memset(q, 0, sizeof(*q));
	q->function = function;
	q->argument = argument;
	q->room = FIRST_ROOM;
	q->works = workqueue_room(q->room);
	if (!q->works)
		return -ENOMEM;
	pthread_mutex_init(&q->lock, NULL);
	pthread_cond_init(&q->queued, NULL);
	pthread_cond_init(&q->done, NULL);
	lockdag_name(&q->lock, "userptr.queue_lock");
	lockdag_name(&q->queued, "userptr.queued");
	lockdag_name(&q->done, "userptr.done");
	return 0;
}

static void workqueue_done(struct workqueue *q)
{
	pthread_cond_destroy(&q->done);
	pthread_cond_destroy(&q->queued);
	pthread_mutex_destroy(&q->lock);
	munmap(q->works, q->room * sizeof(*q->works));
}

int workqueue_new(struct workqueue **ret, workqueue_function function, void *argument,
	void *(*allocate)(size_t size))
{
	struct workqueue *q = allocate(sizeof(*q));
	int err = q ? workqueue_init(q, function, argument) : -ENOMEM;

	if (err) {
		free(q);
		return err;
	}
	err = pthread_create(&q->worker, NULL, workqueue_worker, q);
	if (err) {
		workqueue_done(q);
		free(q);
		return -err;
	}
	pthread_setname_np(q->worker, "userptr-worker");
	registry_add(q);
	*ret = q;
	return 0;
}

void workqueue_free(struct workqueue *q)
{
	if (!q)
		return;
	registry_remove(q);
	pthread_mutex_lock(&q->lock);
	q->stopping = true;
	pthread_cond_signal(&q->queued);
	pthread_mutex_unlock(&q->lock);
	pthread_join(q->worker, NULL);
	workqueue_done(q);
	free(q);
}

static bool workqueue_grow(struct workqueue *q)
{
	struct work *works = workqueue_room(2 * q->room);

	if (!works)
		return false;
	for (size_t i = 0; i < q->n_works; i++)
		works[i] = q->works[(q->first + i) % q->room];
	munmap(q->works, q->room * sizeof(*q->works));
	q->works = works;
	q->first = 0;
	q->room *= 2;
	return true;
}

void workqueue_queue(struct workqueue *q, const struct work *work)
{
	pthread_mutex_lock(&q->lock);
	if (q->n_works < q->room || workqueue_grow(q)) {
		q->works[(q->first + q->n_works) % q->room] = *work;
		q->n_works++;
		q->n_queued++;
	} else {
		/* The last one tells of everything: get_pages() finds what is not there. */
		q->works[(q->first + q->n_works - 1) % q->room] =
			(struct work){0, UINTPTR_MAX, USERPTR_DISCARDED};
	}
	pthread_cond_signal(&q->queued);
	pthread_mutex_unlock(&q->lock);
}

void workqueue_flush(struct workqueue *q)
{
	uint64_t n_queued;

	/* Whether or not there is any work just now. */
	lockdag_work_waiting(q, "userptr.work");
	lockdag_waited(q);
	pthread_mutex_lock(&q->lock);
	n_queued = q->n_queued;
	while (q->n_done < n_queued)
		pthread_cond_wait(&q->done, &q->lock);
	pthread_mutex_unlock(&q->lock);
}

void workqueue_flush_all(void)
{
	lockdag_name(&registry.lock, "userptr.registry_lock");
	pthread_mutex_lock(&registry.lock);
	for (struct workqueue *q = registry.queues; q; q = q->next)
		workqueue_flush(q);
	pthread_mutex_unlock(&registry.lock);
}
