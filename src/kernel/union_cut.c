/* SPDX-License-Identifier: MIT
 *
 * Where to cut: over all reported cycles the cheapest set of places, and each edge by what it
 * clears for its price. Cycles that no single report shows are not paid for, but counted where they
 * go.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "kernel/union.h"

#define CUT_IRQ_OFF 8         /* less: to disable an interrupt moves no lock */
#define CUT_MEETS_CHECKED 200 /* cuts whose order is walked through the graph, best first */

/* ------------------------------------------------------------------ what an edge costs */

/* What a map adds to the cost of each place: where it is asked for, and where something is asked
 * for under it. What others wait for is dear to change. */
static uint32_t cut_map_cost(const struct lockdag_union *u, const struct union_edge *e)
{
	static const struct {
		unsigned char asked, held;
	} more[N_KMAPS] = {
		[KMAP_COMPLETION] = {2, 12},
		[KMAP_WORK] = {2, 12},
		[KMAP_QUEUE] = {2, 12},
		[KMAP_RECLAIM] = {4, 10},
		[KMAP_RCU] = {4, 4},
		[KMAP_FREEZE] = {5, 5},
		[KMAP_JOURNAL] = {5, 5},
		[KMAP_HOTPLUG] = {4, 12},
		[KMAP_USAGE] = {4, 12},
		[KMAP_CONSOLE] = {4, 12},
		[KMAP_ACTIVE] = {2, 8},
		[KMAP_FENCE] = {4, 12},
	};

	return more[u->nodes.items[e->to].map].asked + more[u->nodes.items[e->from].map].held;
}

/* The work queue's own code holds the queue's map while it runs the item. */
static bool cut_is_structural(const struct lockdag_union *u, const struct union_edge *e)
{
	return u->nodes.items[e->from].map == KMAP_QUEUE && u->nodes.items[e->to].map == KMAP_WORK;
}

static void cut_price(struct union_place *p, const struct union_edge *e, uint32_t more)
{
	if (p->cost)
		return;
	union_site_cost(p);
	p->cost += more;
	if (e->irq)
		p->cost -= CUT_IRQ_OFF;
}

/* The edge's places at one level, at the end of edge_places; *ret_n of them. */
static int cut_list_places(struct lockdag_union *u, const struct union_edge *e, bool core,
	uint32_t *ret_n, uint32_t *ret_cost)
{
	uint32_t first = (uint32_t)u->edge_places.n, more = cut_map_cost(u, e);

	*ret_n = *ret_cost = 0;
	for (uint32_t i = e->first_seen; i != LOCKDAG_NONE; i = u->seen.items[i].next) {
		uint32_t place = core ? u->seen.items[i].core : u->seen.items[i].place, k = 0;
		uint32_t *slot;

		while (k < *ret_n && u->edge_places.items[first + k] != place)
			k++;
		if (k < *ret_n)
			continue;
		slot = lockdag_vec_push(&u->edge_places);
		if (!slot)
			return -ENOMEM;
		*slot = place;
		++*ret_n;
		cut_price(&u->places.items[place], e, more);
		*ret_cost += u->places.items[place].cost;
	}
	return 0;
}

/* Each driver that calls, or the core code that they all call: whichever is cheaper. */
static int cut_edge_places(struct lockdag_union *u, struct union_edge *e)
{
	uint32_t n_core, core_cost;
	int r;

	e->first_place = (uint32_t)u->edge_places.n;
	e->n_places = e->cost = 0;
	if (cut_is_structural(u, e))
		return 0;
	r = cut_list_places(u, e, false, &e->n_places, &e->cost);
	if (r || e->n_places < 2)
		return r;
	r = cut_list_places(u, e, true, &n_core, &core_cost);
	if (r)
		return r;
	if (core_cost < e->cost) {
		e->first_place += e->n_places;
		e->n_places = n_core;
		e->cost = core_cost;
	} else {
		u->edge_places.n -= n_core;
	}
	return 0;
}

