/* SPDX-License-Identifier: MIT
 *
 * What a signaller has said before: that it is through with a lock; and which lock of a class it was
 * that it asked for.
 */
#include "core/events.h"

/* Does the thread ask for the lock in one way only, and never wait with it as a monitor? */
static bool events_asks_once(
	const struct events *ev, uint32_t thread, uint32_t lock, uint64_t serial)
{
	const struct lockdag_model *m = ev->m;
	size_t ways = 0;

	for (size_t i = 0; i < m->acquires.n && ways < 2; i++) {
		const struct lockdag_acquire *b = &m->acquires.items[i];

		if (b->thread != thread)
			continue;
		if (events_is_wait(b) && b->monitor == lock)
			return false;
		ways += b->lock == lock && b->serial == serial;
	}
	return ways == 1;
}

static bool events_has_monitor(const struct events *ev, uint32_t event, uint32_t mutex)
{
	for (size_t i = 0; i < ev->n_monitors; i++)
		if (ev->monitors[i].event == event && ev->monitors[i].mutex == mutex)
			return true;
	return false;
}

bool events_opens(const struct events *ev, uint32_t discharge, uint32_t k)
{
	const struct lockdag_discharge *d = &ev->m->discharges.items[discharge];
	const struct asking *x = &ev->more[ev->first_more[discharge] + k];
	const struct lockdag_acquire *a;

	if (!events_is_wait(&x->as) || x->acquire == LOCKDAG_NONE)
		return false;
	a = &ev->m->acquires.items[x->acquire];
	/* Its first iteration began before it was known that it comes back. */
	return !a->n_held && ((a->first_phase < d->first_phase && d->first_phase <= a->last_phase) ||
			(a->first_phase == d->first_phase && d->first_phase < a->last_phase));
}

/* Had the lock been asked for before this discharge, and at the very place of the row? *ret_known: it is
 * known where both were. */
static bool events_asked_before(const struct events *ev, const struct lockdag_discharge *d,
	const struct lockdag_held *row, bool *ret_known)
{
	bool found = false;

	*ret_known = false;
	for (uint32_t k = 0; k < d->n_held && !*ret_known; k++) {
		const struct lockdag_held *r = &ev->m->held.items[d->held + k];

		if (r->lock != row->lock || r->serial != row->serial)
			continue;
		found = true;
		*ret_known = row->stack != LOCKDAG_NONE && r->stack == row->stack;
	}
	return found;
}

bool events_was_announced(const struct events *ev, uint32_t discharge, uint32_t k)
{
	const struct lockdag_model *m = ev->m;
	const struct lockdag_discharge *d = &m->discharges.items[discharge];
	const struct lockdag_held *row = &m->held.items[d->held + k];

	if (row->flags & LOCKDAG_ACQUIRE_WAIT)
		return false;
	for (size_t i = 0; i < m->discharges.n; i++) {
		const struct lockdag_discharge *other = &m->discharges.items[i];
		bool known;

		if (other->thread == d->thread && other->lock != d->lock && !other->due &&
			events_has_monitor(ev, other->lock, row->lock) &&
			events_asked_before(ev, other, row, &known) &&
			(known || events_asks_once(ev, d->thread, row->lock, row->serial)))
			return true;
	}
	return false;
}

static bool events_signals_after(const struct events *ev, const struct lockdag_acquire *a)
{
	const struct lockdag_model *m = ev->m;

	for (size_t i = 0; i < m->discharges.n; i++) {
		const struct lockdag_discharge *d = &m->discharges.items[i];

		if (d->thread != a->thread || d->due ||
			lock_birth(m, d->lock)->type != LOCKDAG_LOCK_CONDITION)
			continue;
		for (uint32_t k = 0; k < d->n_held; k++) {
			const struct lockdag_held *row = &m->held.items[d->held + k];

			if (row->lock == a->lock && row->serial == a->serial)
				return true;
		}
	}
	return false;
}

bool events_says_done(const struct events *ev, const struct lockdag_acquire *a)
{
	return !events_is_wait(a) && events_signals_after(ev, a) &&
	       events_asks_once(ev, a->thread, a->lock, a->serial);
}

bool events_pool_done(
	const struct events *ev, const struct lockdag_acquire *a, const struct lockdag_held *pool)
{
	const struct lockdag_model *m = ev->m;

	if (lock_birth(m, pool->lock)->type != LOCKDAG_LOCK_POOL)
		return false;
	for (size_t i = 0; i < m->acquires.n; i++) {
		const struct lockdag_acquire *b = &m->acquires.items[i];

		if (b->lock != a->lock || b->serial != a->serial)
			continue;
		for (uint32_t k = 0; k < b->n_held; k++) {
			const struct lockdag_held *h = &m->held.items[b->held + k];

			if (h->lock == pool->lock && h->serial == pool->serial &&
				events_says_done(ev, b))
				return true;
		}
	}
	return false;
}

bool events_asks_other(const struct events *ev, const struct lockdag_discharge *d,
	const struct lockdag_held *row, uint32_t acquire, uint32_t held)
{
	const struct lockdag_model *m = ev->m;
	const uint32_t holder = events_asking(ev, acquire)->thread;
	const struct lockdag_held under = events_under(ev, acquire, held);
	const bool event = held == LOCKDAG_NONE;
	struct instance has, asked;

	if (event != !!(row->flags & LOCKDAG_ACQUIRE_WAIT) || events_is_handler(ev, under.lock) ||
		lockdag_lock_type_is_end(lock_birth(m, under.lock)->type) ||
		m->threads.items[holder].process != m->threads.items[d->thread].process)
		return false;
	return events_instance(ev, under.lock, under.serial, holder, &has) &&
	       events_instance(ev, row->lock, row->serial, d->thread, &asked) &&
	       !instance_equal(&has, &asked);
}
