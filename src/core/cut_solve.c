/* SPDX-License-Identifier: MIT
 *
 * The cheapest set of places to change so that no cycle is left: a hitting set with groups, for an
 * edge is cut only when all the places that make it are changed. NP-hard, and small in practice.
 *
 * Cycles that share no place are solved apart. Up to 40 places: branch and bound, over the edges of
 * the cycle that has fewest; what is left costs at least a packing of cycles without a common place.
 * Above that, or where the search takes too long: greedy by cycles cleared per cost, without what
 * turns out not to be needed, and the packing says how much better it could be.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/cut_solve.h"

#define SOLVE_EXACT_PLACES 40
#define SOLVE_WORK 20000000u /* edges looked at in one search: some tens of milliseconds */

/* ------------------------------------------------------------------ choosing */

void solve_choose(struct solve *s, uint32_t place, bool choose)
{
	s->chosen[place] = choose;
	s->cost = choose ? s->cost + s->costs[place] : s->cost - s->costs[place];
	for (uint32_t i = s->place_first[place]; i < s->place_first[place + 1]; i++) {
		uint32_t edge = s->place_edges[i];
		bool was = !s->missing[edge];

		s->missing[edge] = choose ? s->missing[edge] - 1 : s->missing[edge] + 1;
		s->price[edge] = choose ? s->price[edge] - s->costs[place]
					: s->price[edge] + s->costs[place];
		if (was == !s->missing[edge])
			continue;
		for (uint32_t k = s->edge_first[edge]; k < s->edge_first[edge + 1]; k++)
			s->hits[s->edge_cycles[k]] += was ? UINT32_MAX : 1;
	}
}

/* What it costs to cut the edge, now; UINT64_MAX for one that no change of a place cuts. */
static uint64_t solve_price(struct solve *s, uint32_t edge)
{
	s->work++;
	return solve_edge(s, edge)->n_places ? s->price[edge] : UINT64_MAX;
}

/* The cheapest way to clear the cycle; whether it has a place in common with the packing's others.
 * Adds its places to the packing when not. */
static uint64_t solve_pack(struct solve *s, const struct lockdag_cut_cycle *c)
{
	uint64_t least = UINT64_MAX;

	for (size_t i = 0; i < c->n_edges; i++) {
		const struct lockdag_cut_edge *e = solve_edge(s, c->edges[i]);
		uint64_t price;

		if (s->banned[c->edges[i]])
			continue;
		for (size_t k = 0; k < e->n_places; k++)
			if (!s->chosen[e->places[k]] && s->mark[e->places[k]] == s->packing)
				return 0;
		price = solve_price(s, c->edges[i]);
		least = price < least ? price : least;
	}
	for (size_t i = 0; i < c->n_edges; i++) {
		const struct lockdag_cut_edge *e = solve_edge(s, c->edges[i]);

		for (size_t k = 0; k < e->n_places && !s->banned[c->edges[i]]; k++)
			s->mark[e->places[k]] = s->packing;
	}
	return least;
}

/* No completion of what is chosen costs less than this more; UINT64_MAX: there is none. */
static uint64_t solve_bound(struct solve *s)
{
	uint64_t bound = 0;

	s->packing++;
	for (size_t i = 0; i < s->n_cycles; i++) {
		uint64_t more = 0;

		if (!s->hits[s->cycles[i]])
			more = solve_pack(s, &s->p->cycles[s->cycles[i]]);
		if (more == UINT64_MAX)
			return more;
		bound += more;
	}
	return bound;
}

/* ------------------------------------------------------------------ branch and bound */

/* The open cycle with fewest ways to clear it, or LOCKDAG_NONE. */
static uint32_t solve_open_cycle(struct solve *s)
{
	uint32_t best = LOCKDAG_NONE;
	size_t least = SIZE_MAX;

	for (size_t i = 0; i < s->n_cycles; i++) {
		const struct lockdag_cut_cycle *c = &s->p->cycles[s->cycles[i]];
		size_t n = 0;

		if (s->hits[s->cycles[i]])
			continue;
		for (size_t k = 0; k < c->n_edges; k++)
			n += !s->banned[c->edges[k]];
		s->work += c->n_edges;
		if (n < least) {
			least = n;
			best = s->cycles[i];
		}
	}
	return best;
}

static void solve_search(struct solve *s);