/* ------------------------------------------------------------------ the cheapest set */

static size_t cut_reported(const struct lockdag_union *u)
{
	size_t n = 0;

	for (size_t i = 0; i < u->cycles.n; i++)
		n += !u->cycles.items[i].cross;
	return n;
}

struct cut_tables {
	uint32_t *costs;
	struct lockdag_cut_edge *edges;
	struct lockdag_cut_cycle *cycles;
};

static int cut_tables(const struct lockdag_union *u, struct cut_tables *t, size_t *ret_cycles)
{
	size_t n = 0;

	t->costs = malloc((u->places.n + 1) * sizeof(*t->costs));
	t->edges = malloc((u->edges.n + 1) * sizeof(*t->edges));
	t->cycles = malloc((cut_reported(u) + 1) * sizeof(*t->cycles));
	if (!t->costs || !t->edges || !t->cycles)
		return -ENOMEM;
	for (size_t i = 0; i < u->places.n; i++)
		t->costs[i] = u->places.items[i].cost;
	for (size_t i = 0; i < u->edges.n; i++)
		t->edges[i] = (struct lockdag_cut_edge){
			u->edge_places.items ? u->edge_places.items + u->edges.items[i].first_place
					     : NULL,
			u->edges.items[i].n_places};
	for (size_t i = 0; i < u->cycles.n; i++) {
		const struct union_cycle *c = &u->cycles.items[i];

		if (!c->cross)
			t->cycles[n++] = (struct lockdag_cut_cycle){
				u->cycle_edges.items + c->first, c->n, c->n_reports};
	}
	*ret_cycles = n;
	return 0;
}

static int cut_solve(const struct lockdag_union *u, struct lockdag_cut_set *set)
{
	struct cut_tables t = {NULL, NULL, NULL};
	struct lockdag_cut_problem problem = {.n_places = u->places.n, .n_edges = u->edges.n};
	int r = cut_tables(u, &t, &problem.n_cycles);

	problem.costs = t.costs;
	problem.edges = t.edges;
	problem.cycles = t.cycles;
	if (r == 0)
		r = lockdag_cut_solve(&problem, set);
	free(t.costs);
	free(t.edges);
	free(t.cycles);
	return r;
}

/* ------------------------------------------------------------------ what an edge clears */

/* Edges by place, cycles by edge. */
struct cut_index {
	uint32_t *place_first, *place_edges, *edge_first, *edge_cycles;
	bool *chosen;   /* places */
	uint32_t *seen; /* of each cycle: edge + 1 that was counted last */
};

static void cut_index_done(struct cut_index *x)
{
	free(x->place_first);
	free(x->place_edges);
	free(x->edge_first);
	free(x->edge_cycles);
	free(x->chosen);
	free(x->seen);
}

static void cut_index_fill(const struct lockdag_union *u, struct cut_index *x)
{
	for (uint32_t e = 0; e < u->edges.n; e++)
		for (uint32_t k = 0; k < u->edges.items[e].n_places; k++)
			x->place_edges
				[x->place_first[u->edge_places.items[u->edges.items[e].first_place +
								     k]]++] = e;
	for (uint32_t c = 0; c < u->cycles.n; c++)
		for (uint32_t k = 0; k < u->cycles.items[c].n; k++)
			x->edge_cycles[x->edge_first[u->cycle_edges.items[u->cycles.items[c].first +
									  k]]++] = c;
	memmove(x->place_first + 1, x->place_first, u->places.n * sizeof(*x->place_first));
	memmove(x->edge_first + 1, x->edge_first, u->edges.n * sizeof(*x->edge_first));
	x->place_first[0] = x->edge_first[0] = 0;
}

