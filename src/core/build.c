/* SPDX-License-Identifier: MIT
 *
 * The model's acquisitions, waits and discharges as arcs of find.h's graphs.
 */
#include "core/find.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct find_same {
	struct instance from, to;
	uint32_t acquire, held;
	uint32_t class_id;
};

typedef LOCKDAG_VEC(struct find_same) find_same_vec;

/* Where held lock and asked lock are of one class, the instances decide (DESIGN 5.2). */
static int find_add_same(struct find *f, void *sames, uint32_t acquire, uint32_t held)
{
	find_same_vec *v = sames;
	const struct lockdag_acquire *a = &f->m->acquires.items[acquire];
	const struct lockdag_held *h = &f->m->held.items[a->held + held];
	uint32_t class = f->classes.of_lock[a->lock];
	struct find_same same = {.acquire = acquire, .held = held, .class_id = class}, *row;

	if (!instance_get(f->m, h->lock, h->serial, a->thread, &same.from) ||
		!instance_get(f->m, a->lock, a->serial, a->thread, &same.to))
		return 0;
	if (instance_equal(&same.from, &same.to)) {
		if (filters_joint(a->mode, h->mode) != JOINT_NEEDS_WRITER)
			return 0;
		return graph_add(&f->self_reads, class, class, acquire, held);
	}
	row = lockdag_vec_push(v);
	if (!row)
		return -ENOMEM;
	*row = same;
	return 0;
}

static uint32_t find_instance_number(
	const struct instance *all, size_t n, const struct instance *instance)
{
	size_t low = 0, high = n;

	while (high - low > 1) {
		size_t middle = (low + high) / 2;

		if (instance_compare(&all[middle], instance) <= 0)
			low = middle;
		else
			high = middle;
	}
	return (uint32_t)low;
}

/* ------------------------------------------------------------------ an order that all others keep */

#define FIND_HABIT_PAIRS 8 /* pairs of one array that were taken in one order of address */

/* Is it one element of an array that has names for its elements, told from all the others? */
static bool find_is_element(const struct find *f, const struct instance *i)
{
	const struct lockdag_lock *l = &f->m->locks.items[i->lock];

	return !(l->flags & LOCKDAG_LOCK_MANY) && l->address && l->name && strchr(l->name, '[');
}

static bool find_rises(const struct find *f, const struct find_same *s)
{
	return f->m->locks.items[s->from.lock].address < f->m->locks.items[s->to.lock].address;
}

static int find_same_compare(const void *a, const void *b)
{
	const struct find_same *x = a, *y = b;

	return x->class_id != y->class_id ? (x->class_id < y->class_id ? -1 : 1)
	       : x->from.lock != y->from.lock
		       ? (x->from.lock < y->from.lock ? -1 : 1)
		       : (x->to.lock > y->to.lock) - (x->to.lock < y->to.lock);
}

/* Whoever takes the odd pair's second lock before a further one, as everybody does with this array:
 * that code would meet the odd pair the other way round. By another thread; NULL: nobody. */
static const struct find_same *find_habit_of(
	const struct find *f, const struct find_same *s, size_t n, const struct find_same *odd)
{
	uint32_t thread = f->m->acquires.items[odd->acquire].thread;

	for (size_t i = 0; i < n; i++)
		if (s[i].from.lock == odd->to.lock && find_rises(f, &s[i]) != find_rises(f, odd) &&
			f->m->acquires.items[s[i].acquire].thread != thread)
			return &s[i];
	return NULL;
}

/* From the last element to the first, or the other way: a ring, which keeps its order there too. */
static bool find_wraps(
	const struct find *f, const struct find_same *s, size_t n, const struct find_same *odd)
{
	uint64_t from = f->m->locks.items[odd->from.lock].address;
	uint64_t to = f->m->locks.items[odd->to.lock].address;

	for (size_t i = 0; i < n; i++) {
		uint64_t a = f->m->locks.items[s[i].from.lock].address;
		uint64_t b = f->m->locks.items[s[i].to.lock].address;

		if ((a < from && a < to) || (a > from && a > to) || (b < from && b < to) ||
			(b > from && b > to))
			return false;
	}
	return true;
}

