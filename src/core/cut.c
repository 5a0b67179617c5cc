/* SPDX-License-Identifier: MIT
 *
 * Where to cut: the findings become a problem of places, edges and cycles, and its solution becomes a
 * cut for each finding and a plan for all.
 */
#include "core/cut.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define CUT_MEETS 10u /* what it adds to an edge's cost that its order meets its opposite elsewhere */

/* ------------------------------------------------------------------ what a run leaves */

int cut_keep_graph(struct find *f, struct lockdag_graph **ret_graph)
{
	struct lockdag_graph *graph = calloc(1, sizeof(*graph));

	if (!graph)
		return -ENOMEM;
	graph->by_class = f->by_class;
	f->by_class = (struct graph){0};
	graph->class_of_lock = f->classes.of_lock;
	f->classes.of_lock = NULL;
	graph->more = f->events.more;
	f->events.more = NULL;
	*ret_graph = graph;
	return 0;
}

void cut_graph_free(struct lockdag_graph *graph)
{
	if (!graph)
		return;
	graph_done(&graph->by_class);
	free(graph->class_of_lock);
	free(graph->more);
	free(graph);
}

void cut_free(struct lockdag_cut *cut)
{
	if (!cut)
		return;
	free(cut->places);
	free(cut->meets);
	free(cut->advice);
	free(cut->order);
	free(cut);
}

void cut_plan_free(struct lockdag_findings *f)
{
	for (size_t i = 0; i < f->n; i++) {
		cut_free(f->items[i].cut);
		f->items[i].cut = NULL;
	}
	if (f->plan)
		free(f->plan->items);
	free(f->plan);
	f->plan = NULL;
}

/* ------------------------------------------------------------------ findings to a problem */

static bool cut_is_wanted(const struct lockdag_finding *f)
{
	return f->kind == LOCKDAG_FINDING_CYCLE && f->grade > LOCKDAG_UNLIKELY && f->n_locks &&
	       f->links;
}

/* Where two findings have one edge they share the row. */
static int cut_edge_compare(const struct cut_edge *x, const struct cut_edge *y)
{
	if (x->from_class != y->from_class)
		return x->from_class < y->from_class ? -1 : 1;
	if (x->to_class != y->to_class)
		return x->to_class < y->to_class ? -1 : 1;
	if (x->through != y->through)
		return x->through < y->through ? -1 : 1;
	if (x->through && x->by != y->by)
		return x->by < y->by ? -1 : 1;
	if (x->from_class != x->to_class)
		return 0;
	if (x->from_lock != y->from_lock)
		return x->from_lock < y->from_lock ? -1 : 1;
	return (x->to_lock > y->to_lock) - (x->to_lock < y->to_lock);
}

static int cut_edge_order(const void *a, const void *b)
{
	const struct cut_edge *x = a, *y = b;
	int r = cut_edge_compare(x, y);

	if (!r)
		r = (x->finding > y->finding) - (x->finding < y->finding);
	return r ? r : (x->link > y->link) - (x->link < y->link);
}

/* One row for each context of each finding, in any order. */
static int cut_collect(struct cut *c, uint32_t finding)
{
	const struct lockdag_finding *f = &c->findings->items[finding];

	for (uint32_t i = 0; i < f->n_locks; i++) {
		struct cut_edge *edge;
		uint32_t to;

		if (i && f->links[i].context == f->links[i - 1].context) {
			edge = &c->edges.items[c->edges.n - 1];
			edge->back = edge->back || f->links[i].back;
			continue;
		}
		edge = lockdag_vec_push(&c->edges);
		if (!edge)
			return -ENOMEM;
		to = cut_next_context(f, i);
		*edge = (struct cut_edge){.from_class = f->locks[i].class_id,
			.to_class = f->locks[to].class_id,
			.from_lock = f->locks[i].lock,
			.to_lock = f->locks[to].lock,
			.finding = finding,
			.link = i,
			.discharge = cut_is_run(f->locks[i].type),
			.back = f->links[i].back,
			.through = f->links[i].through,
			.by = f->links[i].by};
	}
	return 0;
}

static int cut_cycle_order(const void *a, const void *b)
{
	const struct cut_cycle *x = a, *y = b;

	if (x->finding != y->finding)
		return x->finding < y->finding ? -1 : 1;
	return (x->first_edge > y->first_edge) - (x->first_edge < y->first_edge);
}

