/* SPDX-License-Identifier: MIT
 *
 * A cut in words: what kind of change it is, and what to do at each of its places.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "kernel/union.h"

/* Replaces %o and %i. */
static void words_deed(
	struct lockdag_text *t, const char *deed, const char *outer, const char *inner)
{
	for (; *deed; deed++) {
		if (deed[0] != '%')
			lockdag_text_add_n(t, deed, 1);
		else
			lockdag_text_add(t, *++deed == 'o' ? outer : inner);
	}
}

/* A report that shows the edge at the place. */
static const struct union_report *words_report(
	const struct lockdag_union *u, const struct union_edge *e, uint32_t place)
{
	for (uint32_t i = e->first_seen; i != LOCKDAG_NONE; i = u->seen.items[i].next)
		if (union_shows(&u->seen.items[i], place))
			return &u->reports.items[u->seen.items[i].report];
	return NULL;
}

/* Does that report show the edge at the place? */
static bool words_same_report(const struct lockdag_union *u, const struct union_edge *e,
	const struct union_report *report, uint32_t place)
{
	for (uint32_t i = e->first_seen; i != LOCKDAG_NONE; i = u->seen.items[i].next)
		if (&u->reports.items[u->seen.items[i].report] == report &&
			union_shows(&u->seen.items[i], place))
			return true;
	return false;
}

/* "&mm->mmap_lock and &dev->lock": all that the task held of the cycle when it made the edge. */
static void words_outer(struct lockdag_text *t, const struct lockdag_union *u,
	const struct union_edge *e, uint32_t place)
{
	const struct union_report *report = words_report(u, e, place);
	size_t n = 0;

	for (uint32_t i = u->nodes.items[e->to].first_in; i != LOCKDAG_NONE;
		i = u->edges.items[i].next_in) {
		const struct union_edge *other = &u->edges.items[i];

		if (other == e || other->from == e->to || other->irq || n == 3 ||
			!words_same_report(u, other, report, place))
			continue;
		lockdag_text_addf(t, "%s%s", n++ ? ", " : "", union_name(u, other->from));
	}
	lockdag_text_addf(t, "%s%s", n ? " and " : "", union_name(u, e->from));
	lockdag_text_add(t, n ? " are" : " is");
}

/* Between two locks that are none of the maps. */
static enum lockdag_cut_kind words_locks(struct lockdag_text *t, const struct lockdag_union *u,
	const struct union_edge *e, uint32_t place)
{
	const struct union_place *p = &u->places.items[place];
	const char *inner = union_name(u, e->to);

	if (p->callee) {
		lockdag_text_addf(t, "call %.*s() (which takes %s) before ",
			(int)names_function(p->callee), p->callee, inner);
		words_outer(t, u, e, place);
		lockdag_text_add(t, " taken");
		return LOCKDAG_CUT_HOIST;
	}
	lockdag_text_addf(t, "take %s before ", inner);
	words_outer(t, u, e, place);
	lockdag_text_add(t, " taken");
	return LOCKDAG_CUT_REORDER;
}

static bool words_is_instance(const char *address)
{
	return address && *address >= '0' && strspn(address, "0") < strlen(address);
}

static enum lockdag_cut_kind words_again(struct lockdag_text *t, const struct lockdag_union *u,
	const struct union_edge *e, uint32_t place)
{
	const struct union_report *r = words_report(u, e, place);
	const struct lockdag_splat *s = r ? r->splat : NULL;
	const char *name = union_name(u, e->to);

	if (s && s->kind == LOCKDAG_SPLAT_DEPT) {
		lockdag_text_addf(t,
			"bring about %s before it is waited for, or in a context that does not "
			"wait for it",
			name);
		return LOCKDAG_CUT_SIGNAL_FIRST;
	}
	if (u->nodes.items[e->to].map == KMAP_QUEUE || u->nodes.items[e->to].map == KMAP_WORK) {
		lockdag_text_addf(t, "do not flush or cancel %s from its own work", name);
		return LOCKDAG_CUT_DROP;
	}
	if (s && words_is_instance(s->acquiring.instance) && s->holding.instance &&
		!strcmp(s->acquiring.instance, s->holding.instance)) {
		lockdag_text_addf(t, "do not take %s again: the task holds this very lock", name);
		return LOCKDAG_CUT_DROP;
	}
	lockdag_text_addf(t,
		"take the two of %s in one order and say so (a subclass, or a class of its own); "
		"or do not "
		"hold one while taking the other",
		name);
	return LOCKDAG_CUT_ONE_ORDER;
}

static enum lockdag_cut_kind words_interrupt(
	struct lockdag_text *t, const struct lockdag_union *u, const struct union_edge *e)
{
	bool soft = e->irq == UNION_SOFTIRQ;

	lockdag_text_addf(t, "take %s with %s disabled (%s)", union_name(u, e->from),
		soft ? "bottom halves" : "interrupts", soft ? "_bh" : "_irqsave");
	return LOCKDAG_CUT_IRQ_OFF;
}

static enum lockdag_cut_kind words_what(struct lockdag_text *t, const struct lockdag_union *u,
	const struct union_edge *e, uint32_t place)
{
	const char *outer = union_name(u, e->from), *inner = union_name(u, e->to);
	const struct kmap_advice *asked = kmap_advice(u->nodes.items[e->to].map);
	const struct kmap_advice *held = kmap_advice(u->nodes.items[e->from].map);

	if (e->irq)
		return words_interrupt(t, u, e);
	if (e->from == e->to)
		return words_again(t, u, e, place);
	if (asked) {
		words_deed(t, asked->asked, outer, inner);
		return asked->asked_kind;
	}
	if (held) {
		words_deed(t, held->held, outer, inner);
		return held->held_kind;
	}
	return words_locks(t, u, e, place);
}

/* "in f() [module]" */
static void words_place(struct lockdag_text *t, const struct union_place *p)
{
	if (!p->function)
		return;
	lockdag_text_addf(t, "in %.*s()", (int)p->function_n, p->function);
	if (p->module)
		lockdag_text_addf(t, " [%s]", p->module);
	if (p->file && p->line)
		lockdag_text_addf(t, " (%s:%u)", p->file, p->line);
	if (!p->both)
		lockdag_text_add(t, " or a caller");
	lockdag_text_add(t, ", ");
}

enum lockdag_cut_kind union_advice_at(
	const struct lockdag_union *u, uint32_t edge, uint32_t i, struct lockdag_text *text)
{
	const struct union_edge *e = &u->edges.items[edge];
	uint32_t place = u->edge_places.items[e->first_place + i];

	words_place(text, &u->places.items[place]);
	return words_what(text, u, e, place);
}

char *union_advice(const struct lockdag_union *u, uint32_t edge, enum lockdag_cut_kind *ret_kind)
{
	const struct union_edge *e = &u->edges.items[edge];
	struct lockdag_text t = {0};

	for (uint32_t i = 0; i < e->n_places && i < UNION_PLACES_TOLD; i++) {
		enum lockdag_cut_kind kind;

		lockdag_text_add(&t, i ? "; " : "");
		kind = union_advice_at(u, edge, i, &t);
		if (i == 0)
			*ret_kind = kind;
	}
	if (e->n_places > UNION_PLACES_TOLD)
		lockdag_text_addf(&t, "; the same at %u more", e->n_places - UNION_PLACES_TOLD);
	return lockdag_text_take(&t);
}
