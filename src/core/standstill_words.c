/* SPDX-License-Identifier: MIT
 *
 * The verdict as one sentence.
 */
#include "core/standstill_rows.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

#define WORDS_MAX_STEPS 8 /* of a circle or a chain that are told */

static void words_thread(
	struct lockdag_text *t, const struct lockdag_standstill *s, uint32_t thread)
{
	char name[256];

	lockdag_standstill_thread_name(s, thread, name, sizeof(name));
	lockdag_text_add(t, name);
}

static void words_doing(struct lockdag_text *t, const struct lockdag_standstill *s, uint32_t thread)
{
	char doing[640];

	lockdag_standstill_doing(s, thread, doing, sizeof(doing));
	lockdag_text_addf(t, " %s", doing);
}

/* What joins a wait to him who can end it: ", held by ". */
static const char *words_link(enum lockdag_wait_kind kind, bool exact)
{
	switch (lockdag_wait_family(kind)) {
	case LOCKDAG_FAMILY_LOCK:
		if (kind == LOCKDAG_STILL_ONCE || kind == LOCKDAG_STILL_GUARD)
			return exact ? ", run by " : ", run by nobody but ";
		return exact ? ", held by " : ", held by nobody else than ";
	case LOCKDAG_FAMILY_STREAM:
		return ", whose other end is with ";
	case LOCKDAG_FAMILY_EVENT:
		return ", which is left to ";
	case LOCKDAG_FAMILY_OUTSIDE: /* a poll */
		return ", whose other end is with ";
	default:
		return ", that is ";
	}
}

/* ", held by worker (12), which". A join has named its thread already. */
static void words_step(struct lockdag_text *t, const struct lockdag_standstill *s, uint32_t thread,
	const struct lockdag_rescuer *r, uint32_t next)
{
	const struct lockdag_still_thread *row = &s->threads.items[thread];

	if (row->kind == LOCKDAG_STILL_JOIN && row->joins == next) {
		lockdag_text_add(t, ", which");
		return;
	}
	lockdag_text_add(t, words_link(row->kind, r->exact));
	words_thread(t, s, next);
	lockdag_text_add(t, ", which");
}

static void words_cycle(
	struct lockdag_text *t, const struct lockdag_standstill *s, const struct lockdag_still_cycle *c)
{
	size_t told = c->n < WORDS_MAX_STEPS ? c->n : WORDS_MAX_STEPS - 1;
	const struct lockdag_still_step *last = &c->steps[c->n - 1];

	words_thread(t, s, c->steps[0].thread);
	for (size_t i = 0; i < told; i++) {
		const struct lockdag_still_step *step = &c->steps[i];

		words_doing(t, s, step->thread);
		if (i + 1 < told)
			words_step(t, s, step->thread, &s->rescuers.items[step->rescuer],
				c->steps[i + 1].thread);
	}
	if (told < c->n)
		lockdag_text_addf(t, ", and so on over %zu threads", c->n);
	if (c->n == 1) {
		lockdag_text_add(t, s->rescuers.items[last->rescuer].exact
					    ? ", which it holds itself"
					    : ", which nobody but itself can hold");
	} else if (s->threads.items[last->thread].kind != LOCKDAG_STILL_JOIN || told < c->n) {
		lockdag_text_add(t, words_link(s->threads.items[last->thread].kind,
					    s->rescuers.items[last->rescuer].exact));
		words_thread(t, s, c->steps[0].thread);
	}
}

/* ------------------------------------------------------------------ no circle */

static bool words_orphan(struct lockdag_text *t, const struct lockdag_standstill *s)
{
	for (uint32_t i = 0; i < s->threads.n; i++) {
		const struct lockdag_still_thread *row = &s->threads.items[i];

		for (uint32_t k = 0; k < row->n_rescuers && row->stuck; k++) {
			const struct lockdag_rescuer *r = still_rescuer(s, row, k);

			if (!r || r->who != LOCKDAG_RESCUER_GONE)
				continue;
			words_thread(t, s, i);
			words_doing(t, s, i);
			lockdag_text_addf(t, ", %s", r->words ? r->words : "whose owner is gone");
			return true;
		}
	}
	return false;
}

/* The thread whose story is told where many are stuck: who waits for no thread by name. */
static uint32_t words_stuck_first(const struct lockdag_standstill *s, const bool *soft)
{
	uint32_t found = LOCKDAG_NONE;

	for (uint32_t i = 0; i < s->threads.n; i++) {
		const struct lockdag_still_thread *row = &s->threads.items[i];

		if (!row->stuck && !soft[i])
			continue;
		if (lockdag_wait_family(row->kind) == LOCKDAG_FAMILY_EVENT)
			return i;
		if (found == LOCKDAG_NONE)
			found = i;
	}
	return found;
}

static void words_stuck(struct lockdag_text *t, const struct lockdag_standstill *s, const bool *soft)
{
	uint32_t first = words_stuck_first(s, soft), n = 0;
	bool handlers = false;

	for (uint32_t i = 0; i < s->threads.n; i++) {
		n += s->threads.items[i].stuck || soft[i];
		handlers = handlers || (soft[i] && !s->threads.items[i].stuck);
	}
	if (first == LOCKDAG_NONE)
		return;
	words_thread(t, s, first);
	words_doing(t, s, first);
	if (n == s->threads.n && n > 1)
		lockdag_text_addf(t, ", all %u threads wait, and none is left to wake it", n);
	else
		lockdag_text_add(t, ", and no thread is left to wake it");
	if (handlers)
		lockdag_text_add(t, " but for the handler of a signal");
}

