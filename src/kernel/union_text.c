/* SPDX-License-Identifier: MIT
 *
 * Reports for people: who holds what and waits for what, one line each, then where to cut; and what
 * many reports have in common.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "kernel/grammar.h"
#include "kernel/union.h"

#define TEXT_TOLD 20   /* families, cycles across reports, near-cycles */
#define TEXT_REPORTS 4 /* of one cycle that are named */
#define TEXT_HELD 12   /* locks that one task holds */

/* ------------------------------------------------------------------ one report */

static void text_task(struct lockdag_text *t, const struct lockdag_splat *s)
{
	if (s->comm)
		lockdag_text_addf(t, "%s/%ld", s->comm, s->pid);
	else
		lockdag_text_add(t, "a task");
}

static void text_frame(struct lockdag_text *t, const char *before, const struct lockdag_kframe *f)
{
	if (!f || !f->function)
		return;
	lockdag_text_addf(t, "%s%s()", before, f->function);
	if (f->module)
		lockdag_text_addf(t, " [%s]", f->module);
	if (f->file && f->line)
		lockdag_text_addf(t, " (%s:%u)", f->file, f->line);
}

/* The innermost function that does more than to take a lock. */
static const struct lockdag_kframe *text_own(const struct lockdag_kstack *stack)
{
	for (size_t i = 0; stack && i < stack->n; i++)
		if (stack->frames[i].function && !stack->frames[i].unreliable &&
			!names_is_api(stack->frames[i].function))
			return &stack->frames[i];
	return NULL;
}

static void text_where(struct lockdag_text *t, const struct lockdag_splat *s)
{
	lockdag_text_addf(t, "%s:%llu", s->file ? s->file : "-", (unsigned long long)s->line);
}

static void text_head(struct lockdag_text *t, const struct union_report *r)
{
	const struct lockdag_splat *s = r->splat;

	lockdag_text_addf(t, "%s  %s", lockdag_splat_kind_word(s->kind), s->title ? s->title : "");
	lockdag_text_add(t, "\n  ");
	text_where(t, s);
	if (s->kernel)
		lockdag_text_addf(t, ", kernel %s", s->kernel);
	if (s->comm) {
		lockdag_text_add(t, ", task ");
		text_task(t, s);
	}
	if (!s->complete)
		lockdag_text_add(t, ", not complete");
	lockdag_text_addf(t, "                    id %016llx\n", (unsigned long long)r->id);
}

static const char *text_irq(enum union_irq irq)
{
	return irq == UNION_SOFTIRQ ? "softirq" : "hardirq";
}

/* Between the last class of a cycle and its first. */
static void text_closing(struct lockdag_text *t, enum union_irq irq, const char *first)
{
	if (irq)
		lockdag_text_addf(t, " -> <%s>", text_irq(irq));
	lockdag_text_addf(t, " -> %s", first);
}

static void text_title(struct lockdag_text *t, const struct union_walk *w)
{
	lockdag_text_add(t, "  ");
	for (size_t i = 0; i < w->n; i++)
		lockdag_text_addf(t, "%s%s",
			w->steps[i].gap ? " -> ... -> "
			: i             ? " -> "
					: "",
			w->steps[i].class->name);
	if (w->closed)
		text_closing(t, w->irq, w->steps[0].class->name);
	lockdag_text_add(t, "\n");
}

/* Who holds step i - 1 and waits for step i. */
static void text_link(
	struct lockdag_text *t, const struct lockdag_splat *s, const struct union_walk *w, size_t i)
{
	size_t before = (i + w->n - 1) % w->n;
	const struct union_step *step = &w->steps[i];
	const struct lockdag_kframe *own = text_own(step->stack);

	lockdag_text_add(t, "  ");
	if (i == 0 && w->irq) {
		lockdag_text_addf(t, "%s is taken with %ss on", w->steps[before].class->name,
			text_irq(w->irq));
		text_frame(t, " in ", own);
		lockdag_text_addf(
			t, ", and the %s waits for %s\n", text_irq(w->irq), step->class->name);
		return;
	}
	/* where it held the lock is known of the one that reports alone */
	if (i == 0 || w->n == 1 || step->held_at)
		text_task(t, s);
	else
		lockdag_text_add(t, "another task");
	lockdag_text_addf(t, "  holds %s", w->steps[before].class->name);
	text_frame(t, " since ", step->held_at);
	lockdag_text_addf(t, ", waits for %s", step->class->name);
	text_frame(t, " in ", own ? own : step->at);
	lockdag_text_add(t, "\n");
}

