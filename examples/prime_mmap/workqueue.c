/* SPDX-License-Identifier: MIT */
#include "machine.h"

#include <stdlib.h>

struct workqueue {
	const char *name;
	unsigned n_pools; /* one a CPU */
};

static void apply_workqueue_attrs(struct workqueue *queue)
{
	cpus_read_lock();
	queue->n_pools = cpus_online();
	cpus_read_unlock();
}

struct workqueue *alloc_workqueue(const char *name)
{
	struct workqueue *queue = calloc(1, sizeof(*queue));

	if (!queue)
		return NULL;
	queue->name = name;
	apply_workqueue_attrs(queue);
	return queue;
}

void destroy_workqueue(struct workqueue *queue)
{
	free(queue);
}
