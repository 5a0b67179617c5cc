/* SPDX-License-Identifier: MIT */
#include "support.h"

#include <stdlib.h>
#include <string.h>

uint32_t support_random(uint64_t *state, uint32_t below)
{
	*state ^= *state >> 12;
	*state ^= *state << 25;
	*state ^= *state >> 27;
	return (uint32_t)((*state * 0x2545f4914f6cdd1du) >> 33) % below;
}

/* order[new row] = old row, at[old row] = new row. */
struct shuffle {
	uint32_t *order, *at;
};

static bool shuffle_init(struct shuffle *s, size_t n, uint64_t *state)
{
	s->order = malloc((n + 1) * sizeof(*s->order));
	s->at = malloc((n + 1) * sizeof(*s->at));
	if (!s->order || !s->at)
		return false;
	for (uint32_t i = 0; i < n; i++)
		s->order[i] = i;
	for (uint32_t i = (uint32_t)n; i > 1; i--) {
		uint32_t k = support_random(state, i), swap = s->order[k];

		s->order[k] = s->order[i - 1];
		s->order[i - 1] = swap;
	}
	for (uint32_t i = 0; i < n; i++)
		s->at[s->order[i]] = i;
	return true;
}

static void shuffle_done(struct shuffle *s)
{
	free(s->order);
	free(s->at);
}

static uint32_t shuffle_map(const struct shuffle *s, uint32_t row, size_t n)
{
	return row < n ? s->at[row] : row;
}

/* A lock at a level stands below the lock that it is. */
static void shuffle_levels_last(struct shuffle *s, const struct lockdag_model *m)
{
	uint32_t n = (uint32_t)m->locks.n, to = 0;
	uint32_t *order = s->order;

	for (uint32_t i = 0; i < n; i++)
		s->at[i] = order[i];
	for (unsigned levels = 0; levels < 2; levels++)
		for (uint32_t i = 0; i < n; i++)
			if ((m->locks.items[s->at[i]].level != 0) == levels)
				order[to++] = s->at[i];
	for (uint32_t i = 0; i < n; i++)
		s->at[order[i]] = i;
}

static void permute_world(
	struct lockdag_model *to, const struct lockdag_model *m, const struct shuffle *threads)
{
	for (size_t i = 0; i < m->runs.n; i++)
		lockdag_model_add_run(to, m->runs.items[i].label);
	for (size_t i = 0; i < m->processes.n; i++)
		lockdag_model_add_process(to, &m->processes.items[i]);
	for (size_t i = 0; i < m->threads.n; i++) {
		struct lockdag_thread t = m->threads.items[threads->order[i]];

		t.parent = shuffle_map(threads, t.parent, m->threads.n);
		t.joiner = shuffle_map(threads, t.joiner, m->threads.n);
		lockdag_model_add_thread(to, &t);
	}
	for (size_t i = 0; i < m->stacks.n; i++)
		lockdag_model_add_stack(to, m->stacks.items[i].raw, m->stacks.items[i].n_raw);
	for (size_t i = 0; i < m->births.n; i++)
		lockdag_model_add_birth(to, &m->births.items[i]);
}

/* A join's serial is a thread's row. */
static uint64_t permute_serial(const struct lockdag_model *m, const struct shuffle *threads,
	uint32_t lock, uint64_t serial)
{
	if (!lockdag_lock_type_is_end(m->births.items[m->locks.items[lock].birth].type) || !serial ||
		serial > m->threads.n)
		return serial;
	return threads->at[serial - 1] + 1u;
}

/* From the last discharge to the first. */
static bool permute_discharges(struct lockdag_model *to, const struct lockdag_model *m,
	const struct shuffle *threads, const struct shuffle *locks, const struct shuffle *acquires)
{
	for (size_t i = m->discharges.n; i-- > 0;) {
		struct lockdag_discharge d = m->discharges.items[i];
		struct lockdag_held *rows = malloc((d.n_held + 1) * sizeof(*rows));

		if (!rows)
			return false;
		for (uint32_t k = 0; k < d.n_held; k++) {
			rows[k] = m->held.items[d.held + k];
			rows[k].serial = permute_serial(m, threads, rows[k].lock, rows[k].serial);
			rows[k].lock = locks->at[rows[k].lock];
		}
		d.thread = threads->at[d.thread];
		d.lock = locks->at[d.lock];
		lockdag_model_add_discharge(to, &d, rows);
		free(rows);
	}
	for (size_t i = m->ended.n; i-- > 0;)
		lockdag_model_add_ended(to, acquires->at[m->ended.items[i].acquire],
			(uint32_t)m->discharges.n - 1 - m->ended.items[i].discharge);
	return true;
}