static void text_holders(struct lockdag_text *t, const struct lockdag_splat *s)
{
	for (size_t i = 0; i < s->n_holders; i++) {
		const struct lockdag_kholder *h = &s->holders[i];

		lockdag_text_addf(t, "  %s/%ld  holds ", h->comm ? h->comm : "a task", h->pid);
		for (size_t k = 0; k < h->n && k < TEXT_HELD; k++) {
			lockdag_text_addf(t, "%s%s", k ? ", " : "",
				h->held[k].class.name ? h->held[k].class.name : "?");
			text_frame(t, " since ", &h->held[k].at);
		}
		if (h->n > TEXT_HELD)
			lockdag_text_addf(t, " and %zu more", h->n - TEXT_HELD);
		lockdag_text_add(t, h->n ? "\n" : "nothing\n");
	}
}

/* Kinds that are no cycle: the lock it is about, where, and what is held. */
static void text_plain(struct lockdag_text *t, const struct lockdag_splat *s)
{
	lockdag_text_addf(t, "  %s", lockdag_splat_kind_sentence(s->kind));
	if (s->acquiring.class.name) {
		lockdag_text_addf(t, ": %s", s->acquiring.class.name);
		text_frame(t, " at ", s->acquiring.at.function ? &s->acquiring.at : NULL);
	}
	if (!s->acquiring.class.name || !s->acquiring.at.function)
		text_frame(t, ", in ", text_own(&s->stack));
	lockdag_text_add(t, "\n");
	for (size_t i = 0; s->kind == LOCKDAG_SPLAT_HUNG_TASK && i < s->n_facts; i++)
		if (text_starts(s->facts[i], "INFO: "))
			lockdag_text_addf(t, "  %s\n", s->facts[i] + strlen("INFO: "));
	text_holders(t, s);
}

static const struct union_cut *text_cut_of(const struct lockdag_union *u, uint32_t cycle)
{
	const struct union_cycle *c = &u->cycles.items[cycle];

	for (size_t i = 0; i < u->cuts.n; i++)
		for (uint32_t k = 0; k < c->n; k++)
			if (u->cycle_edges.items[c->first + k] == u->cuts.items[i].edge)
				return &u->cuts.items[i];
	return NULL;
}

static void text_cut(
	struct lockdag_text *t, const struct lockdag_union *u, const struct union_cut *c)
{
	const struct union_edge *e = &u->edges.items[c->edge];
	size_t n_reports = 0;

	for (size_t i = 0; i < u->cycles.n; i++)
		n_reports += u->cycles.items[i].n_reports;
	lockdag_text_addf(t, "%s -> %s%s (%s), ", union_name(u, e->from),
		e->irq ? "(interrupt) " : "", union_name(u, e->to), lockdag_cut_kind_word(c->kind));
	if (e->n_places == 1)
		lockdag_text_addf(t, "one place: %s.", c->advice);
	else
		lockdag_text_addf(t, "%u places.", e->n_places);
	lockdag_text_addf(t, " Clears %u of %zu report%s, %u of %zu cycle%s.", c->n_reports,
		n_reports, n_reports == 1 ? "" : "s", c->n_cycles, u->cycles.n,
		u->cycles.n == 1 ? "" : "s");
	if (c->meets)
		lockdag_text_addf(t, " But %s before %s would meet %s, which was seen, too.",
			union_name(u, e->to), union_name(u, e->from), c->meets);
	lockdag_text_add(t, "\n");
	for (uint32_t i = 0; e->n_places > 1 && i < e->n_places && i < UNION_PLACES_TOLD; i++) {
		lockdag_text_add(t, "    ");
		union_advice_at(u, c->edge, i, t);
		lockdag_text_add(t, "\n");
	}
	if (e->n_places > UNION_PLACES_TOLD)
		lockdag_text_addf(t, "    the same at %u more\n", e->n_places - UNION_PLACES_TOLD);
}

/* Who holds what and waits for what. */
static void text_story(struct lockdag_text *t, const struct union_report *r, struct union_walk *w)
{
	union_walk(r->splat, w);
	if (w->n == 1 && !w->closed)
		w->n = 0;
	if (w->n)
		text_title(t, w);
	for (size_t i = w->closed ? 0 : 1; i < w->n; i++)
		if (!w->steps[i].gap)
			text_link(t, r->splat, w, i);
	if (!w->n)
		text_plain(t, r->splat);
}

/* The first report of the same that is told; r itself: none was before it. */
static const struct union_report *text_first(
	const struct lockdag_union *u, const struct union_report *r)
{
	const struct union_report *first = u->reports.items;

	while (first < r && (first->id != r->id || first->known))
		first++;
	return first;
}

static bool text_same_task(const struct lockdag_splat *a, const struct lockdag_splat *b)
{
	return a->pid == b->pid && a->comm && b->comm && !strcmp(a->comm, b->comm);
}