/* One class's nestings: where all pairs of an array but one were taken in one order of address, that
 * one meets the habit of all the others (DESIGN 5.2). *ret_odd, *ret_habit: NULL: there is none. */
static void find_broken_habit(const struct find *f, const struct find_same *s, size_t n,
	const struct find_same **ret_odd, const struct find_same **ret_habit)
{
	const struct find_same *last[2] = {NULL, NULL};
	size_t pairs[2] = {0, 0};

	*ret_odd = *ret_habit = NULL;
	for (size_t i = 0; i < n; i++) {
		bool rises = find_rises(f, &s[i]);

		if (!find_is_element(f, &s[i].from) || !find_is_element(f, &s[i].to) ||
			s[i].from.process != s[0].from.process)
			return;
		if (!i || find_same_compare(&s[i - 1], &s[i])) {
			pairs[rises]++;
			last[rises] = &s[i];
		}
	}
	for (int rises = 0; rises < 2; rises++)
		if (pairs[rises] == 1 && pairs[!rises] >= FIND_HABIT_PAIRS &&
			!find_wraps(f, s, n, last[rises])) {
			*ret_odd = last[rises];
			*ret_habit = find_habit_of(f, s, n, *ret_odd);
		}
}

static int find_add_habits(struct find *f, struct find_same *sames, size_t n_sames,
	const struct instance *all, size_t n)
{
	size_t end;
	int r = 0;

	if (n_sames)
		qsort(sames, n_sames, sizeof(*sames), find_same_compare);
	for (size_t i = 0; !r && i < n_sames; i = end) {
		const struct find_same *odd, *habit;

		for (end = i; end < n_sames && sames[end].class_id == sames[i].class_id;)
			end++;
		find_broken_habit(f, &sames[i], end - i, &odd, &habit);
		if (odd && habit)
			r = graph_add(&f->by_instance, find_instance_number(all, n, &odd->to),
				find_instance_number(all, n, &odd->from), habit->acquire,
				habit->held);
	}
	return r;
}

/* Numbers the instances of the same-class nestings and makes their graph. */
static int find_build_instances(struct find *f, struct find_same *sames, size_t n_sames)
{
	struct instance *all = malloc((2 * n_sames + 1) * sizeof(*all));
	size_t n = 0;
	int r = 0;

	if (!all)
		return -ENOMEM;
	for (size_t i = 0; i < n_sames; i++) {
		all[2 * i] = sames[i].from;
		all[2 * i + 1] = sames[i].to;
	}
	if (n_sames)
		qsort(all, 2 * n_sames, sizeof(*all), instance_compare);
	for (size_t i = 0; i < 2 * n_sames; i++) {
		if (!n || instance_compare(&all[n - 1], &all[i]))
			all[n++] = all[i];
	}
	for (size_t i = 0; !r && i < n_sames; i++)
		r = graph_add(&f->by_instance, find_instance_number(all, n, &sames[i].from),
			find_instance_number(all, n, &sames[i].to), sames[i].acquire,
			sames[i].held);
	if (!r)
		r = find_add_habits(f, sames, n_sames, all, n);
	free(all);
	return r ? r : graph_build(&f->by_instance, &f->events, (uint32_t)n);
}

/* Did the thread's creator hold another lock of the asked one's class over the thread's whole life? Then
 * who joins it holds that one, and what it asked for is none of the joiner's. */
static bool find_is_guarded(const struct find *f, const struct lockdag_acquire *a)
{
	uint32_t class_id = f->classes.of_lock[a->lock];

	for (size_t i = 0; i < f->m->guards.n; i++)
		if (f->m->guards.items[i].thread == a->thread &&
			f->m->guards.items[i].lock != a->lock &&
			f->classes.of_lock[f->m->guards.items[i].lock] == class_id)
			return true;
	return false;
}

