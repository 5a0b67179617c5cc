/* SPDX-License-Identifier: MIT
 *
 * What must come before what, by create and join alone. Orders by locks are never used: they
 * would rule out exactly the deadlocks that are looked for.
 */
#ifndef LOCKDAG_CORE_ORDER_H
#define LOCKDAG_CORE_ORDER_H

#include "core/core.h"

struct order {
	const struct lockdag_model *m;
	bool tree; /* each thread was joined by its parent, if at all */
	/* For the general search: children of each thread, and its state. */
	uint32_t *first_child, *next_child;
	uint32_t *earliest; /* first phase of the thread that is after the start; LOCKDAG_NONE */
	uint32_t *queue;
};

int order_init(struct order *o, const struct lockdag_model *m);
void order_done(struct order *o);

/* Must all of thread x's doing in phases <= px be over before thread y's phase py begins? Threads
 * are rows; one thread's own order counts too. */
bool order_before(struct order *o, uint32_t x, uint32_t px, uint32_t y, uint32_t py);

/* Is the whole of thread x before thread y's phase py? */
bool order_ends_before(struct order *o, uint32_t x, uint32_t y, uint32_t py);

/* Is the whole of thread a before the whole of thread b? */
bool order_threads_before(struct order *o, uint32_t a, uint32_t b);

enum order_why { ORDER_JOINED_BY, ORDER_CREATED_LATER, ORDER_JOINED_BEFORE, ORDER_INDIRECT };

/* Why order_before(x, px, y, py) holds: y (or its maker) joined x, x made y, or neither of these
 * two alone. */
enum order_why order_explain(
	const struct order *o, uint32_t x, uint32_t px, uint32_t y, uint32_t py);

#endif
