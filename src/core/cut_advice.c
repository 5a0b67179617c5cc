/* SPDX-License-Identifier: MIT
 *
 * A cut in words: what kind of change it is, what to do at each of its places, and the order that
 * results.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "core/cut.h"

const char *lockdag_cut_kind_word(enum lockdag_cut_kind kind)
{
	static const char *const words[] = {
#define CUT_KIND(upper, word, meaning) word,
#include "core/cut_kinds.def"
#undef CUT_KIND
	};

	return (unsigned)kind < LOCKDAG_N_CUT_KINDS ? words[kind] : "change";
}

const char *lockdag_cut_kind_meaning(enum lockdag_cut_kind kind)
{
	static const char *const meanings[] = {
#define CUT_KIND(upper, word, meaning) meaning,
#include "core/cut_kinds.def"
#undef CUT_KIND
	};

	return (unsigned)kind < LOCKDAG_N_CUT_KINDS ? meanings[kind] : "change the code";
}

/* ------------------------------------------------------------------ which kind */

static enum lockdag_cut_kind advice_kind(const struct cut_edge *edge,
	const struct lockdag_finding *f, const struct lockdag_cut *cut)
{
	enum lockdag_lock_type from = f->locks[cut->from].type, to = f->locks[cut->to].type;

	if (edge->through == LOCKDAG_THROUGH_HANDLER)
		return LOCKDAG_CUT_BLOCK_SIGNAL;
	if (edge->through == LOCKDAG_THROUGH_FORK)
		return LOCKDAG_CUT_HOLD_OVER_FORK;
	if (to == LOCKDAG_LOCK_THREAD)
		return LOCKDAG_CUT_JOIN_OUTSIDE;
	if (edge->wait || to == LOCKDAG_LOCK_POOL)
		return LOCKDAG_CUT_WAIT_OUTSIDE;
	if (cut_is_run(from))
		return LOCKDAG_CUT_DO_WITHOUT;
	if (edge->discharge)
		return LOCKDAG_CUT_SIGNAL_FIRST;
	if (f->n_locks == 1)
		return LOCKDAG_CUT_DROP;
	if (edge->from_class == edge->to_class)
		return LOCKDAG_CUT_ONE_ORDER;
	if (cut->n_named && cut->places[0].callee && !cut->places[0].wrapper)
		return LOCKDAG_CUT_HOIST;
	return LOCKDAG_CUT_REORDER;
}

/* ------------------------------------------------------------------ what to do */

static const char *advice_file(const char *file)
{
	const char *slash = strrchr(file, '/');

	return slash && slash[1] ? slash + 1 : file;
}

/* " (audit.c:88)", or " (bank+0x12f)" where there is no line. */
static void advice_site(struct lockdag_text *t, const struct lockdag_frame *frame)
{
	if (frame && frame->file && frame->line)
		lockdag_text_addf(t, " (%s:%u)", advice_file(frame->file), frame->line);
	else if (frame && frame->module)
		lockdag_text_addf(
			t, " (%s+0x%llx)", frame->module, (unsigned long long)frame->offset);
}

static void advice_function(struct lockdag_text *t, const struct lockdag_frame *frame)
{
	lockdag_text_add(t, frame->function);
	if (!strchr(frame->function, '('))
		lockdag_text_add(t, "()");
}

/* What to do; returns the frame whose line is where. */
static const struct lockdag_frame *advice_deed(struct lockdag_text *t, enum lockdag_cut_kind kind,
	const struct lockdag_cut_place *p, const char *from, const char *to)
{
	switch (kind) {
	case LOCKDAG_CUT_HOIST:
		if (p->callee && p->callee->function) {
			lockdag_text_add(t, "call ");
			advice_function(t, p->callee);
			lockdag_text_addf(t, " (which takes %s) before %s is taken", to, from);
			return p->held;
		}
		/* fall through */
	case LOCKDAG_CUT_REORDER:
		lockdag_text_addf(t, "take %s first", to);
		return p->held;
	case LOCKDAG_CUT_DROP:
		lockdag_text_addf(t, "let %s go before it is asked for again", from);
		return p->asked;
	case LOCKDAG_CUT_ONE_ORDER:
		lockdag_text_add(t, "take both in one order, by address or number");
		return p->held;
	case LOCKDAG_CUT_WAIT_OUTSIDE:
		lockdag_text_addf(t, "wait for %s without %s", to, from);
		return p->asked;
	case LOCKDAG_CUT_JOIN_OUTSIDE:
		lockdag_text_addf(t, "do %s without %s", to, from);
		return p->asked;
	case LOCKDAG_CUT_SIGNAL_FIRST:
		lockdag_text_addf(t, "signal %s before %s is asked for", from, to);
		return p->asked;
	case LOCKDAG_CUT_BLOCK_SIGNAL:
		lockdag_text_addf(t, "block the signal while %s is held", from);
		return p->held;
	case LOCKDAG_CUT_HOLD_OVER_FORK:
		lockdag_text_addf(t,
			"hold %s over the fork (pthread_atfork), or make it anew in the child", from);
		return p->asked;
	default:
		lockdag_text_addf(t, "do without %s: %s has to come to an end", to, from);
		return p->inner;
	}
}

