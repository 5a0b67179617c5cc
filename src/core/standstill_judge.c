/* SPDX-License-Identifier: MIT
 *
 * Who is stuck: the largest set of threads in which each waits for others of the set alone. It is
 * found from above: all that wait are taken to be stuck, and whoever has a rescuer outside the set
 * leaves it, until nothing changes (a greatest fixed point, as for the knots of the OR model of
 * Chandy, Misra and Haas, 1983).
 */
#include "core/standstill_rows.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct judge {
	const struct lockdag_standstill *s;
	bool *stuck;
	uint32_t *live;  /* of each process: its threads that are not stuck */
	uint32_t *there; /* and all that have not ended: without any, the process itself has */
	bool soft;      /* take it that no signal handler will wake anybody */
};

static bool judge_may_wait(const struct judge *j, const struct lockdag_still_thread *t)
{
	enum lockdag_wait_family family = lockdag_wait_family(t->kind);

	return t->sure && !t->timed && t->n_rescuers && family != LOCKDAG_FAMILY_LIVE &&
	       family != LOCKDAG_FAMILY_OUTSIDE && t->process < j->s->processes.n;
}

/* Will he never come? */
static bool judge_is_lost(const struct judge *j, const struct lockdag_rescuer *r)
{
	if (!r)
		return false;
	switch (r->who) {
	case LOCKDAG_RESCUER_THREAD:
		return r->index < j->s->threads.n && j->stuck[r->index];
	case LOCKDAG_RESCUER_PROCESS:
		return r->index < j->s->processes.n && j->s->processes.items[r->index].whole &&
		       !j->live[r->index] && j->there[r->index];
	case LOCKDAG_RESCUER_GONE:
		return true;
	case LOCKDAG_RESCUER_HANDLER:
		return j->soft;
	default:
		return false;
	}
}

static bool judge_stays(const struct judge *j, const struct lockdag_still_thread *t)
{
	for (uint32_t i = 0; i < t->n_rescuers; i++)
		if (judge_is_lost(j, still_rescuer(j->s, t, i)) == t->all)
			return t->all;
	return !t->all;
}

static void judge_solve(struct judge *j)
{
	const struct lockdag_standstill *s = j->s;
	bool changed = true;

	memset(j->live, 0, s->processes.n * sizeof(*j->live));
	memset(j->there, 0, s->processes.n * sizeof(*j->there));
	for (size_t i = 0; i < s->threads.n; i++) {
		const struct lockdag_still_thread *t = &s->threads.items[i];

		j->stuck[i] = judge_may_wait(j, t);
		if (t->process < s->processes.n && t->state != 'Z')
			j->there[t->process]++;
		if (!j->stuck[i] && t->process < s->processes.n && t->state != 'Z')
			j->live[t->process]++;
	}
	while (changed) {
		changed = false;
		for (size_t i = 0; i < s->threads.n; i++) {
			if (!j->stuck[i] || judge_stays(j, &s->threads.items[i]))
				continue;
			j->stuck[i] = false;
			j->live[s->threads.items[i].process]++;
			changed = true;
		}
	}
}

/* ------------------------------------------------------------------ the verdict */

static bool judge_has_orphan(const struct lockdag_standstill *s)
{
	for (size_t i = 0; i < s->threads.n; i++) {
		const struct lockdag_still_thread *t = &s->threads.items[i];

		for (uint32_t k = 0; k < t->n_rescuers && t->sure; k++) {
			const struct lockdag_rescuer *r = still_rescuer(s, t, k);

			if (r && r->who == LOCKDAG_RESCUER_GONE && t->stuck)
				return true;
		}
	}
	return false;
}

/* Where the waits lead to: threads that may do something by themselves, or that wait (in the end)
 * for such a one. All others, who are not stuck, wait for the outside. */
struct judge_ends {
	const struct lockdag_standstill *s;
	bool *acts;    /* of each thread */
	bool *can_act; /* of each process: one of its threads does */
};

static bool judge_rescuer_acts(const struct judge_ends *e, const struct lockdag_rescuer *r,
	enum lockdag_wait_family family)
{
	switch (r ? r->who : LOCKDAG_RESCUER_HANDLER) {
	case LOCKDAG_RESCUER_THREAD:
		return r->index >= e->s->threads.n || e->acts[r->index];
	case LOCKDAG_RESCUER_PROCESS:
		return r->index >= e->s->processes.n || e->can_act[r->index];
	case LOCKDAG_RESCUER_OUTSIDE: /* a process that is no row may do anything, a child always is
					 one */
		return r->tid || family == LOCKDAG_FAMILY_END;
	default:
		return false;
	}
}

