/* SPDX-License-Identifier: MIT
 *
 * Signal handlers in findings. The search has a handler as a lock: whoever holds something while the
 * signal can come waits for it, and its activations ask for their locks under it. A report has the
 * locks, and says at the link that a handler makes it.
 */
#include <stdlib.h>

#include "base/hash.h"
#include "base/text.h"
#include "core/find.h"

#define CONTEXTS_NAME 256

/* Does link i of the verdict end at a handler? */
static bool contexts_interrupts(const struct find *f, const struct verdict *v, size_t i)
{
	const struct lockdag_acquire *a = exemplar_asking(f, &v->exemplars[i][0]);

	return events_is_wait(a) && events_is_handler(&f->events, a->lock);
}

/* The link of the interrupted holder and that of the handler, as one. */
static void contexts_merge(const struct find *f, const struct verdict *v, size_t i, size_t next,
	struct verdict *to)
{
	const struct lockdag_acquire *first = exemplar_asking(f, &v->exemplars[i][0]);
	const struct lockdag_thread *threads = f->m->threads.items;
	size_t n = 0;

	for (size_t k = 0; k < v->n_exemplars[i]; k++) {
		const struct lockdag_exemplar *holder = &v->exemplars[i][k];
		struct lockdag_exemplar e =
			v->exemplars[next][k < v->n_exemplars[next] ? k : 0];

		if (threads[exemplar_asking(f, holder)->thread].process !=
				threads[first->thread].process ||
			threads[exemplar_asking(f, &e)->thread].process !=
				threads[first->thread].process)
			continue;
		e.held = holder->held;
		e.holder = holder->acquire;
		to->exemplars[to->n][n++] = e;
	}
	to->n_exemplars[to->n] = n;
	to->way[to->n].through = LOCKDAG_THROUGH_HANDLER;
	to->way[to->n].by = first->lock;
	to->n++;
}

uint64_t contexts_seed(const struct find *f, uint32_t handler)
{
	return lockdag_hash_string(
		LOCKDAG_HASH_SEED, f->classes.items.items[f->classes.of_lock[handler]].key);
}

bool contexts_flatten(const struct find *f, const struct verdict *v, struct verdict *ret)
{
	uint64_t seed = 0;
	size_t start = 0;

	for (size_t i = 0; i < v->n; i++) {
		if (!contexts_interrupts(f, v, i))
			continue;
		start = i;
		/* By sum: the same whichever of several handlers is first. */
		seed += contexts_seed(f, exemplar_asking(f, &v->exemplars[i][0])->lock);
	}
	if (!seed)
		return false;
	*ret = (struct verdict){.grade = v->grade,
		.ruled = v->ruled,
		.instances = v->instances,
		.writer = v->writer,
		.seed = seed};
	for (size_t k = 0; k < v->n; k++) {
		size_t i = (start + k) % v->n, next = (i + 1) % v->n;

		if (contexts_interrupts(f, v, i)) {
			contexts_merge(f, v, i, next, ret);
			k++;
			continue;
		}
		for (size_t e = 0; e < v->n_exemplars[i]; e++)
			ret->exemplars[ret->n][e] = v->exemplars[i][e];
		ret->n_exemplars[ret->n] = v->n_exemplars[i];
		ret->way[ret->n] = v->way[i];
		ret->n++;
	}
	return true;
}

/* ------------------------------------------------------------------ why */

static void contexts_part(const struct find *f, const struct verdict *v, size_t i,
	const char *under, const char *asked, struct lockdag_text *t)
{
	const struct lockdag_exemplar *e = &v->exemplars[i][0];
	const struct lockdag_acquire *a = exemplar_asking(f, e);
	char name[CONTEXTS_NAME];

	if (v->way[i].through != LOCKDAG_THROUGH_HANDLER) {
		lockdag_text_addf(t, "thread %s holds `%s`%s %s `%s`",
			lockdag_model_thread_name(f->m, a->thread, name, sizeof(name)), under,
			v->grade == LOCKDAG_HAPPENED ? " and" : " while it",
			v->grade == LOCKDAG_HAPPENED || events_is_wait(a) ? "waits for"
									  : "asks for",
			asked);
		return;
	}
	lockdag_text_addf(t,
		v->grade == LOCKDAG_HAPPENED
			? "the %s interrupts thread %s, which holds `%s`, and waits for "
			: "the %s can interrupt thread %s while it holds `%s`, and asks for ",
		f->classes.items.items[f->classes.of_lock[v->way[i].by]].name,
		lockdag_model_thread_name(f->m, events_asking(&f->events, e->holder)->thread, name,
			sizeof(name)),
		under);
	if (v->n == 1)
		lockdag_text_add(t, "that very lock, which is not let go before the handler returns");
	else
		lockdag_text_addf(t, "`%s`", asked);
}

/* What stands against it, behind what the cycle would be. */
static const char *contexts_but(enum lockdag_ruled ruled)
{
	switch (ruled) {
	case LOCKDAG_RULED_NOT:
		return "";
	case LOCKDAG_RULED_DIRECTED:
		return "; but the signal was only ever sent to other threads";
	case LOCKDAG_RULED_TIMED:
		return "; but one of the waits times out in under 10 s";
	case LOCKDAG_RULED_GATE:
		return "; but two of them hold a common lock";
	case LOCKDAG_RULED_ONE_THREAD:
		return "; but two of these are one thread";
	case LOCKDAG_RULED_ORDERED:
		return "; but create, join or another point of order puts them one after the other";
	default:
		return "; but no set of observations of it can be at once";
	}
}

char *contexts_sentence(const struct find *f, const struct verdict *v, size_t start,
	const struct lockdag_finding_lock *locks)
{
	struct lockdag_text t = {0};

	for (size_t i = 0; i < v->n; i++) {
		lockdag_text_add(&t, i ? ", " : "");
		contexts_part(f, v, (start + i) % v->n, locks[i].name,
			locks[(i + 1) % v->n].name, &t);
	}
	lockdag_text_add(&t, contexts_but(v->ruled));
	return lockdag_text_take(&t);
}
