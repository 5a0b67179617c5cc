/* SPDX-License-Identifier: MIT */
#include "core/order.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"

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

#define ORDER_REACHES 64 /* a power of two */

/* The model's orders by the thread they start in: a counting sort. */
static void order_sort(struct order *o)
{
	const struct lockdag_model *m = o->m;

	for (size_t i = 0; i < m->orders.n; i++)
		o->first_order[m->orders.items[i].from_thread + 1]++;
	for (size_t t = 0; t < m->threads.n; t++)
		o->first_order[t + 1] += o->first_order[t];
	for (size_t i = m->orders.n; i-- > 0;)
		o->orders[--o->first_order[m->orders.items[i].from_thread + 1]] = (uint32_t)i;
	/* Now first_order[t + 1] is where t's begin. */
	memmove(o->first_order, o->first_order + 1, m->threads.n * sizeof(*o->first_order));
	o->first_order[m->threads.n] = (uint32_t)m->orders.n;
}

int order_init(struct order *o, const struct lockdag_model *m)
{
	size_t n = m->threads.n;
	uint32_t *memory = malloc((3 * n + 1) * sizeof(*memory));

	*o = (struct order){.m = m, .tree = !m->orders.n, .first_child = memory};
	o->in_queue = calloc(n + 1, sizeof(*o->in_queue));
	o->orders = malloc((m->orders.n + 1) * sizeof(*o->orders));
	o->first_order = calloc(n + 2, sizeof(*o->first_order));
	o->reaches = calloc(ORDER_REACHES, sizeof(*o->reaches));
	if (!memory || !o->in_queue || !o->orders || !o->first_order || !o->reaches)
		return -ENOMEM;
	memset(memory, 0xff, (3 * n + 1) * sizeof(*memory));
	o->next_child = memory + n;
	o->queue = memory + 2 * n;
	for (uint32_t t = 0; t < n; t++) {
		uint32_t parent = order_parent(o, t), joiner = order_joiner(o, t);

		if (joiner != LOCKDAG_NONE && joiner != parent)
			o->tree = false;
		if (parent != LOCKDAG_NONE) {
			o->next_child[t] = o->first_child[parent];
			o->first_child[parent] = t;
		}
	}
	order_sort(o);
	return 0;
}

void order_done(struct order *o)
{
	for (size_t i = 0; o->reaches && i < ORDER_REACHES; i++)
		free(o->reaches[i].earliest);
	free(o->reaches);
	free(o->takes);
	free(o->in_queue);
	free(o->orders);
	free(o->first_order);
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

struct order_search {
	struct order *o;
	uint32_t *earliest;
	size_t head, n_queued; /* the queue holds a thread once at a time: a ring is enough */
};

static void order_arrive(struct order_search *s, uint32_t thread, uint32_t phase)
{
	size_t n = s->o->m->threads.n;

	if (phase >= s->earliest[thread])
		return;
	s->earliest[thread] = phase;
	if (!s->o->in_queue[thread]) {
		s->o->in_queue[thread] = true;
		s->o->queue[(s->head + s->n_queued++) % n] = thread;
	}
}

/* Leaves thread t by its creates, its join, and its points. first: of the start, for the start
 * itself; a thread that was arrived at is left by all points from there on. */
static void order_leave(struct order_search *s, uint32_t t, uint32_t first, bool points)
{
	const struct order *o = s->o;
	uint32_t joiner = order_joiner(o, t);

	for (uint32_t c = o->first_child[t]; c != LOCKDAG_NONE; c = o->next_child[c]) {
		if (o->m->threads.items[c].create_phase >= s->earliest[t])
			order_arrive(s, c, 0);
	}
	if (joiner != LOCKDAG_NONE)
		order_arrive(s, joiner, o->m->threads.items[t].join_phase);
	for (uint32_t i = o->first_order[t]; points && i < o->first_order[t + 1]; i++) {
		const struct lockdag_order *p = &o->m->orders.items[o->orders[i]];

		if (p->from_last >= s->earliest[t] && p->from_first <= first)
			order_arrive(s, p->to_thread, p->to_phase);
	}
}

/* All that is after the start, by the earliest phase reached of each thread. NULL: no memory. */
static const uint32_t *order_reach(
	struct order *o, uint32_t x, uint32_t first, uint32_t px, bool points)
{
	uint64_t key = (uint64_t)x << 32 ^ (uint64_t)first << 16 ^ (uint64_t)px << 1 ^ points;
	struct order_reach *r = &o->reaches[lockdag_hash_mix(key) & (ORDER_REACHES - 1)];
	struct order_search s = {.o = o};
	size_t n = o->m->threads.n;

	if (r->earliest && r->thread == x && r->first == first && r->last == px &&
		r->points == points)
		return r->earliest;
	if (!r->earliest)
		r->earliest = malloc((n + 1) * sizeof(*r->earliest));
	if (!r->earliest)
		return NULL;
	memset(r->earliest, 0xff, (n + 1) * sizeof(*r->earliest));
	r->thread = x;
	r->first = first;
	r->last = px;
	r->points = points;
	s.earliest = r->earliest;
	s.earliest[x] = px;
	order_leave(&s, x, first, points);
	while (s.n_queued) {
		uint32_t t = o->queue[s.head % n];

		s.head++;
		s.n_queued--;
		o->in_queue[t] = false;
		order_leave(&s, t, ORDER_POINT, points);
	}
	return r->earliest;
}

bool order_before(struct order *o, uint32_t x, uint32_t first, uint32_t px, uint32_t y, uint32_t py)
{
	const uint32_t *earliest;

	if (order_chains(o, x, px, y, py))
		return true;
	if (o->tree)
		return false;
	earliest = order_reach(o, x, first, px, true);
	return earliest && earliest[y] <= py; /* not ruling out is the safe side */
}

bool order_ends_before(struct order *o, uint32_t x, uint32_t y, uint32_t py)
{
	uint32_t joiner = order_joiner(o, x);

	return joiner != LOCKDAG_NONE &&
	       order_before(o, joiner, ORDER_POINT, o->m->threads.items[x].join_phase, y, py);
}

bool order_threads_before(struct order *o, uint32_t a, uint32_t b)
{
	return order_ends_before(o, a, b, 0);
}

enum order_why order_explain(struct order *o, uint32_t x, uint32_t px, uint32_t y, uint32_t py)
{
	const uint32_t *earliest;
	uint32_t t = x;

	if (order_up(o, y, py, x) >= (int64_t)px)
		return ORDER_CREATED_LATER;
	for (uint32_t i = 0; i < o->m->threads.n && order_joiner(o, t) != LOCKDAG_NONE; i++) {
		uint32_t phase = o->m->threads.items[t].join_phase;

		t = order_joiner(o, t);
		if (t == y && phase <= py)
			return ORDER_JOINED_BY;
	}
	if (order_chains(o, x, px, y, py))
		return ORDER_JOINED_BEFORE;
	earliest = order_reach(o, x, px, px, false);
	return earliest && earliest[y] <= py ? ORDER_INDIRECT : ORDER_BY_POINT;
}
