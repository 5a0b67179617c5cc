/* SPDX-License-Identifier: MIT
 *
 * Queues of ranges that something happened to, each with one worker thread. Queueing never
 * fails and never touches the heap: without memory for one range more, the work is "everything".
 *
 * All queues of the process stand in one registry, whose lock is held while they are drained: so a
 * queue is not made or freed under a lock that work takes.
 */
#ifndef USERPTR_WORKQUEUE_H
#define USERPTR_WORKQUEUE_H

#include <stddef.h>
#include <stdint.h>

#include "userptr.h"

struct workqueue;

struct work {
	uintptr_t start, end;
	enum userptr_event event;
};

typedef void (*workqueue_function)(void *argument, const struct work *work);

/* allocate: what memory comes from, by malloc's rules. */
int workqueue_new(struct workqueue **ret, workqueue_function function, void *argument,
	void *(*allocate)(size_t size));
/* Work that is queued is done first. NULL is fine. */
void workqueue_free(struct workqueue *q);

void workqueue_queue(struct workqueue *q, const struct work *work);
/* Returns when all that was queued before is done. Not for the worker itself. */
void workqueue_flush(struct workqueue *q);
void workqueue_flush_all(void);

#endif
