/* SPDX-License-Identifier: MIT
 *
 * What a signaller has said before: that it is through with a lock; and which lock of a class it was
 * that it asked for.
 */
#include "core/events.h"

#include <errno.h>
#include <stdlib.h>

struct told {
	/* Thread and mutex of each condition wait, sorted. */
	struct told_wait {
		uint32_t thread, mutex;
	} * waits;
	size_t n_waits;
	/* What was asked for before a condition was signalled that is waited for with it, and before any
	 * condition was signalled (event: LOCKDAG_NONE). */
	struct told_row {
		uint64_t serial;
		uint32_t thread, lock, event, stack;
		uint32_t last_phase; /* of such a signal */
	} * rows; /* sorted */
	size_t n_rows;
	/* Each mutex with which a condition is waited for that the thread signals. */
	struct told_signal {
		uint32_t thread, mutex;
		uint32_t last_phase; /* of the last such signal */
	} * signals; /* sorted */
	size_t n_signals;
};

static int told_by_wait(const void *a, const void *b)
{
	const struct told_wait *x = a, *y = b;

	if (x->thread != y->thread)
		return x->thread < y->thread ? -1 : 1;
	return x->mutex < y->mutex ? -1 : x->mutex > y->mutex;
}

static int told_by_row(const void *a, const void *b)
{
	const struct told_row *x = a, *y = b;

	if (x->thread != y->thread)
		return x->thread < y->thread ? -1 : 1;
	if (x->lock != y->lock)
		return x->lock < y->lock ? -1 : 1;
	if (x->serial != y->serial)
		return x->serial < y->serial ? -1 : 1;
	if (x->event != y->event)
		return x->event < y->event ? -1 : 1;
	return x->stack < y->stack ? -1 : x->stack > y->stack;
}

