/* SPDX-License-Identifier: MIT
 *
 * From a model to its findings. Classes, then three graphs of what was seen, then their cycles,
 * each judged by its observations, then the waits that are closed now.
 */
#include "core/cut.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define FIND_MAX_LENGTH 12
#define FIND_MAX_CYCLES 1000
#define FIND_MAX_WORK 50000000  /* links looked at by the search for cycles: a second or less */
#define FIND_MAX_PAIRS 20000000 /* pairs of observations held against each other */

/* ------------------------------------------------------------------ judging */

struct lockdag_exemplar find_exemplar(const struct find *f, const struct arc *a)
{
	return (struct lockdag_exemplar){.acquire = a->acquire,
		.held = a->held,
		.asked = events_asking(&f->events, a->acquire)->n_held,
		.discharge = LOCKDAG_NONE,
		.holder = LOCKDAG_NONE};
}

/* The pick of each link first, then others of it, one of each thread first. */
static void find_exemplars(const struct find *f, struct verdict *v)
{
	const struct pick *p = &f->pick;

	for (size_t i = 0; i < v->n; i++) {
		struct lockdag_exemplar *e = v->exemplars[i];

		e[0] = find_exemplar(f, p->picks[i]);
		v->n_exemplars[i] = 1;
		for (size_t k = 0; k < p->candidates[i].n; k++) {
			const struct arc *a = &p->g->arcs.items[p->candidates[i].arcs[k]];

			if (a == p->picks[i] || v->n_exemplars[i] == LOCKDAG_MAX_EXEMPLARS)
				continue;
			e[v->n_exemplars[i]++] = find_exemplar(f, a);
		}
	}
}

/* Judges a cycle and keeps the verdict; 1 when it is POSSIBLE, 0 when not, negative errno. */
static int find_judge(
	struct find *f, const struct graph *g, const uint32_t *links, size_t n, struct verdict *v)
{
	int r;

	f->pick.same_instance = g != &f->by_class;
	r = pick_judge(&f->pick, g, links, n);
	if (r > 0) {
		*v = (struct verdict){.grade = f->pick.ruled ? LOCKDAG_UNLIKELY : LOCKDAG_POSSIBLE,
			.ruled = f->pick.ruled,
			.instances = g == &f->by_instance,
			.n = n,
			.writer = f->pick.writer};
		find_exemplars(f, v);
		r = v->grade == LOCKDAG_POSSIBLE ? 1 : 0;
	} else if (!r) {
		v->n = 0;
	}
	pick_clear(&f->pick);
	return r;
}

static int find_judge_and_add(
	struct find *f, const struct graph *g, const uint32_t *links, size_t n)
{
	struct verdict v = {0};
	int possible = find_judge(f, g, links, n, &v);
	int r;

	if (possible < 0 || !v.n)
		return possible;
	r = describe_add(f, &v);
	return r ? r : possible;
}

static const char *find_key(const struct find *f, uint32_t link)
{
	return f->classes.items.items[f->by_class.links.items[link].from].key;
}

/* Do the keys from link a on come before those from link b on? */
static bool find_rotation_less(
	const struct find *f, const uint32_t *links, size_t n, size_t a, size_t b)
{
	for (size_t i = 0; i < n; i++) {
		int order = strcmp(find_key(f, links[(a + i) % n]), find_key(f, links[(b + i) % n]));

		if (order)
			return order < 0;
	}
	return false;
}

/* Judged from its first key on: which reason is met first must not depend on the order of rows. */
static int find_judge_class(void *arg, const uint32_t *links, size_t n)
{
	struct find *f = arg;
	uint32_t rotated[PICK_MAX_LENGTH];
	size_t first = 0;

	for (size_t i = 1; i < n; i++)
		if (find_rotation_less(f, links, n, i, first))
			first = i;
	for (size_t i = 0; i < n; i++)
		rotated[i] = links[(first + i) % n];
	return find_judge_and_add(f, &f->by_class, rotated, n);
}

