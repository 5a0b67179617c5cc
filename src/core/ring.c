/* SPDX-License-Identifier: MIT
 *
 * A ring buffer's locks: the elements of one array, each taken under the one before and the first under the
 * last, by the same code and by several threads everywhere. Whoever does so goes round the ring with the
 * place that is current, and only one place is: the cycle wants all places at once.
 */
#include "core/pick.h"

#define RING_LEAST 6 /* places: with fewer, all of them may be somebody's at once (philosophers) */

/* Where the observation took and asked, innermost. false: not known. */
static bool ring_sites(const struct pick *p, const struct arc *arc, uint64_t *ret_held, uint64_t *ret_asked)
{
	const struct lockdag_model *m = p->e->m;
	const uint32_t held = arc_under(p->events, arc).stack;
	const uint32_t asked = events_asking(p->events, arc->acquire)->stack;

	if (held == LOCKDAG_NONE || asked == LOCKDAG_NONE || !m->stacks.items[held].n_raw ||
		!m->stacks.items[asked].n_raw)
		return false;
	*ret_held = m->stacks.items[held].raw[0];
	*ret_asked = m->stacks.items[asked].raw[0];
	return true;
}

static bool ring_has_threads(const struct pick *p, size_t i)
{
	const struct pick_candidates *c = &p->candidates[i];
	const uint32_t first = events_asking(p->events, p->g->arcs.items[c->arcs[0]].acquire)->thread;

	for (size_t k = 1; k < c->n; k++)
		if (events_asking(p->events, p->g->arcs.items[c->arcs[k]].acquire)->thread != first)
			return true;
	return false;
}

/* The address of the lock that is held in link i; 0: not one lock, or not one of the process. */
static uint64_t ring_address(const struct pick *p, size_t i)
{
	const struct lockdag_model *m = p->e->m;
	const struct lockdag_lock *first = &m->locks.items[arc_under(
		p->events, &p->g->arcs.items[p->candidates[0].arcs[0]]).lock];
	const uint32_t lock = arc_under(p->events, &p->g->arcs.items[p->candidates[i].arcs[0]]).lock;
	const struct lockdag_lock *l = &m->locks.items[lock];

	if (l->flags & LOCKDAG_LOCK_MANY || l->process != first->process)
		return 0;
	for (size_t k = 1; k < p->candidates[i].n; k++)
		if (arc_under(p->events, &p->g->arcs.items[p->candidates[i].arcs[k]]).lock != lock)
			return 0;
	return l->address;
}

/* Do the addresses rise (or fall) by equal steps, but for the one that leads from the last to the first? */
static bool ring_is_array(const struct pick *p)
{
	uint64_t step = 0, address[PICK_MAX_LENGTH];
	size_t most = 0, odd = 0;

	for (size_t i = 0; i < p->n; i++)
		if (!(address[i] = ring_address(p, i)))
			return false;
	for (size_t i = 0; i < p->n; i++) {
		const uint64_t d = address[(i + 1) % p->n] - address[i];
		size_t same = 0;

		for (size_t k = 0; k < p->n; k++)
			same += address[(k + 1) % p->n] - address[k] == d;
		if (same > most) {
			most = same;
			step = d;
		}
	}
	for (size_t i = 0; i < p->n; i++)
		odd += address[(i + 1) % p->n] - address[i] == 0 - step * (p->n - 1);
	return most == p->n - 1 && odd == 1;
}

bool pick_is_ring(const struct pick *p)
{
	uint64_t held, asked, first_held = 0, first_asked = 0;

	if (p->n < RING_LEAST)
		return false;
	for (size_t i = 0; i < p->n; i++) {
		const struct arc *a = &p->g->arcs.items[p->candidates[i].arcs[0]];

		if (a->held == LOCKDAG_NONE || !ring_has_threads(p, i) ||
			!ring_sites(p, a, &held, &asked))
			return false;
		if (!i) {
			first_held = held;
			first_asked = asked;
		}
		if (held != first_held || asked != first_asked)
			return false;
	}
	return ring_is_array(p);
}