/* Of a pool whose workers wait for work of its own; false: it is another matter. */
static bool advice_pool(
	struct lockdag_text *t, const struct lockdag_finding *f, const struct lockdag_cut *cut)
{
	const struct lockdag_finding_lock *from = &f->locks[cut->from], *to = &f->locks[cut->to];

	if (cut->kind != LOCKDAG_CUT_WAIT_OUTSIDE || f->n_locks != 2)
		return false;
	if (from->type == LOCKDAG_LOCK_POOL && to->type != LOCKDAG_LOCK_POOL)
		lockdag_text_addf(t, "do not wait for %s as a worker of %s, or let it run other work meanwhile",
			to->name, from->name);
	else if (to->type == LOCKDAG_LOCK_POOL && f->links[cut->from].exemplars[0].held == LOCKDAG_NONE)
		lockdag_text_addf(t, "have the work that signals %s done by another pool than %s", from->name,
			to->name);
	else
		return false;
	return true;
}

static void advice_place(struct lockdag_text *t, const struct lockdag_finding *f,
	const struct lockdag_cut *cut, const struct lockdag_cut_place *p)
{
	const struct lockdag_frame *in = cut->kind == LOCKDAG_CUT_DO_WITHOUT ? p->inner : p->asked;
	const struct lockdag_frame *where;

	if (in && in->function) {
		lockdag_text_add(t, "in ");
		advice_function(t, in);
		lockdag_text_add(t, ", ");
	}
	where = NULL;
	if (!advice_pool(t, f, cut))
		where = advice_deed(t, cut->kind, p, f->locks[cut->from].name, f->locks[cut->to].name);
	advice_site(t, where ? where : p->asked);
}

static char *advice_sentence(const struct lockdag_finding *f, const struct lockdag_cut *cut)
{
	static const struct lockdag_cut_place unknown;
	struct lockdag_text t = {0};

	if (!cut->n_named)
		advice_place(&t, f, cut, &unknown);
	for (size_t i = 0; i < cut->n_named; i++) {
		lockdag_text_add(&t, i ? "; " : "");
		advice_place(&t, f, cut, &cut->places[i]);
	}
	if (cut->n_named && cut->n_places > cut->n_named)
		lockdag_text_addf(&t, "; the same at %zu more", cut->n_places - cut->n_named);
	return lockdag_text_take(&t);
}

/* ------------------------------------------------------------------ the order that results */

/* From what is asked for round the cycle to what is held, then what was taken between the two. */
static char *advice_order(const struct lockdag_finding *f, const struct lockdag_cut *cut)
{
	struct lockdag_text t = {0};

	for (size_t i = 0; i < f->n_locks; i++) {
		size_t at = (cut->to + i) % f->n_locks;

		lockdag_text_addf(&t, "%s%s", i ? ", " : "", f->locks[at].name);
	}
	return lockdag_text_take(&t);
}

int cut_advise(const struct cut *c, const struct cut_edge *edge, const struct lockdag_finding *f,
	struct lockdag_cut *cut)
{
	cut->from = edge->link;
	cut->to = cut_next_context(f, edge->link);
	cut->n_places = edge->n_places;
	cut->places = calloc(LOCKDAG_MAX_EXEMPLARS, sizeof(*cut->places));
	if (!cut->places)
		return -ENOMEM;
	for (uint32_t i = 0; i < edge->n_places && cut->n_named < LOCKDAG_MAX_EXEMPLARS; i++) {
		const struct cut_place *p =
			&c->places.items[c->edge_places.items[edge->first_place + i]];

		if (p->named.asked)
			cut->places[cut->n_named++] = p->named;
	}
	cut->kind = advice_kind(edge, f, cut);
	cut->advice = advice_sentence(f, cut);
	if (cut->kind == LOCKDAG_CUT_REORDER || cut->kind == LOCKDAG_CUT_HOIST) {
		cut->order = advice_order(f, cut);
		if (!cut->order)
			return -ENOMEM;
	}
	return cut->advice ? 0 : -ENOMEM;
}