int lockdag_union_report_text(
	const struct lockdag_union *u, size_t report, struct lockdag_text *text)
{
	const struct union_report *r = &u->reports.items[report], *first = text_first(u, r);
	const struct union_cut *cut = r->cycle == LOCKDAG_NONE ? NULL : text_cut_of(u, r->cycle);
	struct union_walk *w = malloc(sizeof(*w));
	struct lockdag_text story = {0}, before = {0};
	bool same = false;

	if (!w)
		return -ENOMEM;
	text_head(text, r);
	text_story(&story, r, w);
	if (first != r && (r->cycle != LOCKDAG_NONE || text_same_task(r->splat, first->splat))) {
		text_story(&before, first, w);
		same = story.s && before.s && !strcmp(story.s, before.s);
	}
	if (!same && story.s)
		lockdag_text_add(text, story.s);
	if (same || (cut && first != r)) {
		lockdag_text_add(text, same ? "  the same as " : "  cut: as for ");
		text_where(text, first->splat);
		lockdag_text_add(text, "\n");
	} else if (cut) {
		lockdag_text_add(text, "  cut: ");
		text_cut(text, u, cut);
	}
	text->failed |= story.failed || before.failed;
	lockdag_text_clear(&story);
	lockdag_text_clear(&before);
	free(w);
	return text->failed ? -ENOMEM : 0;
}

/* ------------------------------------------------------------------ all of them */

static void text_count(struct lockdag_text *t, size_t n, const char *thing)
{
	lockdag_text_addf(t, "%zu %s%s", n, thing, n == 1 ? "" : "s");
}

static void text_kinds(struct lockdag_text *t, const struct lockdag_union *u)
{
	size_t counts[LOCKDAG_N_SPLAT_KINDS] = {0}, told = 0;

	for (size_t i = 0; i < u->reports.n; i++)
		counts[u->reports.items[i].splat->kind]++;
	for (int k = 0; k < LOCKDAG_N_SPLAT_KINDS; k++)
		if (counts[k])
			lockdag_text_addf(t, "%s%zu %s", told++ ? ", " : " (", counts[k],
				lockdag_splat_kind_word((enum lockdag_splat_kind)k));
	lockdag_text_add(t, told ? ")" : "");
}

static void text_cycle(struct lockdag_text *t, const struct lockdag_union *u, uint32_t cycle)
{
	const struct union_cycle *c = &u->cycles.items[cycle];

	lockdag_text_addf(t, "  %016llx  ", (unsigned long long)c->id);
	for (uint32_t i = 0; i < c->n; i++)
		lockdag_text_addf(t, "%s%s", i ? " -> " : "",
			union_name(u, u->cycle_nodes.items[c->first + i]));
	text_closing(t, c->irq, union_name(u, u->cycle_nodes.items[c->first]));
	lockdag_text_add(t, "\n");
}

/* The reports of a cycle, as "file:line". */
static void text_cycle_reports(
	struct lockdag_text *t, const struct lockdag_union *u, const struct union_cycle *c)
{
	for (uint32_t i = 0; i < c->n_reports && i < TEXT_REPORTS; i++) {
		uint32_t report = u->cycle_reports.items[c->first_report + i];

		lockdag_text_add(t, i ? ", " : "    ");
		text_where(t, u->reports.items[report].splat);
	}
	if (c->n_reports > TEXT_REPORTS)
		lockdag_text_addf(t, " and %u more", c->n_reports - TEXT_REPORTS);
	lockdag_text_add(t, "\n");
}

/* Cycles of several reports, and those of none. */
static void text_cycles(struct lockdag_text *t, const struct lockdag_union *u)
{
	size_t n_cross = 0, told = 0;

	for (uint32_t i = 0; i < u->cycles.n && told < TEXT_TOLD; i++) {
		const struct union_cycle *c = &u->cycles.items[i];

		if (c->n_reports < 2)
			continue;
		lockdag_text_addf(
			t, "%s%u reports are one cycle:\n", told++ ? "" : "\n", c->n_reports);
		text_cycle(t, u, i);
		text_cycle_reports(t, u, c);
	}
	for (size_t i = 0; i < u->cycles.n; i++)
		n_cross += u->cycles.items[i].cross;
	if (!n_cross)
		return;
	lockdag_text_add(t, "\n");
	text_count(t, n_cross, "cycle");
	lockdag_text_add(t, " that no single report shows (if all of them are of one kernel):\n");
	told = 0;
	for (uint32_t i = 0; i < u->cycles.n && told < TEXT_TOLD; i++)
		if (u->cycles.items[i].cross) {
			text_cycle(t, u, i);
			told++;
		}
	if (n_cross > told)
		lockdag_text_addf(t, "  and %zu more\n", n_cross - told);
}

