/* SPDX-License-Identifier: MIT */
#include "core/order.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Parent or joiner of a thread, LOCKDAG_NONE where the row is not there. */
static uint32_t order_parent(const struct order *o, uint32_t t)
{
	uint32_t p = o->m->threads.items[t].parent;

	return p < o->m->threads.n ? p : LOCKDAG_NONE;
}

static uint32_t order_joiner(const struct order *o, uint32_t t)
{
	uint32_t j = o->m->threads.items[t].joiner;

	return j < o->m->threads.n ? j : LOCKDAG_NONE;
}

int order_init(struct order *o, const struct lockdag_model *m)
{
	size_t n = m->threads.n;
	uint32_t *memory = malloc((4 * n + 1) * sizeof(*memory));

	*o = (struct order){.m = m, .tree = true, .first_child = memory};
	if (!memory)
		return -ENOMEM;
	memset(memory, 0xff, (4 * n + 1) * sizeof(*memory));
	o->next_child = memory + n;
	o->earliest = memory + 2 * n;
	o->queue = memory + 3 * n;
	for (uint32_t t = 0; t < n; t++) {
		uint32_t parent = order_parent(o, t), joiner = order_joiner(o, t);

		if (joiner != LOCKDAG_NONE && joiner != parent)
			o->tree = false;
		if (parent != LOCKDAG_NONE) {
			o->next_child[t] = o->first_child[parent];
			o->first_child[parent] = t;
		}
	}
	return 0;
}

void order_done(struct order *o)
{
	free(o->first_child);
}

/* Goes up from (y, py) by the creates that made y, to thread t: the last phase of t that is before
 * (y, py), or -1. A loop of parents (bad input) ends by the count of threads. */
static int64_t order_up(const struct order *o, uint32_t y, uint32_t py, uint32_t t)
{
	for (size_t i = 0; i < o->m->threads.n && y != LOCKDAG_NONE; i++) {
		if (y == t)
			return py;
		py = o->m->threads.items[y].create_phase;
		y = order_parent(o, y);
	}
	return -1;
}

/* Is there a thread that x was joined into (over any number of threads) before it made y (over any
 * number)? Complete when all threads were joined by their parents. */
static bool order_chains(const struct order *o, uint32_t x, uint32_t px, uint32_t y, uint32_t py)
{
	for (size_t i = 0; i < o->m->threads.n && x != LOCKDAG_NONE; i++) {
		if (order_up(o, y, py, x) >= (int64_t)px)
			return true;
		px = o->m->threads.items[x].join_phase;
		x = order_joiner(o, x);
	}
	return false;
}

/* All that is after (x, px), by the earliest phase reached of each thread. The queue holds a thread
 * once at a time: n slots as a ring are enough. */
static bool order_search(struct order *o, uint32_t x, uint32_t px, uint32_t y, uint32_t py)
{
	size_t n = o->m->threads.n, head = 0, queued = 0;
	unsigned char *in_queue = calloc(n, 1);
	bool found = false;

	if (!in_queue)
		return false; /* not ruling out is the safe side */
	memset(o->earliest, 0xff, n * sizeof(*o->earliest));
#define ORDER_REACH(thread, phase)                                                                 \
	do {                                                                                       \
		if ((phase) < o->earliest[thread]) {                                               \
			o->earliest[thread] = (phase);                                             \
			if (!in_queue[thread]) {                                                   \
				in_queue[thread] = 1;                                              \
				o->queue[(head + queued++) % n] = (thread);                        \
			}                                                                          \
		}                                                                                  \
	} while (0)
	ORDER_REACH(x, px);
	while (queued && !found) {
		uint32_t t = o->queue[head % n], joiner = order_joiner(o, t);

		head++;
		queued--;
		in_queue[t] = 0;
		for (uint32_t c = o->first_child[t]; c != LOCKDAG_NONE; c = o->next_child[c]) {
			if (o->m->threads.items[c].create_phase >= o->earliest[t])
				ORDER_REACH(c, 0u);
		}
		if (joiner != LOCKDAG_NONE)
			ORDER_REACH(joiner, o->m->threads.items[t].join_phase);
		found = o->earliest[y] <= py;
	}
#undef ORDER_REACH
	free(in_queue);
	return found;
}

bool order_before(struct order *o, uint32_t x, uint32_t px, uint32_t y, uint32_t py)
{
	if (order_chains(o, x, px, y, py))
		return true;
	return !o->tree && order_search(o, x, px, y, py);
}

bool order_ends_before(struct order *o, uint32_t x, uint32_t y, uint32_t py)
{
	uint32_t joiner = order_joiner(o, x);

	return joiner != LOCKDAG_NONE &&
	       order_before(o, joiner, o->m->threads.items[x].join_phase, y, py);
}

bool order_threads_before(struct order *o, uint32_t a, uint32_t b)
{
	return order_ends_before(o, a, b, 0);
}

enum order_why order_explain(
	const struct order *o, uint32_t x, uint32_t px, uint32_t y, uint32_t py)
{
	if (order_up(o, y, py, x) >= (int64_t)px)
		return ORDER_CREATED_LATER;
	for (uint32_t i = 0, t = x; i < o->m->threads.n && t != LOCKDAG_NONE; i++) {
		if (t == y)
			return ORDER_JOINED_BY;
		t = order_joiner(o, t);
	}
	return order_chains(o, x, px, y, py) ? ORDER_JOINED_BEFORE : ORDER_INDIRECT;
}