static int cut_index_init(const struct lockdag_union *u, struct cut_index *x)
{
	*x = (struct cut_index){0};
	x->place_first = calloc(u->places.n + 2, sizeof(*x->place_first));
	x->place_edges = calloc(u->edge_places.n + 1, sizeof(*x->place_edges));
	x->edge_first = calloc(u->edges.n + 2, sizeof(*x->edge_first));
	x->edge_cycles = calloc(u->cycle_edges.n + 1, sizeof(*x->edge_cycles));
	x->chosen = calloc(u->places.n + 1, sizeof(*x->chosen));
	x->seen = calloc(u->cycles.n + 1, sizeof(*x->seen));
	if (!x->place_first || !x->place_edges || !x->edge_first || !x->edge_cycles || !x->chosen ||
		!x->seen)
		return -ENOMEM;
	/* An edge's places at the other level may be in edge_places, too: nobody's. */
	for (size_t e = 0; e < u->edges.n; e++)
		for (uint32_t k = 0; k < u->edges.items[e].n_places; k++)
			x->place_first[u->edge_places.items[u->edges.items[e].first_place + k] +
				       1]++;
	for (size_t i = 0; i < u->cycle_edges.n; i++)
		x->edge_first[u->cycle_edges.items[i] + 1]++;
	for (size_t i = 0; i < u->places.n; i++)
		x->place_first[i + 1] += x->place_first[i];
	for (size_t i = 0; i < u->edges.n; i++)
		x->edge_first[i + 1] += x->edge_first[i];
	cut_index_fill(u, x);
	return 0;
}

static bool cut_goes_too(
	const struct lockdag_union *u, const struct cut_index *x, const struct union_edge *e)
{
	for (uint32_t i = 0; i < e->n_places; i++)
		if (!x->chosen[u->edge_places.items[e->first_place + i]])
			return false;
	return e->n_places > 0;
}

static void cut_count_cycles(
	const struct lockdag_union *u, struct cut_index *x, uint32_t edge, struct union_cut *cut)
{
	for (uint32_t i = x->edge_first[edge]; i < x->edge_first[edge + 1]; i++) {
		const struct union_cycle *c = &u->cycles.items[x->edge_cycles[i]];

		if (x->seen[x->edge_cycles[i]] == cut->edge + 1)
			continue;
		x->seen[x->edge_cycles[i]] = cut->edge + 1;
		cut->n_cycles++;
		cut->n_reports += c->n_reports;
	}
}

/* All that is cleared when the edge's places are changed: they may make other edges, too. */
static void cut_count(const struct lockdag_union *u, struct cut_index *x, struct union_cut *cut)
{
	const struct union_edge *e = &u->edges.items[cut->edge];

	for (uint32_t i = 0; i < e->n_places; i++)
		x->chosen[u->edge_places.items[e->first_place + i]] = true;
	for (uint32_t i = 0; i < e->n_places; i++) {
		uint32_t place = u->edge_places.items[e->first_place + i];

		for (uint32_t k = x->place_first[place]; k < x->place_first[place + 1]; k++)
			if (cut_goes_too(u, x, &u->edges.items[x->place_edges[k]]))
				cut_count_cycles(u, x, x->place_edges[k], cut);
	}
	for (uint32_t i = 0; i < e->n_places; i++)
		x->chosen[u->edge_places.items[e->first_place + i]] = false;
}

/* ------------------------------------------------------------------ the list */

/* The plan first, most reports first; then by reports for the price. */
static int cut_compare(const void *a, const void *b)
{
	const struct union_cut *x = a, *y = b;
	uint64_t gain_x = x->n_reports * y->cost, gain_y = y->n_reports * x->cost;

	if (x->planned != y->planned)
		return x->planned ? -1 : 1;
	if (x->planned && x->n_reports != y->n_reports)
		return x->n_reports > y->n_reports ? -1 : 1;
	if (gain_x != gain_y)
		return gain_x > gain_y ? -1 : 1;
	return (x->edge > y->edge) - (x->edge < y->edge);
}