/* Equal rows become one edge; the cycles get its number. */
static int cut_merge(struct cut *c)
{
	struct cut_cycle *uses = malloc((c->edges.n + 1) * sizeof(*uses));
	size_t n = 0, n_uses = c->edges.n;

	if (!uses)
		return -ENOMEM;
	if (n_uses)
		qsort(c->edges.items, n_uses, sizeof(*c->edges.items), cut_edge_order);
	for (size_t i = 0; i < n_uses; i++) {
		if (!n || cut_edge_compare(&c->edges.items[n - 1], &c->edges.items[i]))
			c->edges.items[n++] = c->edges.items[i];
		uses[i] = (struct cut_cycle){c->edges.items[i].finding, (uint32_t)n - 1, 0};
	}
	c->edges.n = n;
	if (n_uses)
		qsort(uses, n_uses, sizeof(*uses), cut_cycle_order);
	for (size_t i = 0; i < n_uses; i++) {
		uint32_t *edge;

		if (!i || uses[i].finding != uses[i - 1].finding) {
			struct cut_cycle *cycle = lockdag_vec_push(&c->cycles);

			if (cycle)
				*cycle = (struct cut_cycle){
					uses[i].finding, (uint32_t)c->cycle_edges.n, 0};
		} else if (uses[i].first_edge == uses[i - 1].first_edge) {
			continue;
		}
		edge = lockdag_vec_push(&c->cycle_edges);
		if (!edge || !c->cycles.n) {
			free(uses);
			return -ENOMEM;
		}
		*edge = uses[i].first_edge;
		c->cycles.items[c->cycles.n - 1].n_edges++;
		c->edges.items[*edge].n_findings++;
	}
	free(uses);
	return 0;
}

static int cut_build(struct cut *c)
{
	int r = 0;

	for (uint32_t i = 0; !r && i < c->findings->n; i++)
		if (cut_is_wanted(&c->findings->items[i]))
			r = cut_collect(c, i);
	if (!r)
		r = cut_merge(c);
	for (size_t i = 0; !r && i < c->edges.n; i++) {
		struct cut_edge *edge = &c->edges.items[i];

		r = cut_places(c, edge);
		cut_walk_remove(c, edge, true);
		edge->meets = cut_walk_meets(c, edge);
		cut_walk_remove(c, edge, false);
		if (edge->meets)
			edge->cost += CUT_MEETS;
		for (uint32_t k = 0; edge->meets && k < edge->n_places; k++)
			c->places.items[c->edge_places.items[edge->first_place + k]].cost +=
				CUT_MEETS;
	}
	return r;
}

/* ------------------------------------------------------------------ and back */

static int cut_solve(struct cut *c, struct lockdag_cut_set *set)
{
	uint32_t *costs = malloc((c->places.n + 1) * sizeof(*costs));
	struct lockdag_cut_edge *edges = malloc((c->edges.n + 1) * sizeof(*edges));
	struct lockdag_cut_cycle *cycles = malloc((c->cycles.n + 1) * sizeof(*cycles));
	const struct lockdag_cut_problem problem = {
		c->places.n, costs, c->edges.n, edges, c->cycles.n, cycles};
	int r = costs && edges && cycles ? 0 : -ENOMEM;

	for (size_t i = 0; !r && i < c->places.n; i++)
		costs[i] = c->places.items[i].cost;
	for (size_t i = 0; !r && i < c->edges.n; i++)
		edges[i] = (struct lockdag_cut_edge){
			c->edge_places.items + c->edges.items[i].first_place,
			c->edges.items[i].n_places};
	for (size_t i = 0; !r && i < c->cycles.n; i++)
		cycles[i] = (struct lockdag_cut_cycle){
			c->cycle_edges.items + c->cycles.items[i].first_edge,
			c->cycles.items[i].n_edges, 1};
	if (!r)
		r = lockdag_cut_solve(&problem, set);
	free(costs);
	free(edges);
	free(cycles);
	return r;
}

/* The edge that clears the finding: of the plan's the cheapest. */
static struct cut_edge *cut_of_cycle(const struct cut *c, const struct cut_cycle *cycle)
{
	struct cut_edge *best = NULL;

	for (uint32_t i = 0; i < cycle->n_edges; i++) {
		struct cut_edge *edge =
			&c->edges.items[c->cycle_edges.items[cycle->first_edge + i]];

		if (!best || (edge->planned && !best->planned) ||
			(edge->planned == best->planned && edge->cost < best->cost))
			best = edge;
	}
	return best;
}

