/* SPDX-License-Identifier: MIT
 *
 * The one order by a lock that is a must: a thread is created with the lock held, which its creator lets
 * go of later. What the new thread does once it has had that lock is after all that its creator did until
 * then, in any schedule.
 */
#include "core/order.h"

#include <stdlib.h>

static int let_in_by_take(const void *a, const void *b)
{
	const struct order_take *x = a, *y = b;

	if (x->thread != y->thread)
		return x->thread < y->thread ? -1 : 1;
	if (x->lock != y->lock)
		return x->lock < y->lock ? -1 : 1;
	return x->acquire < y->acquire ? -1 : x->acquire > y->acquire;
}

/* All acquisitions by thread and lock; made when first asked for. */
static const struct order_take *let_in_takes(struct order *o)
{
	const struct lockdag_model *m = o->m;

	if (o->takes || o->takes_failed)
		return o->takes;
	o->takes = malloc((m->acquires.n + 1) * sizeof(*o->takes));
	o->takes_failed = !o->takes;
	if (!o->takes)
		return NULL; /* not ruling out is the safe side */
	for (uint32_t i = 0; i < m->acquires.n; i++)
		o->takes[i] = (struct order_take){
			m->acquires.items[i].thread, m->acquires.items[i].lock, i};
	if (m->acquires.n)
		qsort(o->takes, m->acquires.n, sizeof(*o->takes), let_in_by_take);
	return o->takes;
}

/* The first of takes[0 .. n) that is not before those of the lock by the thread. */
static size_t let_in_first(const struct order_take *takes, size_t n, uint32_t thread, uint32_t lock)
{
	size_t low = 0, high = n;

	while (low < high) {
		const size_t middle = (low + high) / 2;
		const struct order_take *t = &takes[middle];

		if (t->thread < thread || (t->thread == thread && t->lock < lock))
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static bool let_in_holds(
	const struct lockdag_model *m, const struct lockdag_acquire *a, uint32_t lock, uint64_t serial)
{
	for (uint32_t i = 0; i < a->n_held; i++) {
		const struct lockdag_held *h = &m->held.items[a->held + i];

		if (h->lock == lock && h->serial == serial && h->mode == LOCKDAG_EXCLUSIVE)
			return true;
	}
	return false;
}

/* Has the thread of acquisition a taken the lock, and not after phase `since`, as far as it made a? */
static bool let_in_since(const struct lockdag_model *m, const struct order_take *takes,
	const struct lockdag_acquire *a, const struct lockdag_acquire *lock, uint32_t since)
{
	bool found = false;

	for (size_t i = let_in_first(takes, m->acquires.n, a->thread, lock->lock);
		i < m->acquires.n && takes[i].thread == a->thread && takes[i].lock == lock->lock; i++) {
		const struct lockdag_acquire *x = &m->acquires.items[takes[i].acquire];

		if (x->serial != lock->serial || x->first_phase > a->last_phase)
			continue;
		if (x->last_phase > since)
			return false;
		found = true;
	}
	return found;
}

/* Has the thread of b had b's lock before: it takes it back after a wait, or holds something that it took
 * with that lock held? */
static bool let_in_had(
	const struct lockdag_model *m, const struct order_take *takes, const struct lockdag_acquire *b)
{
	if (b->flags & LOCKDAG_ACQUIRE_REWAIT)
		return true;
	for (uint32_t k = 0; k < b->n_held; k++) {
		const struct lockdag_held *h = &m->held.items[b->held + k];
		size_t n = 0, with = 0;

		for (size_t i = let_in_first(takes, m->acquires.n, b->thread, h->lock);
			h->stack != LOCKDAG_NONE && i < m->acquires.n && takes[i].thread == b->thread &&
			takes[i].lock == h->lock;
			i++) {
			const struct lockdag_acquire *x = &m->acquires.items[takes[i].acquire];

			if (x->stack != h->stack || x->serial != h->serial)
				continue;
			n++;
			with += let_in_holds(m, x, b->lock, b->serial);
		}
		if (n && n == with)
			return true;
	}
	return false;
}

bool order_let_in(
	struct order *o, const struct lockdag_acquire *a, const struct lockdag_acquire *b)
{
	const struct lockdag_model *m = o->m;
	const struct lockdag_thread *child = &m->threads.items[b->thread];
	const struct order_take *takes;

	if (child->parent != a->thread || b->mode != LOCKDAG_EXCLUSIVE ||
		m->locks.items[b->lock].flags || !let_in_holds(m, a, b->lock, b->serial))
		return false;
	takes = let_in_takes(o);
	return takes && let_in_had(m, takes, b) && let_in_since(m, takes, a, b, child->create_phase);
}
