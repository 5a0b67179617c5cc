/* SPDX-License-Identifier: MIT
 *
 * The circles among stuck threads: one for each knot, the shortest through the thread it is looked
 * for from. First over what memory and kernel name (owners, joins, pipes); only where that gives
 * none, over those who are left when all others are ruled out, those that wait for a lock
 * themselves before those that join.
 */
#include "core/standstill_rows.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/arena.h"

#define CYCLE_MAX_STARTS 256 /* searches for a circle that memory does not name */
#define CYCLE_MAX_EXPANSIONS 8 /* of a process, in one search */
#define CYCLE_MAX 64	     /* circles that are reported */

struct cycles {
	struct lockdag_standstill *s;
	bool exact;	   /* only what is named */
	bool strict;	   /* of who is left: not those who wait for the same lock, or for an end */
	uint32_t *from;	   /* thread that waits for this one in the search; LOCKDAG_NONE */
	uint32_t *rescuer; /* by which row */
	uint32_t *queue;
	uint32_t *expanded; /* how often, of each process */
	bool *done;	/* is in a circle, or leads into none */
	uint32_t *order; /* threads, those that wait for locks first */
	uint32_t *first; /* of each process: index in by_process; one more than there are */
	uint32_t *by_process;
};

static int cycles_rank(enum lockdag_wait_kind kind)
{
	static const int rank[] = {
		[LOCKDAG_FAMILY_LIVE] = 9,
		[LOCKDAG_FAMILY_LOCK] = 0,
		[LOCKDAG_FAMILY_END] = 3,
		[LOCKDAG_FAMILY_STREAM] = 1,
		[LOCKDAG_FAMILY_EVENT] = 2,
		[LOCKDAG_FAMILY_OUTSIDE] = 9,
	};

	return rank[lockdag_wait_family(kind)];
}

/* Threads by rank, then as they came; and the same within each process. */
static void cycles_sort(struct cycles *c)
{
	const struct lockdag_standstill *s = c->s;
	uint32_t n = 0;

	for (int rank = 0; rank < 10; rank++)
		for (uint32_t i = 0; i < s->threads.n; i++)
			if (cycles_rank(s->threads.items[i].kind) == rank)
				c->order[n++] = i;
	for (uint32_t i = 0; i < s->threads.n; i++)
		if (s->threads.items[i].process < s->processes.n)
			c->first[s->threads.items[i].process + 1]++;
	for (size_t p = 0; p < s->processes.n; p++)
		c->first[p + 1] += c->first[p];
	for (uint32_t k = 0; k < n; k++) {
		uint32_t p = s->threads.items[c->order[k]].process;

		if (p < s->processes.n)
			c->by_process[c->first[p]++] = c->order[k];
	}
	for (size_t p = s->processes.n; p > 0; p--)
		c->first[p] = c->first[p - 1];
	c->first[0] = 0;
}

static void cycles_reach(
	struct cycles *c, uint32_t thread, uint32_t from, uint32_t row, uint32_t *n)
{
	if (c->from[thread] != LOCKDAG_NONE || !c->s->threads.items[thread].stuck ||
		c->done[thread])
		return;
	c->from[thread] = from;
	c->rescuer[thread] = row;
	c->queue[(*n)++] = thread;
}

/* May t be taken for the one who has what thread waits for? */
static bool cycles_is_candidate(const struct cycles *c, uint32_t thread, uint32_t t)
{
	const struct lockdag_still_thread *waiter = &c->s->threads.items[thread];
	const struct lockdag_still_thread *other = &c->s->threads.items[t];

	if (!c->strict)
		return true;
	return lockdag_wait_family(other->kind) != LOCKDAG_FAMILY_END &&
	       (other->lock != waiter->lock || waiter->lock == LOCKDAG_NONE);
}

/* Follows one rescuer of thread; true when start is reached. */
static bool cycles_follow(
	struct cycles *c, uint32_t thread, uint32_t start, uint32_t row, uint32_t *n)
{
	const struct lockdag_rescuer *r = &c->s->rescuers.items[row];
	bool hit;

	if (c->exact && !r->exact)
		return false;
	if (r->who == LOCKDAG_RESCUER_THREAD && r->index < c->s->threads.n)
		hit = r->index == start;
	else if (r->who == LOCKDAG_RESCUER_PROCESS && r->index < c->s->processes.n)
		hit = r->index == c->s->threads.items[start].process && thread != start &&
		      (r->exact || cycles_is_candidate(c, thread, start));
	else
		return false;
	if (hit) {
		c->from[start] = thread;
		c->rescuer[start] = row;
		return true;
	}
	if (r->who == LOCKDAG_RESCUER_THREAD) {
		cycles_reach(c, r->index, thread, row, n);
	} else if (c->expanded[r->index] < (c->strict ? CYCLE_MAX_EXPANSIONS : 1)) {
		c->expanded[r->index]++;
		for (uint32_t k = c->first[r->index]; k < c->first[r->index + 1]; k++)
			if (c->by_process[k] != start &&
				(r->exact || cycles_is_candidate(c, thread, c->by_process[k])))
				cycles_reach(c, c->by_process[k], thread, row, n);
	}
	return false;
}