static int cut_list(struct lockdag_union *u, const struct lockdag_cut_set *set)
{
	struct cut_index x;
	size_t planned = 0;
	int r = cut_index_init(u, &x);

	for (uint32_t e = 0; r == 0 && e < u->edges.n; e++) {
		struct union_cut cut = {.edge = e, .cost = u->edges.items[e].cost}, *row;

		if (!u->edges.items[e].n_places || x.edge_first[e] == x.edge_first[e + 1])
			continue;
		cut_count(u, &x, &cut);
		if (!cut.n_reports)
			continue;
		while (planned < set->n_edges && set->edges[planned] < e) /* both by number */
			planned++;
		cut.planned = planned < set->n_edges && set->edges[planned] == e;
		row = lockdag_vec_push(&u->cuts);
		if (row)
			*row = cut;
		else
			r = -ENOMEM;
	}
	cut_index_done(&x);
	if (u->cuts.n)
		qsort(u->cuts.items, u->cuts.n, sizeof(*u->cuts.items), cut_compare);
	return r;
}

/* What the same places make under other locks that the task held goes with the edge. */
static void cut_remove(struct lockdag_union *u, const struct union_edge *e, bool removed)
{
	for (uint32_t i = u->nodes.items[e->to].first_in; i != LOCKDAG_NONE;
		i = u->edges.items[i].next_in) {
		struct union_edge *other = &u->edges.items[i];
		bool all = other->n_places > 0;

		for (uint32_t k = 0; k < other->n_places && all; k++) {
			bool same = false;

			for (uint32_t j = 0; j < e->n_places && !same; j++)
				same = u->edge_places.items[other->first_place + k] ==
				       u->edge_places.items[e->first_place + j];
			all = same;
		}
		other->removed = all && removed;
	}
}

/* With the places that the cut changes: is there another way from its `from` to its `to`? Then the
 * order it asks for meets its opposite there. Who waits or allocates without the lock, or does without
 * one, asks for no other order. */
static int cut_meets(struct lockdag_union *u, struct union_cut *cut)
{
	const struct union_edge *e = &u->edges.items[cut->edge];
	uint32_t way[10];
	size_t n;

	if (e->irq || e->from == e->to ||
		(cut->kind != LOCKDAG_CUT_REORDER && cut->kind != LOCKDAG_CUT_HOIST))
		return 0;
	cut_remove(u, e, true);
	n = union_way(u, e->from, e->to, cut->edge, way, LOCKDAG_ARRAY_SIZE(way));
	cut_remove(u, e, false);
	if (n) {
		struct lockdag_text t = {0};

		for (size_t i = 0; i < n; i++)
			lockdag_text_addf(&t, "%s%s", i ? " -> " : "", union_name(u, way[i]));
		cut->meets = lockdag_text_take(&t);
		if (!cut->meets)
			return -ENOMEM;
	}
	return 0;
}

int union_cut(struct lockdag_union *u)
{
	struct lockdag_cut_set set = {0};
	int r = 0;

	for (size_t i = 0; r == 0 && i < u->edges.n; i++)
		r = cut_edge_places(u, &u->edges.items[i]);
	if (r == 0)
		r = cut_solve(u, &set);
	if (r == 0)
		r = cut_list(u, &set);
	u->n_changes = set.n_places;
	u->at_least = set.at_least;
	u->exact = set.exact;
	lockdag_cut_set_done(&set);
	for (size_t i = 0; r == 0 && i < u->cuts.n; i++) {
		struct union_cut *cut = &u->cuts.items[i];

		cut->advice = union_advice(u, cut->edge, &cut->kind);
		if (!cut->advice)
			r = -ENOMEM;
		else if (i < CUT_MEETS_CHECKED)
			r = cut_meets(u, cut);
	}
	return r;
}

/* ------------------------------------------------------------------ families */

static uint32_t family_root(uint32_t *parent, uint32_t i)
{
	while (parent[i] != i) {
		parent[i] = parent[parent[i]];
		i = parent[i];
	}
	return i;
}