/* The next one in the chain of those who are waited for by name. */
static uint32_t words_next(const struct lockdag_standstill *s, uint32_t thread)
{
	const struct lockdag_still_thread *row = &s->threads.items[thread];

	if (lockdag_wait_family(row->kind) == LOCKDAG_FAMILY_LIVE)
		return LOCKDAG_NONE;
	for (uint32_t k = 0; k < row->n_rescuers; k++) {
		const struct lockdag_rescuer *r = still_rescuer(s, row, k);

		if (!r || !r->exact)
			continue;
		if (r->who == LOCKDAG_RESCUER_THREAD && r->index < s->threads.n)
			return r->index;
		if (r->who != LOCKDAG_RESCUER_PROCESS)
			continue;
		for (uint32_t i = 0; i < s->threads.n; i++)
			if (s->threads.items[i].process == r->index && !s->threads.items[i].stuck)
				return i;
	}
	return LOCKDAG_NONE;
}

static uint32_t words_chain_length(const struct lockdag_standstill *s, uint32_t thread)
{
	uint32_t n = 0;

	if (lockdag_wait_family(s->threads.items[thread].kind) != LOCKDAG_FAMILY_LOCK)
		n = 0;
	else
		n = 1000; /* a lock is what people look for */
	for (uint32_t hops = 0; thread != LOCKDAG_NONE && hops < WORDS_MAX_STEPS; hops++) {
		thread = words_next(s, thread);
		n += thread != LOCKDAG_NONE;
	}
	return n;
}

static void words_chain(struct lockdag_text *t, const struct lockdag_standstill *s, uint32_t thread)
{
	uint32_t told[WORDS_MAX_STEPS + 1] = {thread}, n = 1;

	words_thread(t, s, thread);
	words_doing(t, s, thread);
	for (uint32_t hops = 0; hops < WORDS_MAX_STEPS; hops++) {
		uint32_t next = words_next(s, thread);
		const struct lockdag_still_thread *row = &s->threads.items[thread];

		if (next == LOCKDAG_NONE) {
			const struct lockdag_rescuer *r = still_rescuer(s, row, 0);

			if (r && r->who == LOCKDAG_RESCUER_OUTSIDE && r->words)
				lockdag_text_addf(t, ", %s", r->words);
			return;
		}
		for (uint32_t k = 0; k < row->n_rescuers; k++) {
			const struct lockdag_rescuer *r = still_rescuer(s, row, k);

			if (r && r->exact) {
				words_step(t, s, thread, r, next);
				break;
			}
		}
		for (uint32_t k = 0; k < n; k++)
			if (told[k] == next) {
				lockdag_text_add(t, " waits behind it");
				return;
			}
		words_doing(t, s, next);
		told[n++] = thread = next;
	}
}

/* The longest chain that ends with somebody who may go on, or outside; false: nobody waits for
 * another. */
static bool words_blocked(struct lockdag_text *t, const struct lockdag_standstill *s)
{
	uint32_t best = LOCKDAG_NONE, length = 0;

	for (uint32_t i = 0; i < s->threads.n && i < 4096; i++) {
		enum lockdag_wait_family family = lockdag_wait_family(s->threads.items[i].kind);
		uint32_t n;

		if (family == LOCKDAG_FAMILY_LIVE || family == LOCKDAG_FAMILY_OUTSIDE)
			continue;
		n = words_chain_length(s, i) + 1;
		if (n > length) {
			best = i;
			length = n;
		}
	}
	if (best != LOCKDAG_NONE)
		words_chain(t, s, best);
	return best != LOCKDAG_NONE;
}

static void words_first(struct lockdag_text *t, const struct lockdag_standstill *s,
	enum lockdag_verdict verdict)
{
	for (uint32_t i = 0; i < s->threads.n; i++) {
		enum lockdag_wait_family family = lockdag_wait_family(s->threads.items[i].kind);

		if (verdict == LOCKDAG_VERDICT_RUNNING && family != LOCKDAG_FAMILY_LIVE)
			continue;
		words_thread(t, s, i);
		words_doing(t, s, i);
		if (s->threads.n > 1)
			lockdag_text_addf(t, " (%zu threads in all)", s->threads.n);
		return;
	}
}

int standstill_sentence(struct lockdag_standstill *s, const bool *soft)
{
	struct lockdag_text t = {0};
	char *text;

	switch (s->verdict) {
	case LOCKDAG_VERDICT_DEADLOCK:
		if (!standstill_has_circle(s))
			words_stuck(&t, s, soft);
		for (size_t i = 0; i < s->cycles.n; i++)
			if (!s->cycles.items[i].events_only) {
				words_cycle(&t, s, &s->cycles.items[i]);
				break;
			}
		break;
	case LOCKDAG_VERDICT_ORPHAN:
		words_orphan(&t, s);
		break;
	case LOCKDAG_VERDICT_STUCK:
		words_stuck(&t, s, soft);
		break;
	case LOCKDAG_VERDICT_BLOCKED:
		words_blocked(&t, s);
		break;
	case LOCKDAG_VERDICT_OUTSIDE:
		if (!words_blocked(&t, s))
			words_first(&t, s, s->verdict);
		break;
	case LOCKDAG_VERDICT_RUNNING:
		words_first(&t, s, s->verdict);
		break;
	default:
		lockdag_text_add(&t, "too little could be read");
	}
	text = lockdag_text_take(&t);
	s->sentence = text ? lockdag_standstill_text(s, text) : NULL;
	free(text);
	return s->sentence ? 0 : -ENOMEM;
}