static bool permute_acquires(struct lockdag_model *to, const struct lockdag_model *m,
	const struct shuffle *threads, const struct shuffle *locks, const struct shuffle *acquires)
{
	for (size_t i = 0; i < m->acquires.n; i++) {
		struct lockdag_acquire a = m->acquires.items[acquires->order[i]];
		struct lockdag_held *held = malloc((a.n_held + 1) * sizeof(*held));

		if (!held)
			return false;
		for (uint32_t k = 0; k < a.n_held; k++) {
			held[k] = m->held.items[a.held + k];
			held[k].lock = locks->at[held[k].lock];
		}
		a.thread = threads->at[a.thread];
		a.serial = permute_serial(m, threads, a.lock, a.serial);
		a.lock = locks->at[a.lock];
		if (a.monitor < m->locks.n)
			a.monitor = locks->at[a.monitor];
		a.handler = shuffle_map(locks, a.handler, m->locks.n);
		lockdag_model_add_acquire(to, &a, held);
		free(held);
	}
	for (size_t i = 0; i < m->orders.n; i++) {
		struct lockdag_order o = m->orders.items[i];

		o.from_thread = threads->at[o.from_thread];
		o.to_thread = threads->at[o.to_thread];
		lockdag_model_add_order(to, &o);
	}
	for (size_t i = 0; i < m->guards.n; i++) {
		const struct lockdag_guard *g = &m->guards.items[i];

		lockdag_model_add_guard(
			to, threads->at[g->thread], locks->at[g->lock], g->serial, g->mode);
	}
	for (size_t i = m->misuses.n; i-- > 0;) {
		struct lockdag_misuse x = m->misuses.items[i];

		x.thread = threads->at[x.thread];
		x.lock = locks->at[x.lock];
		x.with = shuffle_map(locks, x.with, m->locks.n);
		x.other_with = shuffle_map(locks, x.other_with, m->locks.n);
		x.other_thread = shuffle_map(threads, x.other_thread, m->threads.n);
		lockdag_model_add_misuse(to, &x);
	}
	for (size_t i = m->declared.n; i-- > 0;)
		lockdag_model_add_declared(
			to, m->declared.items[i].before, m->declared.items[i].after);
	for (size_t i = 0; i < m->blocked.n; i++)
		lockdag_model_add_blocked(to, threads->at[m->blocked.items[i].thread],
			acquires->at[m->blocked.items[i].acquire]);
	return true;
}

static bool permute_forks(struct lockdag_model *to, const struct lockdag_model *m,
	const struct shuffle *threads, const struct shuffle *locks)
{
	for (size_t i = m->forks.n; i-- > 0;) {
		struct lockdag_fork f = m->forks.items[i];
		struct lockdag_held *held = malloc((f.n_held + 1) * sizeof(*held));

		if (!held)
			return false;
		for (uint32_t k = 0; k < f.n_held; k++) {
			held[k] = m->held.items[f.held + k];
			held[k].lock = locks->at[held[k].lock];
		}
		f.thread = threads->at[f.thread];
		lockdag_model_add_fork(to, &f, held);
		free(held);
	}
	return true;
}

struct lockdag_model *support_permute(const struct lockdag_model *m, uint64_t *state)
{
	struct shuffle threads = {0}, locks = {0}, acquires = {0};
	struct lockdag_model *to = NULL;
	bool ok = shuffle_init(&threads, m->threads.n, state) &&
		  shuffle_init(&locks, m->locks.n, state) &&
		  shuffle_init(&acquires, m->acquires.n, state) && !lockdag_model_new(&to);

	if (ok) {
		permute_world(to, m, &threads);
		shuffle_levels_last(&locks, m);
		for (size_t i = 0; i < m->locks.n; i++) {
			struct lockdag_lock l = m->locks.items[locks.order[i]];

			l.of = l.level ? locks.at[l.of] : 0;
			lockdag_model_add_lock(to, &l);
		}
		ok = permute_acquires(to, m, &threads, &locks, &acquires) &&
		     permute_discharges(to, m, &threads, &locks, &acquires) &&
		     permute_forks(to, m, &threads, &locks);
	}
	shuffle_done(&threads);
	shuffle_done(&locks);
	shuffle_done(&acquires);
	if (ok && to->acquires.n == m->acquires.n && to->locks.n == m->locks.n &&
		to->threads.n == m->threads.n)
		return to;
	lockdag_model_free(to);
	return NULL;
}

bool support_same_findings(const struct lockdag_findings *a, const struct lockdag_findings *b)
{
	if (a->n != b->n || a->n_classes != b->n_classes || a->n_edges != b->n_edges)
		return false;
	for (size_t i = 0; i < a->n; i++) {
		if (a->items[i].id != b->items[i].id || a->items[i].grade != b->items[i].grade ||
			a->items[i].ruled != b->items[i].ruled)
			return false;
	}
	return true;
}
