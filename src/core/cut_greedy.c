/* SPDX-License-Identifier: MIT
 *
 * A set of places that clears all cycles of a component, near the cheapest: again and again the edge that
 * clears most for its price.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/cut_solve.h"

/* An edge by what it clears for its price. Prices and gains change while edges are chosen: an offer that is
 * not up to date any more is made anew. */
struct offer {
	uint64_t gain, price;
	uint32_t edge;
};

struct greedy {
	LOCKDAG_VEC(struct offer) heap; /* the best first */
	uint64_t *gain;			/* of each edge: weight of the cycles that it would clear now */
	bool *cleared;			/* of each cycle */
};

static bool offer_better(const struct offer *a, const struct offer *b)
{
	unsigned __int128 x = (unsigned __int128)a->gain * b->price;
	unsigned __int128 y = (unsigned __int128)b->gain * a->price;

	return x != y ? x > y : a->edge < b->edge;
}

static void offer_swap(struct offer *a, struct offer *b)
{
	struct offer c = *a;

	*a = *b;
	*b = c;
}

static int offer_push(struct solve *s, struct greedy *g, uint32_t edge)
{
	struct offer *heap, *last;
	size_t i;

	if (!g->gain[edge] || !solve_edge(s, edge)->n_places)
		return 0;
	last = lockdag_vec_push(&g->heap);
	if (!last)
		return -ENOMEM;
	*last = (struct offer){g->gain[edge], s->price[edge], edge};
	heap = g->heap.items;
	for (i = g->heap.n - 1; i && offer_better(&heap[i], &heap[(i - 1) / 2]); i = (i - 1) / 2)
		offer_swap(&heap[i], &heap[(i - 1) / 2]);
	return 0;
}

static struct offer offer_pop(struct greedy *g)
{
	struct offer *heap = g->heap.items, top = heap[0];
	size_t i = 0;

	heap[0] = heap[--g->heap.n];
	for (;;) {
		size_t child = 2 * i + 1;

		if (child + 1 < g->heap.n && offer_better(&heap[child + 1], &heap[child]))
			child++;
		if (child >= g->heap.n || !offer_better(&heap[child], &heap[i]))
			return top;
		offer_swap(&heap[i], &heap[child]);
		i = child;
	}
}

/* Counts what a cut edge clears. */
static void greedy_settle(struct solve *s, struct greedy *g, uint32_t edge)
{
	for (uint32_t i = s->edge_first[edge]; i < s->edge_first[edge + 1]; i++) {
		const struct lockdag_cut_cycle *c = &s->p->cycles[s->edge_cycles[i]];

		if (g->cleared[s->edge_cycles[i]])
			continue;
		g->cleared[s->edge_cycles[i]] = true;
		for (size_t k = 0; k < c->n_edges; k++)
			g->gain[c->edges[k]] -= c->weight;
	}
}

/* Chooses all places of an edge; edges that have some of them are cut too, or cheaper now. */
static int greedy_take(struct solve *s, struct greedy *g, uint32_t edge)
{
	const struct lockdag_cut_edge *e = solve_edge(s, edge);
	int r = 0;

	for (size_t i = 0; r == 0 && i < e->n_places; i++) {
		uint32_t place = e->places[i];

		if (s->chosen[place])
			continue;
		solve_choose(s, place, true);
		for (uint32_t k = s->place_first[place]; r == 0 && k < s->place_first[place + 1]; k++) {
			uint32_t other = s->place_edges[k];

			if (s->missing[other])
				r = offer_push(s, g, other);
			else
				greedy_settle(s, g, other);
		}
	}
	return r;
}

static int greedy_run(struct solve *s, struct greedy *g)
{
	int r = 0;

	for (size_t i = 0; i < s->n_cycles; i++) {
		const struct lockdag_cut_cycle *c = &s->p->cycles[s->cycles[i]];

		for (size_t k = 0; k < c->n_edges; k++)
			g->gain[c->edges[k]] += c->weight;
	}
	for (size_t i = 0; r == 0 && i < s->n_cycles; i++) {
		const struct lockdag_cut_cycle *c = &s->p->cycles[s->cycles[i]];

		for (size_t k = 0; r == 0 && k < c->n_edges; k++)
			r = offer_push(s, g, c->edges[k]);
	}
	while (r == 0 && g->heap.n) {
		struct offer top = offer_pop(g);

		if (top.gain != g->gain[top.edge] || top.price != s->price[top.edge])
			r = offer_push(s, g, top.edge);
		else if (s->missing[top.edge])
			r = greedy_take(s, g, top.edge);
	}
	return r;
}

static int greedy_choose(struct solve *s)
{
	struct greedy g = {.gain = s->gain, .cleared = s->cleared};
	int r = greedy_run(s, &g);

	for (size_t i = 0; i < s->n_cycles; i++) {
		const struct lockdag_cut_cycle *c = &s->p->cycles[s->cycles[i]];

		s->cleared[s->cycles[i]] = false;
		for (size_t k = 0; k < c->n_edges; k++)
			s->gain[c->edges[k]] = 0;
	}
	lockdag_vec_clear(&g.heap);
	return r;
}

/* Are the cycles cleared that the place's edges are of? */
static bool greedy_near_hit(const struct solve *s, uint32_t place)
{
	for (uint32_t i = s->place_first[place]; i < s->place_first[place + 1]; i++) {
		uint32_t edge = s->place_edges[i];

		for (uint32_t k = s->edge_first[edge]; k < s->edge_first[edge + 1]; k++)
			if (!s->hits[s->edge_cycles[k]])
				return false;
	}
	return true;
}

/* Takes back what the others make unnecessary. */
static void greedy_prune(struct solve *s)
{
	for (size_t i = s->n_places; i-- > 0;) {
		if (!s->chosen[s->places[i]])
			continue;
		solve_choose(s, s->places[i], false);
		if (!greedy_near_hit(s, s->places[i]))
			solve_choose(s, s->places[i], true);
	}
}

int solve_greedy(struct solve *s)
{
	int r = greedy_choose(s);

	if (r == 0)
		greedy_prune(s);
	return r;
}