/* A lock has a holder, who should let it go, whatever he does in the meantime. */
static bool judge_acts(const struct judge_ends *e, const struct lockdag_still_thread *t)
{
	enum lockdag_wait_family family = lockdag_wait_family(t->kind);

	if (family == LOCKDAG_FAMILY_LIVE || family == LOCKDAG_FAMILY_LOCK)
		return true;
	if (t->stuck || (family == LOCKDAG_FAMILY_OUTSIDE && t->kind != LOCKDAG_STILL_POLL))
		return false;
	for (uint32_t i = 0; i < t->n_rescuers; i++)
		if (judge_rescuer_acts(e, still_rescuer(e->s, t, i), family))
			return true;
	return family == LOCKDAG_FAMILY_END && !t->n_rescuers;
}

static void judge_follow_ends(struct judge_ends *e)
{
	bool changed = true;

	while (changed) {
		changed = false;
		for (size_t i = 0; i < e->s->threads.n; i++) {
			const struct lockdag_still_thread *t = &e->s->threads.items[i];

			if (e->acts[i] || t->state == 'Z' || !judge_acts(e, t))
				continue;
			e->acts[i] = changed = true;
			if (t->process < e->s->processes.n)
				e->can_act[t->process] = true;
		}
	}
}

/* Somebody waits for a lock, or (in the end) for the end or the pipe of one who may go on. */
static int judge_has_blocked(const struct lockdag_standstill *s, bool *ret)
{
	struct judge_ends e = {.s = s,
		.acts = calloc(s->threads.n + 1, sizeof(*e.acts)),
		.can_act = calloc(s->processes.n + 1, sizeof(*e.can_act))};
	int r = e.acts && e.can_act ? 0 : -ENOMEM;

	*ret = false;
	if (r == 0)
		judge_follow_ends(&e);
	for (size_t i = 0; r == 0 && i < s->threads.n && !*ret; i++) {
		enum lockdag_wait_family family = lockdag_wait_family(s->threads.items[i].kind);

		*ret = family == LOCKDAG_FAMILY_LOCK ||
		       (e.acts[i] &&
			       (family == LOCKDAG_FAMILY_END || family == LOCKDAG_FAMILY_STREAM));
	}
	free(e.acts);
	free(e.can_act);
	return r;
}

/* Who is stuck waits for others who are: in a circle of locks, or for an event that nobody is left to
 * bring about. Both are forever. */
static enum lockdag_verdict judge_verdict(
	const struct lockdag_standstill *s, const bool *soft, bool blocked)
{
	bool running = false, known = false, some_soft = false, some_stuck = false;

	if (standstill_has_circle(s))
		return LOCKDAG_VERDICT_DEADLOCK;
	if (judge_has_orphan(s))
		return LOCKDAG_VERDICT_ORPHAN;
	for (size_t i = 0; i < s->threads.n; i++) {
		const struct lockdag_still_thread *t = &s->threads.items[i];

		some_stuck = some_stuck || t->stuck;
		some_soft = some_soft || soft[i];
		known = known || t->kind != LOCKDAG_STILL_UNKNOWN;
		running = running || lockdag_wait_family(t->kind) == LOCKDAG_FAMILY_LIVE;
	}
	if (some_stuck)
		return LOCKDAG_VERDICT_DEADLOCK;
	if (some_soft)
		return LOCKDAG_VERDICT_STUCK;
	if (blocked)
		return LOCKDAG_VERDICT_BLOCKED;
	if (running)
		return LOCKDAG_VERDICT_RUNNING;
	return known ? LOCKDAG_VERDICT_OUTSIDE : LOCKDAG_VERDICT_UNKNOWN;
}

int lockdag_standstill_judge(struct lockdag_standstill *s)
{
	struct judge j = {.s = s};
	bool *soft = calloc(s->threads.n + 1, sizeof(*soft)), blocked;
	int r = -ENOMEM;

	j.stuck = calloc(s->threads.n + 1, sizeof(*j.stuck));
	j.live = calloc(s->processes.n + 1, sizeof(*j.live));
	j.there = calloc(s->processes.n + 1, sizeof(*j.there));
	if (!soft || !j.stuck || !j.live || !j.there)
		goto out;
	j.soft = true;
	judge_solve(&j);
	memcpy(soft, j.stuck, s->threads.n * sizeof(*soft));
	j.soft = false;
	judge_solve(&j);
	for (size_t i = 0; i < s->threads.n; i++)
		s->threads.items[i].stuck = j.stuck[i];
	s->cycles.n = 0;
	r = standstill_cycles(s);
	if (r == 0)
		r = judge_has_blocked(s, &blocked);
	if (r == 0) {
		s->verdict = judge_verdict(s, soft, blocked);
		r = standstill_sentence(s, soft);
	}
out:
	free(j.stuck);
	free(j.live);
	free(j.there);
	free(soft);
	return r;
}