static void solve_branch(struct solve *s, uint32_t edge)
{
	const struct lockdag_cut_edge *e = solve_edge(s, edge);
	uint64_t taken = 0; /* bit i: place i of the edge was chosen here */

	if (!e->n_places || e->n_places > SOLVE_EXACT_PLACES)
		return;
	for (size_t i = 0; i < e->n_places; i++)
		if (!s->chosen[e->places[i]]) {
			solve_choose(s, e->places[i], true);
			taken |= 1ull << i;
		}
	solve_search(s);
	for (size_t i = e->n_places; i-- > 0;)
		if (taken & 1ull << i)
			solve_choose(s, e->places[i], false);
}

static void solve_search(struct solve *s)
{
	const struct lockdag_cut_cycle *c;
	uint64_t bound;
	uint32_t open;

	if (s->work > SOLVE_WORK)
		return;
	bound = solve_bound(s);
	if (bound == UINT64_MAX || s->cost + bound >= s->best_cost)
		return;
	open = solve_open_cycle(s);
	if (open == LOCKDAG_NONE) {
		s->best_cost = s->cost;
		for (size_t i = 0; i < s->n_places; i++)
			s->best[s->places[i]] = s->chosen[s->places[i]];
		return;
	}
	c = &s->p->cycles[open];
	for (size_t i = 0; i < c->n_edges; i++) {
		if (s->banned[c->edges[i]]++ == 0)
			solve_branch(s, c->edges[i]);
	}
	for (size_t i = 0; i < c->n_edges; i++)
		s->banned[c->edges[i]]--;
}

/* ------------------------------------------------------------------ a component */

struct solved {
	uint64_t cost, bound;
	bool exact;
};

/* Leaves s->best of the component's places. */
static int solve_component(struct solve *s, struct solved *ret)
{
	int r;

	s->cost = s->work = 0;
	ret->bound = solve_bound(s);
	r = solve_greedy(s);
	if (r)
		return r;
	s->best_cost = s->cost;
	for (size_t i = 0; i < s->n_places; i++) {
		s->best[s->places[i]] = s->chosen[s->places[i]];
		if (s->chosen[s->places[i]])
			solve_choose(s, s->places[i], false);
	}
	s->work = 0;
	ret->exact = ret->bound == s->best_cost;
	if (!ret->exact && s->n_places <= SOLVE_EXACT_PLACES) {
		solve_search(s);
		ret->exact = s->work <= SOLVE_WORK;
	}
	ret->cost = s->best_cost;
	if (ret->exact || ret->bound > ret->cost)
		ret->bound = ret->cost;
	return 0;
}

static uint32_t solve_root(const struct solve *s, uint32_t place)
{
	while (s->component[place] != place) {
		s->component[place] = s->component[s->component[place]];
		place = s->component[place];
	}
	return place;
}

/* The places of one cycle are of one component. Returns one of them, or LOCKDAG_NONE. */
static uint32_t solve_join(struct solve *s, const struct lockdag_cut_cycle *c)
{
	uint32_t first = LOCKDAG_NONE;

	for (size_t i = 0; i < c->n_edges; i++) {
		const struct lockdag_cut_edge *e = solve_edge(s, c->edges[i]);

		for (size_t k = 0; k < e->n_places; k++) {
			if (first == LOCKDAG_NONE)
				first = e->places[k];
			s->component[solve_root(s, e->places[k])] = solve_root(s, first);
		}
	}
	return first;
}

/* ------------------------------------------------------------------ tables */

static void *solve_table(size_t n, size_t size)
{
	return calloc(n + 1, size);
}

static void solve_done(struct solve *s)
{
	void *const tables[] = {s->costs, s->place_first, s->place_edges, s->edge_first,
		s->edge_cycles, s->missing, s->price, s->gain, s->cleared, s->hits, s->banned, s->mark, s->chosen, s->best,
		s->component, s->cycles, s->places};

	for (size_t i = 0; i < LOCKDAG_ARRAY_SIZE(tables); i++)
		free(tables[i]);
}

/* From counts in first[i + 1] to starts; fill() then moves first[i] on to the start of i + 1, which
 * solve_rewind() takes back. */
static void solve_starts(uint32_t *first, size_t n)
{
	for (size_t i = 0; i < n; i++)
		first[i + 1] += first[i];
}

static void solve_rewind(uint32_t *first, size_t n)
{
	memmove(first + 1, first, n * sizeof(*first));
	first[0] = 0;
}