static bool cycles_search(struct cycles *c, uint32_t start)
{
	uint32_t n = 1;

	memset(c->from, 0xff, c->s->threads.n * sizeof(*c->from));
	memset(c->expanded, 0, c->s->processes.n * sizeof(*c->expanded));
	c->queue[0] = start;
	for (uint32_t k = 0; k < n; k++) {
		const struct lockdag_still_thread *t = &c->s->threads.items[c->queue[k]];

		for (uint32_t i = 0; i < t->n_rescuers && t->rescuers + i < c->s->rescuers.n; i++)
			if (cycles_follow(c, c->queue[k], start, t->rescuers + i, &n))
				return true;
	}
	return false;
}

/* No lock, pipe or file in it, but an event: those are not held by anybody. A pipe that a thread has to
 * itself is an event, too. */
static bool cycles_events_only(
	const struct lockdag_standstill *s, const struct lockdag_still_cycle *cycle)
{
	bool event = false;

	for (size_t i = 0; i < cycle->n; i++) {
		const struct lockdag_rescuer *r = &s->rescuers.items[cycle->steps[i].rescuer];
		uint32_t own = s->threads.items[cycle->steps[i].thread].process;

		switch (lockdag_wait_family(s->threads.items[cycle->steps[i].thread].kind)) {
		case LOCKDAG_FAMILY_LOCK:
			return false;
		case LOCKDAG_FAMILY_STREAM:
			if (r->who != LOCKDAG_RESCUER_PROCESS || r->index != own)
				return false;
			event = event || cycle->n == 1;
			break;
		case LOCKDAG_FAMILY_EVENT:
			event = true;
			break;
		default:
			break;
		}
	}
	return event;
}

static int cycles_add(struct cycles *c, uint32_t start, bool self)
{
	struct lockdag_standstill *s = c->s;
	struct lockdag_still_cycle cycle = {0}, *row;
	uint32_t i = start, k;

	if (self) {
		c->from[start] = start;
		c->rescuer[start] = s->threads.items[start].rescuers;
	}
	do {
		cycle.n++;
		i = c->from[i];
	} while (i != start);
	cycle.steps = lockdag_arena_alloc(s->arena, cycle.n * sizeof(*cycle.steps));
	if (!cycle.steps)
		return -ENOMEM;
	k = (uint32_t)cycle.n;
	do { /* from[i] waits for i: backwards */
		k--;
		cycle.steps[k] = (struct lockdag_still_step){c->from[i], c->rescuer[i]};
		c->done[i] = true;
		i = c->from[i];
	} while (i != start);
	cycle.events_only = cycles_events_only(s, &cycle);
	row = lockdag_vec_push(&s->cycles);
	if (!row)
		return -ENOMEM;
	*row = cycle;
	return 0;
}

static int cycles_round(struct cycles *c, uint32_t max_starts)
{
	const struct lockdag_standstill *s = c->s;
	uint32_t starts = 0;
	int r = 0;

	for (uint32_t k = 0; r == 0 && k < s->threads.n && s->cycles.n < CYCLE_MAX; k++) {
		uint32_t start = c->order[k];

		if (!s->threads.items[start].stuck || c->done[start])
			continue;
		if (starts++ == max_starts)
			break;
		if (cycles_search(c, start))
			r = cycles_add(c, start, false);
		else if (c->exact)
			c->done[start] = true;
	}
	return r;
}

/* A thread that is alone, and may have only itself to thank: a reader that asks to write. */
static int cycles_alone(struct cycles *c)
{
	const struct lockdag_standstill *s = c->s;

	for (uint32_t i = 0; i < s->threads.n && !s->cycles.n; i++) {
		const struct lockdag_still_thread *t = &s->threads.items[i];
		const struct lockdag_rescuer *r = still_rescuer(s, t, 0);

		if (t->stuck && r && r->who == LOCKDAG_RESCUER_PROCESS && r->index == t->process &&
			(r->exact || lockdag_wait_family(t->kind) == LOCKDAG_FAMILY_LOCK))
			return cycles_add(c, i, true);
	}
	return 0;
}

static int cycles_rounds(struct cycles *c)
{
	int r;

	cycles_sort(c);
	c->exact = true;
	r = cycles_round(c, UINT32_MAX);
	if (r || c->s->cycles.n)
		return r;
	c->exact = false;
	memset(c->done, 0, c->s->threads.n * sizeof(*c->done));
	c->strict = true;
	r = cycles_round(c, CYCLE_MAX_STARTS);
	c->strict = false;
	if (r == 0 && !c->s->cycles.n)
		r = cycles_round(c, CYCLE_MAX_STARTS);
	return r ? r : cycles_alone(c);
}

int standstill_cycles(struct lockdag_standstill *s)
{
	size_t n = s->threads.n + 1, p = s->processes.n + 2;
	struct cycles c = {.s = s};
	uint32_t *memory = calloc(5 * n + p, sizeof(*memory));
	int r = -ENOMEM;

	c.expanded = calloc(p, sizeof(*c.expanded));
	c.done = calloc(n, sizeof(*c.done));
	if (memory && c.expanded && c.done) {
		c.from = memory;
		c.rescuer = memory + n;
		c.queue = memory + 2 * n;
		c.order = memory + 3 * n;
		c.by_process = memory + 4 * n;
		c.first = memory + 5 * n;
		r = cycles_rounds(&c);
	}
	free(memory);
	free(c.expanded);
	free(c.done);
	return r;
}
