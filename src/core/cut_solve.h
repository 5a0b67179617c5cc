/* SPDX-License-Identifier: MIT
 *
 * The solver of cuts, as cut_solve.c and cut_greedy.c share it.
 */
#ifndef LOCKDAG_CORE_CUT_SOLVE_H
#define LOCKDAG_CORE_CUT_SOLVE_H

#include "core/cut.h"

struct solve {
	const struct lockdag_cut_problem *p;
	uint32_t *costs; /* of each place, as this search counts them */
	/* Compressed rows: of each place its edges, of each edge its cycles. */
	uint32_t *place_first, *place_edges, *edge_first, *edge_cycles;
	uint32_t *missing; /* places of each edge that are not chosen */
	uint64_t *price;   /* what those cost */
	uint32_t *hits;    /* edges of each cycle that are cut */
	uint32_t *banned;  /* of each edge */
	uint64_t *gain;    /* of each edge, for the greedy run; 0 between two */
	bool *cleared;     /* of each cycle, the same */
	uint32_t *mark;    /* of each place: the last packing that used it */
	uint32_t packing;
	bool *chosen, *best;
	uint32_t *component; /* of each place, by union and find */
	/* The component at hand. */
	uint32_t *cycles;
	size_t n_cycles;
	uint32_t *places;
	size_t n_places;
	uint64_t cost, best_cost;
	uint64_t work;
};

static inline const struct lockdag_cut_edge *solve_edge(const struct solve *s, uint32_t edge)
{
	return &s->p->edges[edge];
}

/* Chooses a place, or takes it back. */
void solve_choose(struct solve *s, uint32_t place, bool choose);

/* Chooses places until every cycle of the component is cleared. 0 or -ENOMEM. */
int solve_greedy(struct solve *s);

#endif