static int family_push(struct lockdag_union *u, uint32_t *row_of, uint32_t root, uint32_t report)
{
	struct union_family *family;
	uint32_t *slot;

	if (row_of[root] == LOCKDAG_NONE) {
		family = lockdag_vec_push(&u->families);
		if (!family)
			return -ENOMEM;
		row_of[root] = (uint32_t)u->families.n - 1;
	}
	family = &u->families.items[row_of[root]];
	slot = lockdag_vec_push(&family->reports);
	if (!slot)
		return -ENOMEM;
	*slot = report;
	return 0;
}

static int family_fill(struct lockdag_union *u, uint32_t *row_of, uint32_t *parent)
{
	for (uint32_t c = 0; c < u->cycles.n; c++) {
		struct union_cycle *cycle = &u->cycles.items[c];
		uint32_t family, *slot;

		if (!cycle->n_reports)
			continue;
		family = row_of[family_root(parent, u->cycle_reports.items[cycle->first_report])];
		if (family == LOCKDAG_NONE)
			continue;
		cycle->family = family;
		slot = lockdag_vec_push(&u->families.items[family].cycles);
		if (!slot)
			return -ENOMEM;
		*slot = c;
	}
	for (uint32_t e = 0; e < u->edges.n; e++) {
		uint32_t family, *slot;

		if (u->edges.items[e].n_reports < 2)
			continue;
		family = row_of[family_root(
			parent, u->seen.items[u->edges.items[e].first_seen].report)];
		slot = family == LOCKDAG_NONE ? NULL
					      : lockdag_vec_push(&u->families.items[family].edges);
		if (!slot)
			return -ENOMEM;
		*slot = e;
	}
	return 0;
}

struct family_order {
	uint32_t edge, n_reports;
};

static int family_order_compare(const void *a, const void *b)
{
	const struct family_order *x = a, *y = b;

	if (x->n_reports != y->n_reports)
		return x->n_reports > y->n_reports ? -1 : 1;
	return (x->edge > y->edge) - (x->edge < y->edge);
}

static int family_sort(const struct lockdag_union *u, struct union_family *family)
{
	struct family_order *order = malloc((family->edges.n + 1) * sizeof(*order));

	if (!order)
		return -ENOMEM;
	for (size_t i = 0; i < family->edges.n; i++)
		order[i] = (struct family_order){
			family->edges.items[i], u->edges.items[family->edges.items[i]].n_reports};
	if (family->edges.n)
		qsort(order, family->edges.n, sizeof(*order), family_order_compare);
	for (size_t i = 0; i < family->edges.n; i++)
		family->edges.items[i] = order[i].edge;
	free(order);
	return 0;
}

/* Reports that share an edge, directly or over others. */
int union_families(struct lockdag_union *u)
{
	uint32_t *parent = malloc((u->reports.n + 1) * sizeof(*parent));
	uint32_t *row_of = malloc((u->reports.n + 1) * sizeof(*row_of));
	uint32_t *size = calloc(u->reports.n + 1, sizeof(*size));
	int r = parent && row_of && size ? 0 : -ENOMEM;

	for (uint32_t i = 0; r == 0 && i < u->reports.n; i++) {
		parent[i] = i;
		row_of[i] = LOCKDAG_NONE;
	}
	for (size_t e = 0; r == 0 && e < u->edges.n; e++) {
		uint32_t first = u->edges.items[e].first_seen;

		for (uint32_t i = first; i != LOCKDAG_NONE; i = u->seen.items[i].next)
			parent[family_root(parent, u->seen.items[i].report)] =
				family_root(parent, u->seen.items[first].report);
	}
	for (uint32_t i = 0; r == 0 && i < u->reports.n; i++)
		size[family_root(parent, i)]++;
	for (uint32_t i = 0; r == 0 && i < u->reports.n; i++)
		if (size[family_root(parent, i)] > 1)
			r = family_push(u, row_of, family_root(parent, i), i);
	if (r == 0)
		r = family_fill(u, row_of, parent);
	for (size_t i = 0; r == 0 && i < u->families.n; i++)
		r = family_sort(u, &u->families.items[i]);
	free(parent);
	free(row_of);
	free(size);
	return r;
}