static bool solve_rows(struct solve *s, size_t n_places, size_t n_cycles)
{
	const struct lockdag_cut_problem *p = s->p;

	s->place_edges = solve_table(n_places, sizeof(*s->place_edges));
	s->edge_cycles = solve_table(n_cycles, sizeof(*s->edge_cycles));
	if (!s->place_edges || !s->edge_cycles)
		return false;
	for (uint32_t e = 0; e < p->n_edges; e++)
		for (size_t k = 0; k < p->edges[e].n_places; k++)
			s->place_edges[s->place_first[p->edges[e].places[k]]++] = e;
	for (uint32_t c = 0; c < p->n_cycles; c++)
		for (size_t k = 0; k < p->cycles[c].n_edges; k++)
			s->edge_cycles[s->edge_first[p->cycles[c].edges[k]]++] = c;
	solve_rewind(s->place_first, p->n_places);
	solve_rewind(s->edge_first, p->n_edges);
	return true;
}

/* 0, -ENOMEM, or -EINVAL for a number out of range. */
static int solve_fill(struct solve *s)
{
	const struct lockdag_cut_problem *p = s->p;
	size_t n_places = 0, n_cycles = 0;

	for (size_t e = 0; e < p->n_edges; e++) {
		s->missing[e] = (uint32_t)p->edges[e].n_places;
		n_places += p->edges[e].n_places;
		for (size_t k = 0; k < p->edges[e].n_places; k++) {
			if (p->edges[e].places[k] >= p->n_places)
				return -EINVAL;
			s->place_first[p->edges[e].places[k] + 1]++;
		}
	}
	for (size_t c = 0; c < p->n_cycles; c++) {
		n_cycles += p->cycles[c].n_edges;
		for (size_t k = 0; k < p->cycles[c].n_edges; k++) {
			if (p->cycles[c].edges[k] >= p->n_edges)
				return -EINVAL;
			s->edge_first[p->cycles[c].edges[k] + 1]++;
		}
	}
	if (n_places >= UINT32_MAX || n_cycles >= UINT32_MAX)
		return -EINVAL;
	solve_starts(s->place_first, p->n_places);
	solve_starts(s->edge_first, p->n_edges);
	return solve_rows(s, n_places, n_cycles) ? 0 : -ENOMEM;
}

static int solve_init(struct solve *s, const struct lockdag_cut_problem *p)
{
	*s = (struct solve){.p = p};
	s->costs = solve_table(p->n_places, sizeof(*s->costs));
	s->place_first = solve_table(p->n_places + 1, sizeof(*s->place_first));
	s->edge_first = solve_table(p->n_edges + 1, sizeof(*s->edge_first));
	s->missing = solve_table(p->n_edges, sizeof(*s->missing));
	s->price = solve_table(p->n_edges, sizeof(*s->price));
	s->gain = solve_table(p->n_edges, sizeof(*s->gain));
	s->cleared = solve_table(p->n_cycles, sizeof(*s->cleared));
	s->banned = solve_table(p->n_edges, sizeof(*s->banned));
	s->hits = solve_table(p->n_cycles, sizeof(*s->hits));
	s->cycles = solve_table(p->n_cycles, sizeof(*s->cycles));
	s->mark = solve_table(p->n_places, sizeof(*s->mark));
	s->component = solve_table(p->n_places, sizeof(*s->component));
	s->places = solve_table(p->n_places, sizeof(*s->places));
	s->chosen = solve_table(p->n_places, sizeof(*s->chosen));
	s->best = solve_table(p->n_places, sizeof(*s->best));
	if (!s->costs || !s->place_first || !s->edge_first || !s->missing || !s->price || !s->gain ||
		!s->cleared || !s->banned ||
		!s->hits || !s->cycles || !s->mark || !s->component || !s->places || !s->chosen ||
		!s->best)
		return -ENOMEM;
	for (uint32_t i = 0; i < p->n_places; i++)
		s->component[i] = i;
	return solve_fill(s);
}

/* ------------------------------------------------------------------ the whole */

struct solve_member {
	uint32_t root, index;
};

static int solve_member_compare(const void *a, const void *b)
{
	const struct solve_member *x = a, *y = b;

	if (x->root != y->root)
		return x->root < y->root ? -1 : 1;
	return (x->index > y->index) - (x->index < y->index);
}

/* Cycles that can be cleared and places, each by component. */
struct solve_members {
	struct solve_member *cycles, *places;
	size_t n_cycles, n_places;
};

static bool solve_can_clear(const struct solve *s, const struct lockdag_cut_cycle *c)
{
	for (size_t i = 0; i < c->n_edges; i++)
		if (solve_edge(s, c->edges[i])->n_places)
			return true;
	return false;
}