/* Of the cycles among a class's instances one is a finding: the shortest possible one, else the
 * shortest, and of those the one whose reason comes first. */
static int find_judge_instance(void *arg, const uint32_t *links, size_t n)
{
	struct find *f = arg;
	const struct arc *first =
		&f->by_instance.arcs.items[f->by_instance.links.items[links[0]].first];
	uint32_t class = f->classes.of_lock[f->m->acquires.items[first->acquire].lock];
	struct lockdag_finding *best = NULL;
	struct verdict v = {0};
	int possible, r;

	if (f->best[class])
		best = &f->findings.items[f->best[class] - 1];
	if (best && best->grade == LOCKDAG_POSSIBLE)
		return 0;
	possible = find_judge(f, &f->by_instance, links, n, &v);
	if (possible < 0 || !v.n)
		return possible;
	if (best && !possible && (best->n_locks < n || best->ruled <= v.ruled))
		return 0;
	r = describe_add(f, &v);
	if (r)
		return r;
	if (!f->best[class]) {
		f->best[class] = (uint32_t)f->findings.n;
		return possible;
	}
	best = &f->findings.items[f->best[class] - 1];
	describe_free(best);
	*best = f->findings.items[--f->findings.n];
	return possible;
}

static int find_self_reads(struct find *f)
{
	for (uint32_t i = 0; i < f->self_reads.links.n; i++) {
		int r = find_judge_and_add(f, &f->self_reads, &i, 1);

		if (r < 0)
			return r;
	}
	return 0;
}

static int find_cycles(struct find *f)
{
	int r = graph_components(&f->by_class);

	if (!r)
		r = graph_components(&f->by_instance);
	if (!r)
		r = cycles_find(&f->by_class, &f->options, find_judge_class, f, &f->bounded);
	if (!r)
		r = cycles_find(&f->by_instance, &f->options, find_judge_instance, f, &f->bounded);
	if (!r)
		r = find_self_reads(f);
	return r;
}

/* ------------------------------------------------------------------ the run */

static void find_options(struct find *f, const struct lockdag_find_options *options)
{
	f->options.max_length =
		options && options->max_length ? options->max_length : FIND_MAX_LENGTH;
	f->options.max_cycles =
		options && options->max_cycles ? options->max_cycles : FIND_MAX_CYCLES;
	f->options.max_work = FIND_MAX_WORK;
	if (f->options.max_length > PICK_MAX_LENGTH)
		f->options.max_length = PICK_MAX_LENGTH;
}

static int find_init(
	struct find *f, const struct lockdag_model *m, const struct lockdag_find_options *options)
{
	int r;

	*f = (struct find){.m = m};
	find_options(f, options);
	r = classes_init(&f->classes, m);
	if (!r)
		r = events_init(&f->events, m, &f->classes, options && options->no_waits);
	if (!r)
		r = evidence_init(&f->evidence, m, &f->classes);
	if (!r)
		r = writers_init(&f->writers, m, &f->classes);
	if (!r)
		r = parts_init(&f->parts, m, &f->classes);
	if (!r)
		r = makers_init(&f->makers, m, &f->classes);
	if (r)
		return r;
	f->pick.e = &f->evidence;
	f->pick.events = &f->events;
	f->pick.classes = &f->classes;
	f->pick.writers = &f->writers;
	f->pick.parts = &f->parts;
	f->pick.makers = &f->makers;
	f->pick.budget = FIND_MAX_PAIRS;
	f->best = calloc(f->classes.items.n + 1, sizeof(*f->best));
	return f->best ? 0 : -ENOMEM;
}

void find_done(struct find *f)
{
	for (size_t i = 0; i < f->findings.n; i++)
		describe_free(&f->findings.items[i]);
	lockdag_vec_clear(&f->findings);
	lockdag_vec_clear(&f->unused);
	graph_done(&f->by_class);
	graph_done(&f->by_instance);
	graph_done(&f->self_reads);
	writers_done(&f->writers);
	makers_done(&f->makers);
	parts_done(&f->parts);
	evidence_done(&f->evidence);
	events_done(&f->events);
	classes_done(&f->classes);
	free(f->best);
}

