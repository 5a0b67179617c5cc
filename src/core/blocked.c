/* SPDX-License-Identifier: MIT
 *
 * Closed waits: each thread of the cycle is blocked now, on a lock that the next one holds, or on
 * the next one's end. These have happened; nothing is reasoned away. Who could signal an event is
 * not known for sure, so a wait for one is in such a cycle only where no thread of the process is left
 * that could: then discharges are due from each of them (core.h), and the cycle starts at a lock.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/find.h"

struct blocked_hold {
	struct instance instance;
	uint32_t blocked; /* index in model->blocked */
	uint32_t held;    /* its held row; LOCKDAG_NONE: its thread's end */
};

struct blocked {
	struct find *f;
	LOCKDAG_VEC(struct blocked_hold) holds; /* sorted by instance */
	/* Breadth-first search: who was reached from whom, who holds the lock as which held row, or
	 * is to signal by which asking. */
	uint32_t *from, *held, *asking, *queue;
	bool signals; /* events are followed */
	bool *done; /* is in a cycle that was reported */
};

static const struct lockdag_acquire *blocked_acquire(const struct blocked *b, uint32_t i)
{
	return &b->f->m->acquires.items[b->f->m->blocked.items[i].acquire];
}

static int blocked_by_instance(const void *a, const void *b)
{
	const struct instance *x = &((const struct blocked_hold *)a)->instance;
	const struct instance *y = &((const struct blocked_hold *)b)->instance;

	if (x->lock != y->lock)
		return x->lock < y->lock ? -1 : 1;
	if (x->serial != y->serial)
		return x->serial < y->serial ? -1 : 1;
	return x->process < y->process ? -1 : x->process > y->process;
}

static int blocked_by_all(const void *a, const void *b)
{
	const struct blocked_hold *x = a, *y = b;
	int order = blocked_by_instance(a, b);

	if (order)
		return order;
	if (x->blocked != y->blocked)
		return x->blocked < y->blocked ? -1 : 1;
	return x->held < y->held ? -1 : x->held > y->held;
}

/* Its thread's end, where somebody joins it. */
static int blocked_add_end(struct blocked *b, uint32_t i)
{
	const struct events *ev = &b->f->events;
	uint32_t thread = blocked_acquire(b, i)->thread;
	struct blocked_hold *row;

	if (ev->off || ev->thread_end[thread] == LOCKDAG_NONE)
		return 0;
	row = lockdag_vec_push(&b->holds);
	if (!row)
		return -ENOMEM;
	row->blocked = i;
	row->held = LOCKDAG_NONE;
	events_instance(ev, ev->thread_end[thread], (uint64_t)thread + 1, thread, &row->instance);
	return 0;
}

/* A semaphore with room for more than one, or posted by others, is held by nobody in particular. */
static bool blocked_is_owned(const struct lockdag_model *m, uint32_t lock)
{
	const struct lockdag_lock *l = &m->locks.items[lock];

	if (lock_birth(m, lock)->type != LOCKDAG_LOCK_SEMAPHORE)
		return true;
	return l->value == 1 && !(l->flags & LOCKDAG_LOCK_FOREIGN);
}

static int blocked_collect(struct blocked *b)
{
	const struct lockdag_model *m = b->f->m;

	for (uint32_t i = 0; i < m->blocked.n; i++) {
		const struct lockdag_acquire *a = blocked_acquire(b, i);
		int r = blocked_add_end(b, i);

		if (r)
			return r;
		for (uint32_t k = 0; k < a->n_held; k++) {
			const struct lockdag_held *h = &m->held.items[a->held + k];
			struct blocked_hold hold = {.blocked = i, .held = k}, *row;

			if (!blocked_is_owned(m, h->lock) ||
				!instance_get(m, h->lock, h->serial, a->thread, &hold.instance))
				continue;
			row = lockdag_vec_push(&b->holds);
			if (!row)
				return -ENOMEM;
			*row = hold;
		}
	}
	if (b->holds.n)
		qsort(b->holds.items, b->holds.n, sizeof(*b->holds.items), blocked_by_all);
	return 0;
}