static void text_families(struct lockdag_text *t, const struct lockdag_union *u)
{
	for (size_t i = 0; i < u->families.n && i < TEXT_TOLD; i++) {
		const struct union_family *f = &u->families.items[i];

		lockdag_text_addf(t, "%sfamily %zu: ", i ? "" : "\n", i + 1);
		text_count(t, f->reports.n, "report");
		lockdag_text_add(t, ", ");
		text_count(t, f->cycles.n, "cycle");
		if (f->edges.n) {
			const struct union_edge *e = &u->edges.items[f->edges.items[0]];

			lockdag_text_addf(
				t, "; %u of them go over %s", e->n_reports, union_name(u, e->from));
			text_closing(t, e->irq, union_name(u, e->to));
		}
		lockdag_text_add(t, "\n");
	}
	if (u->families.n > TEXT_TOLD)
		lockdag_text_addf(t, "and %zu families more\n", u->families.n - TEXT_TOLD);
}

static void text_cuts(struct lockdag_text *t, const struct lockdag_union *u, size_t n_cuts)
{
	size_t reported = 0, links = 0;

	for (size_t i = 0; i < u->cycles.n; i++)
		reported += !u->cycles.items[i].cross;
	if (!u->cuts.n)
		return;
	for (size_t i = 0; i < u->cuts.n; i++)
		links += u->cuts.items[i].planned;
	lockdag_text_addf(t, "\ncut: %zu change%s", u->n_changes, u->n_changes == 1 ? "" : "s");
	/* a link that several functions make takes as many */
	if (links != u->n_changes)
		lockdag_text_addf(t, " at %zu link%s", links, links == 1 ? "" : "s");
	lockdag_text_add(t, u->n_changes == 1 ? " clears " : " clear ");
	if (reported == 1)
		lockdag_text_add(t, "the cycle");
	else
		lockdag_text_addf(t, "all %zu reported cycles", reported);
	if (u->n_changes > 1)
		lockdag_text_addf(t, "; at least %zu %s needed", u->at_least,
			u->at_least == 1 ? "is" : "are");
	lockdag_text_add(t, "\n");
	for (size_t i = 0; i < u->cuts.n && i < n_cuts; i++) {
		lockdag_text_addf(t, "  %c ", u->cuts.items[i].planned ? '*' : '-');
		text_cut(t, u, &u->cuts.items[i]);
	}
	if (u->cuts.n > n_cuts)
		lockdag_text_addf(t,
			"  (* is in that set; %zu more place%s to cut %s known: --cut N)\n",
			u->cuts.n - n_cuts, u->cuts.n - n_cuts == 1 ? "" : "s",
			u->cuts.n - n_cuts == 1 ? "is" : "are");
}

static void text_near(struct lockdag_text *t, const struct lockdag_union *u)
{
	size_t n_edges = 0;

	if (!u->graphs.n)
		return;
	for (size_t i = 0; i < u->edges.n; i++)
		n_edges += u->edges.items[i].in_graph;
	lockdag_text_addf(t, "\nthe order of a live kernel: %zu edges", n_edges);
	if (u->near.n)
		lockdag_text_addf(t,
			"; %zu way%s that would be a cycle if classes of one name were one lock",
			u->near.n, u->near.n == 1 ? "" : "s");
	lockdag_text_add(t, "\n");
	for (size_t i = 0; i < u->near.n && i < TEXT_TOLD; i++)
		lockdag_text_addf(t, "  %s\n", u->near.items[i]);
	if (u->near.n > TEXT_TOLD)
		lockdag_text_addf(t, "  and %zu more\n", u->near.n - TEXT_TOLD);
}

int lockdag_union_summary(const struct lockdag_union *u, struct lockdag_text *text)
{
	lockdag_text_add(text, "lockdag: ");
	if (u->reports.n)
		text_count(text, u->reports.n, "kernel lock report");
	else
		lockdag_text_add(text, "no kernel lock report");
	text_kinds(text, u);
	lockdag_text_add(text, ", ");
	text_count(text, u->cycles.n, "cycle");
	if (u->families.n)
		lockdag_text_addf(
			text, ", %zu famil%s", u->families.n, u->families.n == 1 ? "y" : "ies");
	/* "#2", "/1" and what other kernels called them */
	if (u->names.n > u->nodes.n)
		lockdag_text_addf(text, "; %zu names of lock classes are %zu class%s", u->names.n,
			u->nodes.n, u->nodes.n == 1 ? "" : "es");
	lockdag_text_add(text, "\n");
	return text->failed ? -ENOMEM : 0;
}

int lockdag_union_text(const struct lockdag_union *u, size_t n_cuts, struct lockdag_text *text)
{
	text_families(text, u);
	text_cycles(text, u);
	text_near(text, u);
	text_cuts(text, u, n_cuts);
	if (u->bounded)
		lockdag_text_add(text,
			"a bound of the search for cycles across reports was met: there may be "
			"more\n");
	return text->failed ? -ENOMEM : 0;
}