/* The first row that is not before this one. */
static size_t told_first(const struct told *t, const struct told_row *key)
{
	size_t low = 0, high = t->n_rows;

	while (low < high) {
		const size_t middle = (low + high) / 2;

		if (told_by_row(&t->rows[middle], key) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static bool told_is_of(const struct told *t, size_t i, const struct told_row *key)
{
	return i < t->n_rows && t->rows[i].thread == key->thread && t->rows[i].lock == key->lock &&
	       t->rows[i].serial == key->serial;
}

static size_t events_first_monitor(const struct events *ev, uint32_t event, uint32_t mutex)
{
	size_t low = 0, high = ev->n_monitors;

	while (low < high) {
		const size_t middle = (low + high) / 2;
		const struct monitor *row = &ev->monitors[middle];

		if (row->event < event || (row->event == event && row->mutex < mutex))
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static bool events_has_monitor(const struct events *ev, uint32_t event, uint32_t mutex)
{
	const size_t i = events_first_monitor(ev, event, mutex);

	return i < ev->n_monitors && ev->monitors[i].event == event && ev->monitors[i].mutex == mutex;
}

/* One for each place and event. */
static int told_find_rows(const struct events *ev, struct told *t)
{
	const struct lockdag_model *m = ev->m;
	size_t cap = 0, kept = 0;

	for (size_t i = 0; i < m->discharges.n; i++) {
		const struct lockdag_discharge *d = &m->discharges.items[i];
		const bool condition = lock_birth(m, d->lock)->type == LOCKDAG_LOCK_CONDITION;

		for (uint32_t k = 0; !d->due && k < d->n_held; k++) {
			const struct lockdag_held *r = &m->held.items[d->held + k];
			struct told_row row = {
				r->serial, d->thread, r->lock, d->lock, r->stack, d->last_phase};

			for (unsigned round = 0; round < 2; round++) {
				if (round)
					row.event = LOCKDAG_NONE;
				if (!(round ? condition : events_has_monitor(ev, d->lock, r->lock)))
					continue;
				if (!lockdag_vec_grow(
					    (void **)&t->rows, t->n_rows, &cap, sizeof(*t->rows)))
					return -ENOMEM;
				t->rows[t->n_rows++] = row;
			}
		}
	}
	if (t->n_rows)
		qsort(t->rows, t->n_rows, sizeof(*t->rows), told_by_row);
	for (size_t i = 0; i < t->n_rows; i++)
		if (!kept || told_by_row(&t->rows[kept - 1], &t->rows[i]))
			t->rows[kept++] = t->rows[i];
		else if (t->rows[kept - 1].last_phase < t->rows[i].last_phase)
			t->rows[kept - 1].last_phase = t->rows[i].last_phase;
	t->n_rows = kept;
	return 0;
}

static int told_by_signal(const void *a, const void *b)
{
	const struct told_signal *x = a, *y = b;

	if (x->thread != y->thread)
		return x->thread < y->thread ? -1 : 1;
	return x->mutex < y->mutex ? -1 : x->mutex > y->mutex;
}

static int told_find_signals(const struct events *ev, struct told *t)
{
	size_t cap = 0, kept = 0;

	for (size_t i = 0; i < ev->m->discharges.n; i++) {
		const struct lockdag_discharge *d = &ev->m->discharges.items[i];

		for (size_t k = events_first_monitor(ev, d->lock, 0);
			!d->due && k < ev->n_monitors && ev->monitors[k].event == d->lock; k++) {
			if (!lockdag_vec_grow(
				    (void **)&t->signals, t->n_signals, &cap, sizeof(*t->signals)))
				return -ENOMEM;
			t->signals[t->n_signals++] = (struct told_signal){
				d->thread, ev->monitors[k].mutex, d->last_phase};
		}
	}
	if (t->n_signals)
		qsort(t->signals, t->n_signals, sizeof(*t->signals), told_by_signal);
	for (size_t i = 0; i < t->n_signals; i++)
		if (!kept || told_by_signal(&t->signals[kept - 1], &t->signals[i]))
			t->signals[kept++] = t->signals[i];
		else if (t->signals[kept - 1].last_phase < t->signals[i].last_phase)
			t->signals[kept - 1].last_phase = t->signals[i].last_phase;
	t->n_signals = kept;
	return 0;
}

int told_init(struct events *ev)
{
	const struct lockdag_model *m = ev->m;
	struct told *t = ev->told = calloc(1, sizeof(*t));
	size_t cap = 0;
	int r;

	if (!t)
		return -ENOMEM;
	for (size_t i = 0; i < m->acquires.n; i++) {
		const struct lockdag_acquire *a = &m->acquires.items[i];

		if (!events_is_wait(a) || a->monitor == LOCKDAG_NONE)
			continue;
		if (!lockdag_vec_grow((void **)&t->waits, t->n_waits, &cap, sizeof(*t->waits)))
			return -ENOMEM;
		t->waits[t->n_waits++] = (struct told_wait){a->thread, a->monitor};
	}
	if (t->n_waits)
		qsort(t->waits, t->n_waits, sizeof(*t->waits), told_by_wait);
	r = told_find_rows(ev, t);
	return r ? r : told_find_signals(ev, t);
}

void told_done(struct events *ev)
{
	if (!ev->told)
		return;
	free(ev->told->waits);
	free(ev->told->rows);
	free(ev->told->signals);
	free(ev->told);
}

static bool told_waits_with(const struct told *t, uint32_t thread, uint32_t mutex)
{
	const struct told_wait wait = {thread, mutex};

	return t->n_waits && bsearch(&wait, t->waits, t->n_waits, sizeof(wait), told_by_wait);
}

/* Does the thread, which discharges something, ask for the lock in one way only, and never wait with it
 * as a monitor? */
static bool events_asks_once(
	const struct events *ev, uint32_t thread, uint32_t lock, uint64_t serial)
{
	size_t ways = 0;

	if (told_waits_with(ev->told, thread, lock))
		return false;
	for (size_t i = events_first_own(ev, thread, lock); i < ev->n_own && ways < 2 &&
		ev->own[i].thread == thread && ev->own[i].lock == lock;
		i++)
		ways += ev->m->acquires.items[ev->own[i].acquire].serial == serial;
	return ways == 1;
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

bool events_was_announced(const struct events *ev, uint32_t discharge, uint32_t k)
{
	const struct lockdag_model *m = ev->m;
	const struct lockdag_discharge *d = &m->discharges.items[discharge];
	const struct lockdag_held *row = &m->held.items[d->held + k];
	const struct told_row key = {row->serial, d->thread, row->lock, 0, 0, 0};
	bool found = false;

	if (row->flags & LOCKDAG_ACQUIRE_WAIT)
		return false;
	for (size_t i = told_first(ev->told, &key); told_is_of(ev->told, i, &key); i++) {
		const struct told_row *r = &ev->told->rows[i];

		if (r->event == d->lock || r->event == LOCKDAG_NONE)
			continue;
		if (row->stack != LOCKDAG_NONE && r->stack == row->stack)
			return true;
		found = true;
	}
	return found && events_asks_once(ev, d->thread, row->lock, row->serial);
}

/* Has it signalled a condition that is waited for with a's lock, in a later phase than it last took that? An
 * iteration may have ended in between. */
static bool events_signals_later(const struct events *ev, const struct lockdag_acquire *a)
{
	const struct told *t = ev->told;
	const struct told_signal key = {a->thread, a->lock, 0}, *row;

	if (!t->n_signals || ev->m->locks.items[a->lock].flags & LOCKDAG_LOCK_MANY)
		return false;
	row = bsearch(&key, t->signals, t->n_signals, sizeof(key), told_by_signal);
	return row && row->last_phase > a->last_phase;
}

static bool events_signals_after(const struct events *ev, const struct lockdag_acquire *a)
{
	const struct told_row key = {a->serial, a->thread, a->lock, LOCKDAG_NONE, 0, 0};

	return told_is_of(ev->told, told_first(ev->told, &key), &key) || events_signals_later(ev, a);
}

/* Does it signal a condition after each of its ways to take the lock, and did so after the last time of
 * each? Only where the places are known. */
static bool events_signals_after_each(const struct events *ev, const struct lockdag_acquire *a)
{
	for (size_t i = events_first_own(ev, a->thread, a->lock); i < ev->n_own &&
		ev->own[i].thread == a->thread && ev->own[i].lock == a->lock;
		i++) {
		const struct lockdag_acquire *b = &ev->m->acquires.items[ev->own[i].acquire];
		const struct told_row key = {a->serial, a->thread, a->lock, LOCKDAG_NONE, b->stack, 0};
		const size_t row = told_first(ev->told, &key);

		if (b->serial != a->serial || events_signals_later(ev, b))
			continue;
		if (b->stack == LOCKDAG_NONE || row >= ev->told->n_rows ||
			told_by_row(&ev->told->rows[row], &key) ||
			ev->told->rows[row].last_phase < b->last_phase)
			return false;
	}
	return !told_waits_with(ev->told, a->thread, a->lock);
}

bool events_says_done(const struct events *ev, const struct lockdag_acquire *a)
{
	return !events_is_wait(a) && events_signals_after(ev, a) &&
	       (events_asks_once(ev, a->thread, a->lock, a->serial) ||
		       events_signals_after_each(ev, a));
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