int find_begin(
	struct find *f, const struct lockdag_model *m, const struct lockdag_find_options *options)
{
	int r = find_init(f, m, options);

	return r ? r : find_build(f);
}

/* Strongest grade first, then by id; the title parts findings of keyless classes that share one. */
static int find_compare(const void *a, const void *b)
{
	const struct lockdag_finding *x = a, *y = b;

	if (x->grade != y->grade)
		return x->grade > y->grade ? -1 : 1;
	if (x->id != y->id)
		return x->id < y->id ? -1 : 1;
	return strcmp(x->title, y->title);
}

static int find_result(struct find *f, struct lockdag_findings **ret_findings)
{
	struct lockdag_findings *result = calloc(1, sizeof(*result));
	int r;

	if (!result)
		return -ENOMEM;
	result->n_edges = f->by_class.links.n;
	r = cut_keep_graph(f, &result->graph);
	if (r) {
		free(result);
		return r;
	}
	if (f->findings.n)
		qsort(f->findings.items, f->findings.n, sizeof(*f->findings.items), find_compare);
	for (size_t i = 0; i < f->findings.n; i++) {
		if (f->findings.items[i].grade == LOCKDAG_UNLIKELY)
			result->hidden[f->findings.items[i].ruled]++;
	}
	result->n = f->findings.n;
	result->items = f->findings.items;
	f->findings.items = NULL;
	f->findings.n = f->findings.cap = 0;
	result->n_classes = f->classes.items.n;
	result->unused = f->unused.items;
	result->n_unused = f->unused.n;
	f->unused.items = NULL;
	f->unused.n = f->unused.cap = 0;
	result->bounded = f->bounded || f->pick.bounded;
	*ret_findings = result;
	return 0;
}

int lockdag_core_find(const struct lockdag_model *m, const struct lockdag_find_options *options,
	struct lockdag_findings **ret_findings)
{
	struct find *f = malloc(sizeof(*f));
	int r;

	if (!f)
		return -ENOMEM;
	r = find_begin(f, m, options);
	if (!r)
		r = find_cycles(f);
	if (!r)
		r = blocked_find(f);
	if (!r)
		r = forks_find(f);
	if (!r)
		r = backs_find(f);
	if (!r)
		r = misuse_find(f);
	if (!r)
		r = declared_find(f);
	if (!r)
		r = find_result(f, ret_findings);
	find_done(f);
	free(f);
	return r;
}

int lockdag_findings_drop(struct lockdag_findings *f, const char *const *why)
{
	struct lockdag_finding *dropped;
	size_t n = 0, n_dropped = 0;

	for (size_t i = 0; i < f->n; i++)
		n_dropped += why[i] != NULL;
	if (!n_dropped)
		return 0;
	dropped = reallocarray(f->dropped, f->n_dropped + n_dropped, sizeof(*dropped));
	if (!dropped)
		return -ENOMEM;
	f->dropped = dropped;
	for (size_t i = 0; i < f->n; i++) {
		f->items[i].dropped_by = why[i];
		if (why[i])
			dropped[f->n_dropped++] = f->items[i];
		else
			f->items[n++] = f->items[i];
	}
	f->n = n;
	return 0;
}

void lockdag_findings_free(struct lockdag_findings *f)
{
	if (!f)
		return;
	cut_plan_free(f);
	cut_graph_free(f->graph);
	for (size_t i = 0; i < f->n; i++)
		describe_free(&f->items[i]);
	for (size_t i = 0; i < f->n_dropped; i++)
		describe_free(&f->dropped[i]);
	free(f->items);
	free(f->dropped);
	free(f->unused);
	free(f);
}
