/* SPDX-License-Identifier: MIT
 *
 * session -> model: what is neither lock nor acquisition. Joins, discharges of events, the guards of
 * a thread's life, and the must-order that barriers, once routines, lone semaphores, futures and latches make.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "cli/load.h"

#define EVENTS_MAX_ORDERS 100000 /* rows made of points: more do not make a report better */

/* ------------------------------------------------------------------ ends of threads */

static bool events_one_name(const char *a, const char *b)
{
	return a == b || (a && b && !strcmp(a, b));
}

/* The ends of all threads with one start routine are one class (where that is a library's: of all that
 * are known to run the same); which of them it is tells the serial. */
int cli_load_end(struct cli_loaded *l, uint64_t serial, uint32_t *ret_lock, uint64_t *ret_serial)
{
	uint32_t row = serial ? (uint32_t)(serial - 1) : LOCKDAG_NONE;
	uint32_t thread = cli_map_at(&l->threads, row);
	struct lockdag_session_thread from;
	struct lockdag_birth birth = {
		.type = LOCKDAG_LOCK_THREAD, .how = LOCKDAG_BIRTH_FIRST, .stack = LOCKDAG_NONE};
	struct lockdag_lock lock = {.flags = LOCKDAG_LOCK_MANY, .value = 1};
	struct cli_end *end;
	const char *entry;
	char *name, *key;
	int r = -ENOMEM;

	*ret_lock = LOCKDAG_NONE;
	if (thread == LOCKDAG_NONE || !lockdag_session_thread(l->source->session, row, &from))
		return 0;
	*ret_serial = (uint64_t)thread + 1;
	entry = cli_load_entry(l, row);
	for (size_t i = 0; i < l->ends.n; i++)
		if (l->ends.items[i].routine == from.start_routine &&
			events_one_name(l->ends.items[i].entry, entry)) {
			*ret_lock = l->ends.items[i].lock;
			return 0;
		}
	name = cli_load_routine(l, from.start_routine, entry);
	key = name ? lockdag_textf("join:%s", name) : NULL;
	birth.key = key;
	birth.name = name;
	end = lockdag_vec_push(&l->ends);
	if (name && key && end)
		r = lockdag_model_add_birth(l->model, &birth);
	free(key);
	free(name);
	if (r < 0)
		return r;
	lock.birth = (uint32_t)r;
	lock.process = cli_map_at(&l->processes, from.process);
	r = lockdag_model_add_lock(l->model, &lock);
	if (r < 0)
		return r;
	*end = (struct cli_end){from.start_routine, entry, (uint32_t)r};
	*ret_lock = (uint32_t)r;
	return 0;
}

/* ------------------------------------------------------------------ guards */

static int events_guards_of(struct cli_loaded *l, uint32_t row, uint32_t thread)
{
	struct lockdag_session_guard guards[LOCKDAG_MAX_GUARDS];
	struct lockdag_session_thread from;
	size_t n = 0;
	int r = 0;

	if (lockdag_session_thread(l->source->session, row, &from) && from.guards)
		n = lockdag_session_guards(l->source->session, from.guards, guards);
	for (size_t i = 0; r >= 0 && i < n; i++) {
		uint32_t lock;

		if (!guards[i].confirmed || guards[i].mode >= LOCKDAG_N_MODES)
			continue;
		r = cli_load_lock(l, LOCKDAG_KEY_ROW(guards[i].key), &lock);
		if (r >= 0 && lock != LOCKDAG_NONE)
			r = lockdag_model_add_guard(
				l->model, thread, lock, guards[i].serial, guards[i].mode);
	}
	return r;
}

int cli_load_guards(struct cli_loaded *l)
{
	int r = 0;

	for (uint32_t i = 0; r >= 0 && i < l->threads.n; i++)
		if (l->threads.rows[i] != LOCKDAG_NONE)
			r = events_guards_of(l, i, l->threads.rows[i]);
	return r < 0 ? r : 0;
}

/* ------------------------------------------------------------------ must-order */

int cli_load_point(void *arg, const struct lockdag_item_point *point)
{
	struct cli_loaded *l = arg;
	struct lockdag_item_point *p;

	if (cli_map_at(&l->threads, point->thread) == LOCKDAG_NONE) {
		l->skipped++;
		return 0;
	}
	p = point->what == LOCKDAG_POINT_REAPED ? lockdag_vec_push(&l->reaped)
						: lockdag_vec_push(&l->points);
	if (!p)
		return -ENOMEM;
	*p = *point;
	return 0;
}

