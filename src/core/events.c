/* SPDX-License-Identifier: MIT */
#include "core/events.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* ------------------------------------------------------------------ instances */

static bool events_is_end(const struct events *ev, uint32_t lock)
{
	return lockdag_lock_type_is_end(lock_birth(ev->m, lock)->type);
}

/* A way of a pipe or connection: whoever writes to another one, be it the other way of the same socket, ends
 * no wait for it. Where no writer is known he is not watched. */
static bool events_is_flow(const struct events *ev, uint32_t lock)
{
	const struct lockdag_birth *b = lock_birth(ev->m, lock);

	return b->type == LOCKDAG_LOCK_EVENT && b->attributes & LOCKDAG_LOCK_SHARED;
}

bool events_instance(const struct events *ev, uint32_t lock, uint64_t serial, uint32_t thread,
	struct instance *ret)
{
	if (!events_is_end(ev, lock))
		return instance_get(ev->m, lock, serial, thread, ret);
	*ret = (struct instance){serial, LOCKDAG_NONE, LOCKDAG_NONE};
	return serial != 0;
}

static int events_by_instance(const struct instance *x, const struct instance *y)
{
	if (x->lock != y->lock)
		return x->lock < y->lock ? -1 : 1;
	if (x->serial != y->serial)
		return x->serial < y->serial ? -1 : 1;
	return x->process < y->process ? -1 : x->process > y->process;
}

static int events_by_waker(const void *a, const void *b)
{
	const struct waker *x = a, *y = b;
	int order;

	if (x->class_id != y->class_id)
		return x->class_id < y->class_id ? -1 : 1;
	if (x->known != y->known)
		return x->known ? 1 : -1;
	order = x->known ? events_by_instance(&x->instance, &y->instance) : 0;
	if (order)
		return order;
	return x->discharge < y->discharge ? -1 : x->discharge > y->discharge;
}

static int events_find_wakers(struct events *ev)
{
	const struct lockdag_model *m = ev->m;

	ev->wakers = calloc(m->discharges.n + 1, sizeof(*ev->wakers));
	if (!ev->wakers)
		return -ENOMEM;
	for (uint32_t i = 0; i < m->discharges.n; i++) {
		const struct lockdag_discharge *d = &m->discharges.items[i];
		struct waker *w = &ev->wakers[ev->n_wakers];

		if (d->due)
			continue;
		ev->n_wakers++;
		w->class_id = ev->classes->of_lock[d->lock];
		w->discharge = i;
		w->known = events_instance(ev, d->lock, d->serial, d->thread, &w->instance);
	}
	if (ev->n_wakers)
		qsort(ev->wakers, ev->n_wakers, sizeof(*ev->wakers), events_by_waker);
	return 0;
}

static int events_find_ended(struct events *ev)
{
	const struct lockdag_model *m = ev->m;

	if (!m->ended.n)
		return 0;
	ev->ended = malloc(m->acquires.n * sizeof(*ev->ended));
	if (!ev->ended)
		return -ENOMEM;
	for (size_t i = 0; i < m->acquires.n; i++)
		ev->ended[i] = LOCKDAG_NONE;
	for (size_t i = 0; i < m->ended.n; i++)
		ev->ended[m->ended.items[i].acquire] = m->ended.items[i].discharge;
	for (size_t i = 0; i < m->ended.n; i++) /* several have ended it: none always did */
		if (ev->ended[m->ended.items[i].acquire] != m->ended.items[i].discharge)
			ev->ended[m->ended.items[i].acquire] = LOCKDAG_NONE;
	return 0;
}

