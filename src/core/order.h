/* SPDX-License-Identifier: MIT
 *
 * What must come before what, by create and join and by the model's points of must-order. Orders by
 * locks are never used: they would rule out exactly the deadlocks that are looked for; but for the one
 * that a lock makes which is held over a create (order_let_in()).
 */
#ifndef LOCKDAG_CORE_ORDER_H
#define LOCKDAG_CORE_ORDER_H

#include "core/core.h"

struct order {
	const struct lockdag_model *m;
	bool tree; /* each thread was joined by its parent, if at all, and there are no points */
	/* For the general search: children of each thread, and its queue. */
	uint32_t *first_child, *next_child;
	uint32_t *queue;
	bool *in_queue;
	/* The model's orders, by from_thread; first_order has one more than there are threads. */
	uint32_t *orders, *first_order;
	/* What is after a start, for the starts that were asked for last. */
	struct order_reach {
		uint32_t thread, first, last;
		bool points;        /* the model's orders were followed */
		uint32_t *earliest; /* of each thread: first phase that is after; LOCKDAG_NONE */
	} * reaches;
	/* All acquisitions, sorted; made when first asked for. */
	struct order_take {
		uint32_t thread, lock, acquire;
	} * takes;
	bool takes_failed;
};

/* For order_before(): the start is one point (the end of phase px), nothing before it counts. */
#define ORDER_POINT UINT32_MAX

int order_init(struct order *o, const struct lockdag_model *m);
void order_done(struct order *o);

/* Must all of thread x's doing in phases first .. px be over before thread y's phase py begins?
 * Threads are rows; one thread's own order counts too. */
bool order_before(
	struct order *o, uint32_t x, uint32_t first, uint32_t px, uint32_t y, uint32_t py);

/* Is the whole of thread x before thread y's phase py? */
bool order_ends_before(struct order *o, uint32_t x, uint32_t y, uint32_t py);

/* Is the whole of thread a before the whole of thread b? */
bool order_threads_before(struct order *o, uint32_t a, uint32_t b);

/* Must a be over before b? b's thread has had the lock before that it asks for; it was created by a's with
 * that very lock held, and a was made before it was let go. */
bool order_let_in(
	struct order *o, const struct lockdag_acquire *a, const struct lockdag_acquire *b);

enum order_why {
	ORDER_JOINED_BY,
	ORDER_CREATED_LATER,
	ORDER_JOINED_BEFORE,
	ORDER_INDIRECT,
	ORDER_BY_POINT
};

/* Why order_before(x, first, px, y, py) holds: y (or its maker) joined x, x made y, neither of
 * these two alone, or a point of must-order. */
enum order_why order_explain(struct order *o, uint32_t x, uint32_t px, uint32_t y, uint32_t py);

#endif