static int solve_members(struct solve *s, struct solve_members *m)
{
	const struct lockdag_cut_problem *p = s->p;

	*m = (struct solve_members){solve_table(p->n_cycles, sizeof(*m->cycles)),
		solve_table(p->n_places, sizeof(*m->places)), 0, 0};
	if (!m->cycles || !m->places)
		return -ENOMEM;
	for (uint32_t i = 0; i < p->n_cycles; i++)
		if (solve_can_clear(s, &p->cycles[i]))
			m->cycles[m->n_cycles++] =
				(struct solve_member){solve_join(s, &p->cycles[i]), i};
	for (size_t i = 0; i < m->n_cycles; i++)
		m->cycles[i].root = solve_root(s, m->cycles[i].root);
	for (uint32_t i = 0; i < p->n_places; i++)
		m->places[m->n_places++] = (struct solve_member){solve_root(s, i), i};
	if (m->n_cycles)
		qsort(m->cycles, m->n_cycles, sizeof(*m->cycles), solve_member_compare);
	if (m->n_places)
		qsort(m->places, m->n_places, sizeof(*m->places), solve_member_compare);
	return 0;
}

/* Nothing is chosen yet. */
static void solve_set_prices(struct solve *s)
{
	for (uint32_t e = 0; e < s->p->n_edges; e++) {
		s->price[e] = 0;
		for (size_t k = 0; k < s->p->edges[e].n_places; k++)
			s->price[e] += s->costs[s->p->edges[e].places[k]];
	}
}

/* Solves each component under s->costs, into s->best. */
static int solve_components(struct solve *s, const struct solve_members *m, struct solved *ret)
{
	size_t place = 0;
	int r = 0;

	*ret = (struct solved){.exact = true};
	solve_set_prices(s);
	for (size_t i = 0; !r && i < m->n_cycles;) {
		uint32_t root = m->cycles[i].root;
		struct solved one;

		for (s->n_cycles = 0; i < m->n_cycles && m->cycles[i].root == root; i++)
			s->cycles[s->n_cycles++] = m->cycles[i].index;
		while (place < m->n_places && m->places[place].root < root)
			place++;
		for (s->n_places = 0; place < m->n_places && m->places[place].root == root; place++)
			s->places[s->n_places++] = m->places[place].index;
		r = solve_component(s, &one);
		if (r)
			break;
		ret->cost += one.cost;
		ret->bound += one.bound;
		ret->exact = ret->exact && one.exact;
	}
	return r;
}

/* The edges that are cut and of use, most cycles first, then cheapest. */
static int solve_result(struct solve *s, struct lockdag_cut_set *set)
{
	const struct lockdag_cut_problem *p = s->p;

	set->edges = malloc((p->n_edges + 1) * sizeof(*set->edges));
	set->places = malloc((p->n_places + 1) * sizeof(*set->places));
	if (!set->edges || !set->places)
		return -ENOMEM;
	s->cost = 0;
	for (uint32_t i = 0; i < p->n_places; i++)
		if (s->best[i]) {
			set->places[set->n_places++] = i;
			solve_choose(s, i, true);
		}
	for (uint32_t i = 0; i < p->n_edges; i++)
		if (!s->missing[i] && p->edges[i].n_places &&
			s->edge_first[i + 1] > s->edge_first[i])
			set->edges[set->n_edges++] = i;
	for (size_t i = 0; i < p->n_cycles; i++)
		set->n_left += !s->hits[i];
	return 0;
}

int lockdag_cut_solve(const struct lockdag_cut_problem *problem, struct lockdag_cut_set *ret_set)
{
	struct lockdag_cut_set set = {0};
	struct solve_members members = {0};
	struct solved counted, priced;
	struct solve s;
	int r = solve_init(&s, problem);

	if (!r)
		r = solve_members(&s, &members);
	for (uint32_t i = 0; !r && i < problem->n_places; i++)
		s.costs[i] = 1;
	if (!r)
		r = solve_components(&s, &members, &counted);
	for (uint32_t i = 0; !r && i < problem->n_places; i++)
		s.costs[i] = problem->costs[i] ? problem->costs[i] : 1;
	if (!r)
		r = solve_components(&s, &members, &priced);
	if (!r)
		r = solve_result(&s, &set);
	if (!r) {
		set.cost = priced.cost;
		set.cost_at_least = priced.bound;
		set.at_least = counted.bound;
		set.exact = priced.exact;
		*ret_set = set;
	} else {
		lockdag_cut_set_done(&set);
	}
	free(members.cycles);
	free(members.places);
	solve_done(&s);
	return r;
}

void lockdag_cut_set_done(struct lockdag_cut_set *set)
{
	free(set->edges);
	free(set->places);
	*set = (struct lockdag_cut_set){0};
}