/* First waker that is not before key by class, known and instance. */
static size_t events_first(const struct events *ev, const struct waker *key)
{
	size_t low = 0, high = ev->n_wakers;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (events_by_waker(&ev->wakers[middle], key) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* The wakers of one instance. */
static void events_range(
	const struct events *ev, const struct waker *key, size_t *ret_first, size_t *ret_end)
{
	size_t end = *ret_first = events_first(ev, key);

	while (end < ev->n_wakers && ev->wakers[end].class_id == key->class_id &&
		ev->wakers[end].known &&
		!events_by_instance(&ev->wakers[end].instance, &key->instance))
		end++;
	*ret_end = end;
}

bool events_meet(const struct events *ev, const struct lockdag_acquire *a,
	const struct lockdag_held *e, uint32_t by)
{
	struct waker key = {.class_id = ev->classes->of_lock[a->lock], .known = true};
	struct instance other;
	size_t first, end;

	if (!events_instance(ev, a->lock, a->serial, a->thread, &key.instance))
		return true;
	if (events_instance(ev, e->lock, e->serial, by, &other) &&
		!events_by_instance(&key.instance, &other))
		return true;
	if (events_is_end(ev, a->lock) || events_is_handler(ev, a->lock) || events_is_flow(ev, a->lock))
		return false;
	events_range(ev, &key, &first, &end);
	return first == end;
}

void events_wakers(const struct events *ev, const struct lockdag_acquire *a, size_t *ret_first,
	size_t *ret_end)
{
	struct waker key = {.class_id = ev->classes->of_lock[a->lock], .known = true};
	enum lockdag_lock_type type = lock_birth(ev->m, a->lock)->type;

	*ret_first = *ret_end = 0;
	if (lockdag_lock_type_is_end(type) || type == LOCKDAG_LOCK_BARRIER)
		return;
	if (events_instance(ev, a->lock, a->serial, a->thread, &key.instance)) {
		events_range(ev, &key, ret_first, ret_end);
		if (*ret_first < *ret_end)
			return;
	}
	key.known = false;
	*ret_first = *ret_end = events_first(ev, &key);
	while (*ret_end < ev->n_wakers && ev->wakers[*ret_end].class_id == key.class_id)
		++*ret_end;
}

enum lockdag_ruled events_semaphore(const struct events *ev, uint32_t lock)
{
	if (lock_birth(ev->m, lock)->type != LOCKDAG_LOCK_SEMAPHORE)
		return LOCKDAG_RULED_NOT;
	return ev->m->locks.items[lock].value ? LOCKDAG_RULED_COUNT : LOCKDAG_RULED_NOT;
}

/* ------------------------------------------------------------------ monitors */

static int events_by_monitor(const void *a, const void *b)
{
	const struct monitor *x = a, *y = b;

	if (x->event != y->event)
		return x->event < y->event ? -1 : 1;
	return x->mutex < y->mutex ? -1 : x->mutex > y->mutex;
}

static int events_find_monitors(struct events *ev)
{
	size_t cap = 0, kept = 0;

	for (size_t i = 0; i < ev->m->acquires.n; i++) {
		const struct lockdag_acquire *a = &ev->m->acquires.items[i];

		if (!events_is_wait(a) || a->monitor == LOCKDAG_NONE)
			continue;
		if (!lockdag_vec_grow(
			    (void **)&ev->monitors, ev->n_monitors, &cap, sizeof(*ev->monitors)))
			return -ENOMEM;
		ev->monitors[ev->n_monitors++] = (struct monitor){a->lock, a->monitor};
	}
	if (ev->n_monitors)
		qsort(ev->monitors, ev->n_monitors, sizeof(*ev->monitors), events_by_monitor);
	for (size_t i = 0; i < ev->n_monitors; i++) {
		if (!kept || events_by_monitor(&ev->monitors[kept - 1], &ev->monitors[i]))
			ev->monitors[kept++] = ev->monitors[i];
	}
	ev->n_monitors = kept;
	return 0;
}

static size_t events_first_monitor(const struct events *ev, uint32_t event)
{
	size_t low = 0, high = ev->n_monitors;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (ev->monitors[middle].event < event)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

bool events_one_monitor(const struct events *ev, uint32_t a, uint32_t b)
{
	size_t i = events_first_monitor(ev, a), k = events_first_monitor(ev, b);

	while (i < ev->n_monitors && k < ev->n_monitors && ev->monitors[i].event == a &&
		ev->monitors[k].event == b) {
		if (ev->monitors[i].mutex == ev->monitors[k].mutex)
			return true;
		if (ev->monitors[i].mutex < ev->monitors[k].mutex)
			i++;
		else
			k++;
	}
	return false;
}

/* ------------------------------------------------------------------ askings */

static int events_by_own(const void *a, const void *b)
{
	const struct events_own *x = a, *y = b;

	if (x->thread != y->thread)
		return x->thread < y->thread ? -1 : 1;
	if (x->lock != y->lock)
		return x->lock < y->lock ? -1 : 1;
	return x->acquire < y->acquire ? -1 : x->acquire > y->acquire;
}

static int events_find_own(struct events *ev)
{
	const struct lockdag_model *m = ev->m;
	bool *wakes = calloc(m->threads.n + 1, sizeof(*wakes));
	struct events_own *own = malloc((m->acquires.n + 1) * sizeof(*own));
	size_t n = 0;

	if (!wakes || !own) {
		free(wakes);
		free(own);
		return -ENOMEM;
	}
	for (size_t i = 0; i < m->discharges.n; i++)
		wakes[m->discharges.items[i].thread] = true;
	for (uint32_t i = 0; i < m->acquires.n; i++) {
		const struct lockdag_acquire *a = &m->acquires.items[i];

		if (wakes[a->thread])
			own[n++] = (struct events_own){a->thread, a->lock, i};
	}
	free(wakes);
	if (n)
		qsort(own, n, sizeof(*own), events_by_own);
	ev->own = own;
	ev->n_own = n;
	return 0;
}

size_t events_first_own(const struct events *ev, uint32_t thread, uint32_t lock)
{
	size_t low = 0, high = ev->n_own;

	while (low < high) {
		const size_t middle = (low + high) / 2;
		const struct events_own *own = &ev->own[middle];

		if (own->thread < thread || (own->thread == thread && own->lock < lock))
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* Does the row tell of the very place of the acquisition? */
static bool events_at(const struct lockdag_acquire *a, const struct lockdag_held *row)
{
	return row->stack != LOCKDAG_NONE && a->stack == row->stack;
}

static bool events_same_held(const struct lockdag_model *m, const struct lockdag_acquire *a,
	const struct lockdag_acquire *b)
{
	for (uint32_t i = 0; i < a->n_held && i < b->n_held; i++) {
		const struct lockdag_held *x = &m->held.items[a->held + i];
		const struct lockdag_held *y = &m->held.items[b->held + i];

		if (x->lock != y->lock || x->serial != y->serial || x->mode != y->mode)
			return false;
	}
	return a->n_held == b->n_held;
}

/* What the model's acquisitions say about a discharge's row. */
struct events_known {
	bool same_held; /* all that it may be were made with the same locks held */
	uint32_t last;  /* none of them was made in a later phase */
};

/* The model's acquisition that a discharge's row tells of, or LOCKDAG_NONE: of the same place where
 * there is one, else the first. */
static uint32_t events_own_of(const struct events *ev, const struct lockdag_discharge *d,
	const struct lockdag_held *row, struct events_known *ret)
{
	const struct lockdag_model *m = ev->m;
	const struct events_own *own = ev->own;
	uint32_t best = LOCKDAG_NONE;

	*ret = (struct events_known){.same_held = true};
	for (size_t low = events_first_own(ev, d->thread, row->lock);
		low < ev->n_own && own[low].thread == d->thread && own[low].lock == row->lock; low++) {
		const struct lockdag_acquire *a = &m->acquires.items[own[low].acquire], *b;

		if ((a->flags ^ row->flags) & (LOCKDAG_ACQUIRE_WAIT | LOCKDAG_ACQUIRE_TRY) ||
			a->first_phase > d->last_phase ||
			(a->serial && row->serial && a->serial != row->serial))
			continue;
		if (a->last_phase > ret->last)
			ret->last = a->last_phase;
		b = best == LOCKDAG_NONE ? NULL : &m->acquires.items[best];
		if (b && events_at(b, row) != events_at(a, row)) {
			if (events_at(b, row))
				continue;
			ret->same_held = true; /* what was known so far is of other places */
		} else if (b) {
			ret->same_held &= events_same_held(m, a, b);
			continue;
		}
		best = own[low].acquire;
	}
	return best;
}

static void events_fill(
	struct asking *x, const struct lockdag_model *m, const struct events_known *known)
{
	const struct lockdag_discharge *d = &m->discharges.items[x->discharge];
	const struct lockdag_held *row = &m->held.items[d->held + x->row];

	x->as = (struct lockdag_acquire){.first_phase = d->first_phase, .monitor = LOCKDAG_NONE};
	if (x->acquire != LOCKDAG_NONE)
		x->as = m->acquires.items[x->acquire];
	if (!known->same_held)
		x->as.n_held = 0; /* no gate can rest on it */
	x->as.thread = d->thread;
	x->as.lock = row->lock;
	x->as.serial = row->serial;
	x->as.mode = row->mode;
	x->as.flags = row->flags;
	x->as.stack = row->stack;
	/* When in the iteration it was is not known, but within these. */
	if (x->as.first_phase > d->first_phase)
		x->as.first_phase = d->first_phase;
	x->as.last_phase = d->last_phase;
	if (x->acquire != LOCKDAG_NONE && known->last < d->last_phase)
		x->as.last_phase = known->last;
}

static int events_find_more(struct events *ev)
{
	const struct lockdag_model *m = ev->m;
	size_t n = 0;
	int r = 0;

	ev->first_more = calloc(m->discharges.n + 1, sizeof(*ev->first_more));
	if (!ev->first_more)
		return -ENOMEM;
	if (m->discharges.n)
		r = events_find_own(ev);
	if (r)
		return r;
	for (size_t i = 0; i < m->discharges.n; i++) {
		ev->first_more[i] = (uint32_t)n;
		n += m->discharges.items[i].n_held;
	}
	ev->more = calloc(n + 1, sizeof(*ev->more));
	if (!ev->more || m->acquires.n + n >= LOCKDAG_NONE)
		r = -ENOMEM;
	for (uint32_t i = 0; !r && i < m->discharges.n; i++) {
		const struct lockdag_discharge *d = &m->discharges.items[i];

		for (uint32_t k = 0; k < d->n_held; k++) {
			struct asking *x = &ev->more[ev->n_more++];
			struct events_known known;

			x->discharge = i;
			x->row = k;
			x->acquire = events_own_of(ev, d, &m->held.items[d->held + k], &known);
			events_fill(x, m, &known);
		}
	}
	return r;
}

struct lockdag_held events_under(const struct events *ev, uint32_t i, uint32_t held)
{
	const struct lockdag_model *m = ev->m;
	const struct lockdag_acquire *a = events_asking(ev, i);

	if (held != LOCKDAG_NONE && held == a->n_held && i < m->acquires.n)
		return (struct lockdag_held){a->lock, a->serial, a->mode, a->flags, a->stack};
	if (held != LOCKDAG_NONE)
		return m->held.items[a->held + held];
	if (i >= m->acquires.n) {
		const struct lockdag_discharge *d =
			&m->discharges.items[ev->more[i - m->acquires.n].discharge];

		return (struct lockdag_held){d->lock, d->serial, LOCKDAG_EXCLUSIVE, 0, d->stack};
	}
	if (a->flags & LOCKDAG_ACQUIRE_HANDLER)
		return (struct lockdag_held){a->handler, 0, LOCKDAG_EXCLUSIVE, 0, LOCKDAG_NONE};
	return (struct lockdag_held){ev->thread_end[a->thread], (uint64_t)a->thread + 1,
		LOCKDAG_EXCLUSIVE, 0, LOCKDAG_NONE};
}

/* ------------------------------------------------------------------ ends of threads */

/* The thread whose end is waited for, or LOCKDAG_NONE. */
static uint32_t events_joined(const struct events *ev, uint32_t lock, uint64_t serial)
{
	return events_is_end(ev, lock) && serial && serial <= ev->m->threads.n
		       ? (uint32_t)(serial - 1)
		       : LOCKDAG_NONE;
}

/* An end that is waited for with nothing held, by a thread whose own end nobody waits for under
 * something, is in no cycle: most programs have no other joins. Rounds, until nothing is new. */
static int events_find_ends(struct events *ev)
{
	const struct lockdag_model *m = ev->m;
	bool more = true;

	ev->thread_end = malloc((m->threads.n + 1) * sizeof(*ev->thread_end));
	if (!ev->thread_end)
		return -ENOMEM;
	memset(ev->thread_end, 0xff, (m->threads.n + 1) * sizeof(*ev->thread_end));
	for (size_t i = 0; i < ev->n_more; i++) {
		const struct lockdag_acquire *a = &ev->more[i].as;
		uint32_t t = events_joined(ev, a->lock, a->serial);

		if (t != LOCKDAG_NONE && events_is_wait(a))
			ev->thread_end[t] = a->lock;
	}
	for (size_t round = 0; more && round < m->threads.n + 1; round++) {
		more = false;
		for (size_t i = 0; i < m->acquires.n; i++) {
			const struct lockdag_acquire *a = &m->acquires.items[i];
			uint32_t t = events_is_wait(a) ? events_joined(ev, a->lock, a->serial)
						       : LOCKDAG_NONE;

			if (t == LOCKDAG_NONE || ev->thread_end[t] != LOCKDAG_NONE ||
				(!a->n_held && ev->thread_end[a->thread] == LOCKDAG_NONE))
				continue;
			ev->thread_end[t] = a->lock;
			more = true;
		}
	}
	return 0;
}

/* ------------------------------------------------------------------ all */

int events_init(
	struct events *ev, const struct lockdag_model *m, const struct classes *classes, bool off)
{
	int r;

	*ev = (struct events){.m = m, .classes = classes, .off = off};
	if (off)
		return 0;
	r = events_find_more(ev);
	if (!r)
		r = events_find_wakers(ev);
	if (!r)
		r = events_find_ended(ev);
	if (!r)
		r = events_find_monitors(ev);
	if (!r)
		r = events_find_ends(ev);
	if (!r)
		r = told_init(ev);
	return r;
}

void events_done(struct events *ev)
{
	free(ev->more);
	free(ev->first_more);
	free(ev->thread_end);
	free(ev->wakers);
	free(ev->ended);
	free(ev->monitors);
	free(ev->own);
	told_done(ev);
}