/* Whoever waits for the end of the acquisition's thread waits for it too. */
static int find_add_end(struct find *f, uint32_t acquire)
{
	const struct lockdag_acquire *a = &f->m->acquires.items[acquire];
	uint32_t from = f->classes.of_lock[f->events.thread_end[a->thread]];
	uint32_t to = f->classes.of_lock[a->lock];

	if (from == to || !filters_waits(f->m, a) || events_says_done(&f->events, a) ||
		find_is_guarded(f, a))
		return 0;
	return graph_add(&f->by_class, from, to, acquire, LOCKDAG_NONE);
}

/* Whoever can be interrupted by the acquisition's handler waits for it. */
static int find_add_handler(struct find *f, uint32_t acquire)
{
	const struct lockdag_acquire *a = &f->m->acquires.items[acquire];

	if (events_is_handler(&f->events, a->lock) || !filters_waits(f->m, a))
		return 0;
	return graph_add(&f->by_class, f->classes.of_lock[a->handler],
		f->classes.of_lock[a->lock], acquire, LOCKDAG_NONE);
}

static int find_add_acquire(struct find *f, find_same_vec *sames, uint32_t acquire)
{
	const struct lockdag_acquire *a = &f->m->acquires.items[acquire];
	uint32_t to = f->classes.of_lock[a->lock];
	int r = 0;

	if (f->events.off && events_is_wait(a) && !events_is_handler(&f->events, a->lock))
		return 0;
	if (a->flags & LOCKDAG_ACQUIRE_HANDLER)
		r = find_add_handler(f, acquire);
	else if (!f->events.off && f->events.thread_end[a->thread] != LOCKDAG_NONE)
		r = find_add_end(f, acquire);
	if (r || !a->n_held || !filters_waits(f->m, a))
		return r;
	for (uint32_t k = 0; !r && k < a->n_held; k++) {
		uint32_t from = f->classes.of_lock[f->m->held.items[a->held + k].lock];

		if (f->m->held.items[a->held + k].flags & LOCKDAG_ACQUIRE_HANDLER)
			continue; /* by what the handler interrupts */
		if (from == to)
			r = a->flags & LOCKDAG_ACQUIRE_NEST
				    ? 0
				    : find_add_same(f, sames, acquire, k);
		else if (!events_pool_done(&f->events, a, &f->m->held.items[a->held + k]))
			r = graph_add(&f->by_class, from, to, acquire, k);
	}
	return r;
}

/* What a thread asked for before it signalled. */
static int find_add_discharge(struct find *f, uint32_t discharge)
{
	const struct lockdag_discharge *d = &f->m->discharges.items[discharge];
	uint32_t from = f->classes.of_lock[d->lock];
	int r = 0;

	for (uint32_t k = 0; !r && !d->due && k < d->n_held; k++) {
		const struct lockdag_held *row = &f->m->held.items[d->held + k];
		uint32_t to = f->classes.of_lock[row->lock];

		if (row->flags & LOCKDAG_ACQUIRE_TRY || from == to ||
			(row->flags & LOCKDAG_ACQUIRE_WAIT &&
				events_one_monitor(&f->events, d->lock, row->lock)) ||
			events_opens(&f->events, discharge, k) ||
			events_was_announced(&f->events, discharge, k))
			continue;
		r = graph_add(&f->by_class, from, to,
			(uint32_t)f->m->acquires.n + f->events.first_more[discharge] + k,
			LOCKDAG_NONE);
	}
	return r;
}

int find_build(struct find *f)
{
	find_same_vec sames = {0};
	uint32_t n_classes = (uint32_t)f->classes.items.n;
	int r = 0;

	for (uint32_t i = 0; !r && i < f->m->acquires.n; i++)
		r = find_add_acquire(f, &sames, i);
	for (uint32_t i = 0; !r && !f->events.off && i < f->m->discharges.n; i++)
		r = find_add_discharge(f, i);
	if (!r)
		r = graph_build(&f->by_class, &f->events, n_classes);
	if (!r)
		r = graph_build(&f->self_reads, &f->events, n_classes);
	if (!r)
		r = find_build_instances(f, sames.items, sames.n);
	lockdag_vec_clear(&sames);
	return r;
}