/* First hold of the instance, or holds.n. */
static size_t blocked_first(const struct blocked *b, const struct instance *instance)
{
	const struct blocked_hold key = {.instance = *instance};
	size_t low = 0, high = b->holds.n;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (blocked_by_instance(&b->holds.items[middle], &key) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* A thread that waits for the same lock to write it, other than i and holder; or LOCKDAG_NONE. */
static uint32_t blocked_writer(const struct blocked *b, uint32_t i, uint32_t holder)
{
	const struct lockdag_model *m = b->f->m;
	const struct lockdag_acquire *reader = blocked_acquire(b, i);
	struct instance x, y;

	if (!instance_get(m, reader->lock, reader->serial, reader->thread, &x))
		return LOCKDAG_NONE;
	for (uint32_t k = 0; k < m->blocked.n; k++) {
		const struct lockdag_acquire *a = blocked_acquire(b, k);

		if (k != i && k != holder && a->mode == LOCKDAG_EXCLUSIVE &&
			instance_get(m, a->lock, a->serial, a->thread, &y) &&
			instance_equal(&x, &y))
			return m->blocked.items[k].acquire;
	}
	return LOCKDAG_NONE;
}

/* Does the hold stop blocked thread i? */
static bool blocked_stops(const struct blocked *b, uint32_t i, const struct blocked_hold *hold)
{
	uint32_t holder = b->f->m->blocked.items[hold->blocked].acquire;
	struct lockdag_held held = events_under(&b->f->events, holder, hold->held);
	const struct lockdag_acquire *a = blocked_acquire(b, i);

	if (filters_one_owner(b->f->m, a->lock, a->serial, &held))
		return false;
	switch (filters_joint(a->mode, held.mode)) {
	case JOINT_BLOCKS:
		return true;
	case JOINT_NEEDS_WRITER:
		return blocked_writer(b, i, hold->blocked) != LOCKDAG_NONE;
	default:
		return false;
	}
}

/* Reaches blocked thread `to` from i, which holds or signals what i waits for; true: it is start. */
static bool blocked_reach(struct blocked *b, uint32_t i, uint32_t to, uint32_t held,
	uint32_t asking, uint32_t start, uint32_t *n_queue)
{
	b->from[to] = i;
	b->held[to] = held;
	b->asking[to] = asking;
	if (to != start)
		b->queue[(*n_queue)++] = to;
	return to == start;
}

/* Has the thread signalled this event before? Then it is more likely meant than others. */
static bool blocked_has_signalled(
	const struct blocked *b, uint32_t thread, const struct lockdag_acquire *wait)
{
	const struct events *ev = &b->f->events;
	size_t first, end;

	events_wakers(ev, wait, &first, &end);
	for (; first < end; first++)
		if (b->f->m->discharges.items[ev->wakers[first].discharge].thread == thread)
			return true;
	return false;
}

/* The asking of the thread's that stands under the event it is to signal, or LOCKDAG_NONE. */
static uint32_t blocked_due(const struct blocked *b, uint32_t i, const struct instance *event)
{
	const struct lockdag_model *m = b->f->m;
	const struct events *ev = &b->f->events;
	uint32_t thread = blocked_acquire(b, i)->thread;
	struct instance mine;

	for (uint32_t k = 0; k < ev->n_more; k++) {
		const struct lockdag_discharge *d = &m->discharges.items[ev->more[k].discharge];

		if (d->due && d->thread == thread &&
			events_instance(ev, d->lock, d->serial, thread, &mine) &&
			instance_equal(&mine, event))
			return (uint32_t)m->acquires.n + k;
	}
	return LOCKDAG_NONE;
}

/* The same for a wait for an event: those that have signalled it before, else all others. */
static bool blocked_step_event(struct blocked *b, uint32_t i, uint32_t start, uint32_t *n_queue)
{
	const struct lockdag_acquire *a = blocked_acquire(b, i);
	size_t n = b->f->m->blocked.n;
	struct instance event;
	bool known = false;

	if (!b->signals || b->f->events.off ||
		!events_instance(&b->f->events, a->lock, a->serial, a->thread, &event))
		return false;
	for (uint32_t k = 0; k < n; k++)
		known = known || (blocked_has_signalled(b, blocked_acquire(b, k)->thread, a) &&
					 blocked_due(b, k, &event) != LOCKDAG_NONE);
	for (uint32_t k = 0; k < n; k++) {
		uint32_t asking;

		if (b->from[k] != LOCKDAG_NONE ||
			(known && !blocked_has_signalled(b, blocked_acquire(b, k)->thread, a)))
			continue;
		asking = blocked_due(b, k, &event);
		if (asking != LOCKDAG_NONE &&
			blocked_reach(b, i, k, LOCKDAG_NONE, asking, start, n_queue))
			return true;
	}
	return false;
}

/* Reaches all that i waits for; true when start is among it. */
static bool blocked_step(struct blocked *b, uint32_t i, uint32_t start, uint32_t *n_queue)
{
	const struct lockdag_acquire *a = blocked_acquire(b, i);
	struct instance asked;

	bool join = events_is_wait(a) &&
		    lockdag_lock_type_is_end(lock_birth(b->f->m, a->lock)->type);

	if (events_is_wait(a) && !join)
		return blocked_step_event(b, i, start, n_queue);
	if (!events_instance(&b->f->events, a->lock, a->serial, a->thread, &asked))
		return false;
	for (size_t k = blocked_first(b, &asked); k < b->holds.n; k++) {
		const struct blocked_hold *hold = &b->holds.items[k];

		if (!instance_equal(&hold->instance, &asked))
			break;
		if (join != (hold->held == LOCKDAG_NONE) ||
			b->from[hold->blocked] != LOCKDAG_NONE || !blocked_stops(b, i, hold))
			continue;
		if (blocked_reach(b, i, hold->blocked, hold->held,
			    b->f->m->blocked.items[hold->blocked].acquire, start, n_queue))
			return true;
	}
	return false;
}

/* The finding among those of before with the same id, or LOCKDAG_NONE. */
static size_t blocked_same(const struct find *f, uint64_t id, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (f->findings.items[i].id == id)
			return i;
	}
	return SIZE_MAX;
}

/* Adds the old finding's observations to the new one's links behind its own. */
static int blocked_merge_links(struct lockdag_finding *to, const struct lockdag_finding *old)
{
	for (size_t i = 0; i < to->n_locks; i++) {
		struct lockdag_link *link = &to->links[i];
		const struct lockdag_link *other = NULL;
		struct lockdag_exemplar *more;

		for (size_t k = 0; k < old->n_locks && !other; k++) {
			if (old->locks[k].class_id == to->locks[i].class_id &&
				old->locks[old->links[k].to].class_id ==
					to->locks[link->to].class_id)
				other = &old->links[k];
		}
		if (!other)
			continue;
		more = realloc(link->exemplars, LOCKDAG_MAX_EXEMPLARS * sizeof(*more));
		if (!more)
			return -ENOMEM;
		link->exemplars = more;
		for (size_t k = 0;
			k < other->n_exemplars && link->n_exemplars < LOCKDAG_MAX_EXEMPLARS; k++) {
			if (other->exemplars[k].acquire != link->exemplars[0].acquire)
				more[link->n_exemplars++] = other->exemplars[k];
		}
	}
	return 0;
}

/* A thread that is blocked in a signal handler, by what the interrupted code holds: as the search has
 * it (contexts.c). */
static void blocked_context(const struct find *f, struct verdict *v, size_t k)
{
	struct lockdag_exemplar *e = &v->exemplars[k][0];
	const struct lockdag_acquire *a = &f->m->acquires.items[e->acquire];

	if (!(a->flags & LOCKDAG_ACQUIRE_HANDLER) || e->held >= a->n_held ||
		!(f->m->held.items[a->held + e->held].flags & LOCKDAG_ACQUIRE_HANDLER))
		return;
	e->holder = e->acquire;
	v->way[k].through = LOCKDAG_THROUGH_HANDLER;
	v->way[k].by = a->handler;
	v->seed += contexts_seed(f, a->handler);
}

/* Reports the cycle that ended at start; one that is known already is lifted instead. */
static int blocked_report(struct blocked *b, uint32_t start)
{
	struct find *f = b->f;
	struct verdict v = {.grade = LOCKDAG_HAPPENED, .instances = true, .writer = LOCKDAG_NONE};
	uint32_t cycle[PICK_MAX_LENGTH], i = start;
	size_t same, last;
	int r;

	do { /* backwards: from[i] waits for i */
		if (v.n == PICK_MAX_LENGTH) {
			f->bounded = true;
			return 0;
		}
		cycle[v.n++] = i;
		i = b->from[i];
	} while (i != start);
	for (size_t k = 0; k < v.n; k++) {
		i = cycle[v.n - 1 - k];
		v.exemplars[k][0] = (struct lockdag_exemplar){b->asking[i],
			b->held[i], blocked_acquire(b, i)->n_held, LOCKDAG_NONE,
			LOCKDAG_NONE};
		v.n_exemplars[k] = 1;
		blocked_context(f, &v, k);
		b->done[i] = true;
	}
	for (size_t k = 0; k < v.n && v.writer == LOCKDAG_NONE; k++) {
		uint32_t waits = cycle[v.n - 1 - k], holds = cycle[v.n - 1 - (k + 1) % v.n];

		if (filters_joint(blocked_acquire(b, waits)->mode,
			    exemplar_under(f, &v.exemplars[(k + 1) % v.n][0]).mode) ==
			JOINT_NEEDS_WRITER)
			v.writer = blocked_writer(b, waits, holds);
	}
	r = describe_add(f, &v);
	if (r)
		return r;
	last = f->findings.n - 1;
	same = blocked_same(f, f->findings.items[last].id, last);
	if (same == SIZE_MAX)
		return 0;
	f->findings.n--;
	if (f->findings.items[same].grade == LOCKDAG_HAPPENED) {
		describe_free(&f->findings.items[last]);
		return 0;
	}
	r = blocked_merge_links(&f->findings.items[last], &f->findings.items[same]);
	describe_free(&f->findings.items[same]);
	f->findings.items[same] = f->findings.items[last];
	return r;
}

static int blocked_from(struct blocked *b, uint32_t start, size_t n)
{
	uint32_t n_queue = 1;

	memset(b->from, 0xff, n * sizeof(*b->from));
	b->queue[0] = start;
	b->signals = !events_is_wait(blocked_acquire(b, start));
	for (uint32_t k = 0; k < n_queue; k++) {
		if (blocked_step(b, b->queue[k], start, &n_queue))
			return blocked_report(b, start);
	}
	return 0;
}

int blocked_find(struct find *f)
{
	size_t n = f->m->blocked.n;
	struct blocked b = {.f = f};
	uint32_t *memory;
	int r;

	if (!n)
		return 0;
	memory = calloc(4 * n, sizeof(*memory));
	b.done = calloc(n, sizeof(*b.done));
	b.from = memory;
	b.held = memory ? memory + n : NULL;
	b.asking = memory ? memory + 2 * n : NULL;
	b.queue = memory ? memory + 3 * n : NULL;
	r = memory && b.done ? blocked_collect(&b) : -ENOMEM;
	for (uint32_t i = 0; !r && i < n; i++) {
		if (!b.done[i])
			r = blocked_from(&b, i, n);
	}
	lockdag_vec_clear(&b.holds);
	free(memory);
	free(b.done);
	return r;
}