/* Which link of the finding the edge is: its own copy of it. */
static struct cut_edge cut_in_finding(
	const struct cut *c, const struct cut_edge *edge, uint32_t finding)
{
	const struct lockdag_finding *f = &c->findings->items[finding];
	struct cut_edge own = *edge;

	own.finding = finding;
	for (uint32_t i = 0; i < f->n_locks; i++) {
		uint32_t to = cut_next_context(f, i);

		if ((i && f->links[i].context == f->links[i - 1].context) ||
			f->locks[i].class_id != edge->from_class ||
			f->locks[to].class_id != edge->to_class ||
			(edge->from_class == edge->to_class &&
				(f->locks[i].lock != edge->from_lock ||
					f->locks[to].lock != edge->to_lock)))
			continue;
		own.link = i;
		return own;
	}
	return own;
}

static int cut_give(struct cut *c, const struct cut_cycle *cycle)
{
	const struct cut_edge *edge = cut_of_cycle(c, cycle);
	const struct cut_edge own = cut_in_finding(c, edge, cycle->finding);
	struct lockdag_finding *f = &c->findings->items[cycle->finding];
	int r;

	f->cut = calloc(1, sizeof(*f->cut));
	if (!f->cut)
		return -ENOMEM;
	f->cut->n_clears = edge->n_findings;
	f->cut->n_findings = c->cycles.n;
	f->cut->cost = edge->cost;
	r = cut_advise(c, &own, f, f->cut);
	if (r)
		return r;
	if (edge->meets && cut_walk_meets(c, edge)) {
		f->cut->meets = cut_walk_way(c, edge);
		if (!f->cut->meets)
			return -ENOMEM;
	}
	return 0;
}

struct cut_item {
	uint32_t finding;
	size_t n_clears;
};

static int cut_item_order(const void *a, const void *b)
{
	const struct cut_item *x = a, *y = b;

	if (x->n_clears != y->n_clears)
		return x->n_clears > y->n_clears ? -1 : 1;
	return (x->finding > y->finding) - (x->finding < y->finding);
}

/* Each planned edge by the first finding whose cut it is. */
static int cut_items(struct cut *c, struct lockdag_cut_plan *plan)
{
	struct cut_item *items = malloc((c->cycles.n + 1) * sizeof(*items));

	plan->items = malloc((c->cycles.n + 1) * sizeof(*plan->items));
	if (!items || !plan->items) {
		free(items);
		return -ENOMEM;
	}
	for (size_t i = 0; i < c->cycles.n; i++) {
		struct cut_edge *edge = cut_of_cycle(c, &c->cycles.items[i]);

		if (!edge->planned || edge->finding == LOCKDAG_NONE)
			continue;
		edge->finding = LOCKDAG_NONE; /* once */
		items[plan->n++] =
			(struct cut_item){c->cycles.items[i].finding, edge->n_findings};
	}
	if (plan->n)
		qsort(items, plan->n, sizeof(*items), cut_item_order);
	for (size_t i = 0; i < plan->n; i++)
		plan->items[i] = items[i].finding;
	free(items);
	return 0;
}

static int cut_plan(struct cut *c, const struct lockdag_cut_set *set)
{
	struct lockdag_cut_plan *plan = calloc(1, sizeof(*plan));
	int r = 0;

	if (!plan)
		return -ENOMEM;
	c->findings->plan = plan;
	*plan = (struct lockdag_cut_plan){.n_findings = c->cycles.n,
		.n_changes = set->n_places,
		.at_least = set->at_least,
		.exact = set->exact};
	for (size_t i = 0; i < set->n_edges; i++) {
		c->edges.items[set->edges[i]].planned = true;
		cut_walk_remove(c, &c->edges.items[set->edges[i]], true);
	}
	for (size_t i = 0; !r && i < c->cycles.n; i++)
		r = cut_give(c, &c->cycles.items[i]);
	return r ? r : cut_items(c, plan);
}

static void cut_done(struct cut *c)
{
	lockdag_vec_clear(&c->places);
	lockdag_vec_clear(&c->edges);
	lockdag_vec_clear(&c->edge_places);
	lockdag_vec_clear(&c->cycles);
	lockdag_vec_clear(&c->cycle_edges);
	free(c->slots);
	cut_walk_done(c);
}

int lockdag_cut_find(const struct lockdag_model *m, struct lockdag_findings *f)
{
	struct cut c = {.m = m, .graph = f->graph, .findings = f};
	struct lockdag_cut_set set = {0};
	bool wanted = false;
	int r;

	cut_plan_free(f);
	for (size_t i = 0; i < f->n; i++)
		wanted = wanted || cut_is_wanted(&f->items[i]);
	if (!wanted || !f->graph)
		return 0;
	r = cut_walk_init(&c);
	if (!r)
		r = cut_build(&c);
	if (!r)
		r = cut_solve(&c, &set);
	if (!r)
		r = cut_plan(&c, &set);
	if (r)
		cut_plan_free(f);
	lockdag_cut_set_done(&set);
	cut_done(&c);
	return r;
}