static int events_compare(const void *a, const void *b)
{
	const struct lockdag_item_point *x = a, *y = b;

	if (x->key != y->key)
		return x->key < y->key ? -1 : 1;
	if (x->number != y->number)
		return x->number < y->number ? -1 : 1;
	if (x->what != y->what)
		return x->what < y->what ? -1 : 1;
	return x->thread < y->thread ? -1 : x->thread > y->thread;
}

static int events_order(struct cli_loaded *l, const struct lockdag_item_point *before,
	const struct lockdag_item_point *after, uint32_t to_phase)
{
	const struct lockdag_order order = {
		.from_thread = cli_map_at(&l->threads, before->thread),
		.from_first = before->first,
		.from_last = before->last,
		.to_thread = cli_map_at(&l->threads, after->thread),
		.to_phase = to_phase,
	};
	int r = 0;

	if (order.from_thread != order.to_thread && l->model->orders.n < EVENTS_MAX_ORDERS)
		r = lockdag_model_add_order(l->model, &order);
	return r < 0 ? r : 0;
}

/* A round of a barrier: all arrivals are before all that comes after it. Only where its parties are
 * the same threads in every round: who else might have met whom in another run is not known. */
static int events_round(struct cli_loaded *l, const struct lockdag_item_point *p, size_t n,
	const struct lockdag_session_key *key, const struct lockdag_item_point *first_round)
{
	int r = 0;

	if (n != key->value)
		return 0;
	for (size_t i = 0; i < n; i++)
		if (p[i].thread != first_round[i].thread)
			return 0;
	for (size_t i = 0; r == 0 && i < n; i++)
		for (size_t k = 0; r == 0 && k < n; k++)
			r = events_order(l, &p[i], &p[k], p[k].last + 1);
	return r;
}

/* Points of one object and number, by kind: each of the earlier kind is before each of the later. */
static int events_pairs(struct cli_loaded *l, const struct lockdag_item_point *p, size_t n,
	uint16_t before, uint16_t after)
{
	int r = 0;

	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; r == 0 && k < n; k++)
			if (p[i].what == before && p[k].what == after)
				r = events_order(l, &p[i], &p[k], p[k].first);
	return r;
}

static int events_group(struct cli_loaded *l, const struct lockdag_item_point *p, size_t n,
	const struct lockdag_item_point *first_round)
{
	struct lockdag_session_key key;
	bool once;
	int r;

	if (!lockdag_session_key(l->source->session, p->key, &key))
		return 0;
	switch (p->what) {
	case LOCKDAG_POINT_BARRIER:
		return events_round(l, p, n, &key, first_round);
	case LOCKDAG_POINT_ONCE_RAN:
		return events_pairs(l, p, n, LOCKDAG_POINT_ONCE_RAN, LOCKDAG_POINT_ONCE_SAW);
	case LOCKDAG_POINT_SEM_POST:
		if (key.flags & (LOCKDAG_KEY_POSTERS | LOCKDAG_KEY_WAITERS))
			return 0;
		return events_pairs(l, p, n, LOCKDAG_POINT_SEM_POST, LOCKDAG_POINT_SEM_WAIT);
	case LOCKDAG_POINT_SET:
		r = cli_load_comes_once(l, p->key, &once);
		return r || !once ? r : events_pairs(l, p, n, LOCKDAG_POINT_SET, LOCKDAG_POINT_GOT);
	default:
		return 0;
	}
}

int cli_load_orders(struct cli_loaded *l)
{
	const struct lockdag_item_point *p = l->points.items, *first_round = p;
	size_t n = l->points.n, end;
	int r = 0;

	if (n)
		qsort(l->points.items, n, sizeof(*p), events_compare);
	for (size_t i = 0; r == 0 && i < n; i = end) {
		for (end = i; end < n && p[end].key == p[i].key && p[end].number == p[i].number;)
			end++;
		if (p[i].key != first_round->key)
			first_round = &p[i];
		r = events_group(l, &p[i], end - i, first_round);
	}
	return r;
}
