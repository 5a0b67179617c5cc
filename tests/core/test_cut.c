/* SPDX-License-Identifier: MIT
 *
 * The solver of cuts against all subsets of places, on small random problems; its bounds on large ones.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "support.h"

#define PROBLEMS 20000
#define MAX_PLACES 9
#define MAX_EDGES 8
#define MAX_CYCLES 8

struct small {
	struct lockdag_cut_problem p;
	uint32_t costs[MAX_PLACES];
	struct lockdag_cut_edge edges[MAX_EDGES];
	struct lockdag_cut_cycle cycles[MAX_CYCLES];
	uint32_t places_of[MAX_EDGES][MAX_PLACES], edges_of[MAX_CYCLES][MAX_EDGES];
};

/* n different numbers below `below`, in rising order; returns how many there are. */
static size_t small_pick(uint32_t *ret, uint32_t n, uint32_t below, uint64_t *state)
{
	size_t got = 0;

	for (uint32_t i = 0; i < below && got < n; i++)
		if (support_random(state, below - i) < n - got)
			ret[got++] = i;
	return got;
}

static void small_make(struct small *s, uint64_t *state)
{
	memset(s, 0, sizeof(*s));
	s->p = (struct lockdag_cut_problem){1 + support_random(state, MAX_PLACES), s->costs,
		1 + support_random(state, MAX_EDGES), s->edges,
		1 + support_random(state, MAX_CYCLES), s->cycles};
	for (size_t i = 0; i < s->p.n_places; i++)
		s->costs[i] = 1 + support_random(state, 6);
	for (size_t i = 0; i < s->p.n_edges; i++) {
		/* One in eight cannot be cut. */
		uint32_t n = support_random(state, 8) ? 1 + support_random(state, 3) : 0;

		s->edges[i].n_places =
			small_pick(s->places_of[i], n, (uint32_t)s->p.n_places, state);
		s->edges[i].places = s->places_of[i];
	}
	for (size_t i = 0; i < s->p.n_cycles; i++) {
		s->cycles[i].n_edges = small_pick(s->edges_of[i], 1 + support_random(state, 4),
			(uint32_t)s->p.n_edges, state);
		s->cycles[i].edges = s->edges_of[i];
		s->cycles[i].weight = 1;
	}
}

static bool small_is_cut(const struct lockdag_cut_edge *e, uint32_t subset)
{
	for (size_t i = 0; i < e->n_places; i++)
		if (!(subset & 1u << e->places[i]))
			return false;
	return e->n_places > 0;
}

static bool small_is_cleared(
	const struct lockdag_cut_problem *p, const struct lockdag_cut_cycle *c, uint32_t subset)
{
	for (size_t i = 0; i < c->n_edges; i++)
		if (small_is_cut(&p->edges[c->edges[i]], subset))
			return true;
	return false;
}

static size_t small_left(const struct lockdag_cut_problem *p, uint32_t subset)
{
	size_t left = 0;

	for (size_t i = 0; i < p->n_cycles; i++)
		left += !small_is_cleared(p, &p->cycles[i], subset);
	return left;
}

static void cut_is_cheapest(void **state)
{
	uint64_t random = 88172645463325252u;
	size_t cut = 0, several = 0;

	(void)state;
	for (int n = 0; n < PROBLEMS; n++) {
		struct lockdag_cut_set set;
		struct small s;
		uint64_t best = UINT64_MAX;
		size_t fewest = SIZE_MAX, left;
		uint32_t chosen = 0;

		small_make(&s, &random);
		left = small_left(&s.p, (1u << s.p.n_places) - 1);
		for (uint32_t subset = 0; subset < 1u << s.p.n_places; subset++) {
			uint64_t cost = 0;
			size_t count = (size_t)__builtin_popcount(subset);

			if (small_left(&s.p, subset) > left)
				continue;
			for (size_t i = 0; i < s.p.n_places; i++)
				cost += subset & 1u << i ? s.costs[i] : 0;
			best = cost < best ? cost : best;
			fewest = count < fewest ? count : fewest;
		}
		assert_int_equal(lockdag_cut_solve(&s.p, &set), 0);
		for (size_t i = 0; i < set.n_places; i++)
			chosen |= 1u << set.places[i];
		assert_int_equal(small_left(&s.p, chosen), left);
		assert_int_equal(set.n_left, left);
		assert_true(set.exact);
		assert_int_equal(set.cost, best);
		assert_int_equal(set.cost_at_least, best);
		assert_int_equal(set.at_least, fewest);
		for (size_t i = 0; i < set.n_edges; i++)
			assert_true(small_is_cut(&s.edges[set.edges[i]], chosen));
		cut += set.n_edges > 0;
		several += set.n_places > 2;
		lockdag_cut_set_done(&set);
	}
	assert_true(cut > PROBLEMS / 2);
	assert_true(several > PROBLEMS / 20);
}

/* 300 places in one piece: greedy. What it says must be true, if not the best. */
static void cut_large_is_bounded(void **state)
{
	enum { PLACES = 300, CYCLES = 600, LENGTH = 5 };
	static uint32_t costs[PLACES], of_edge[PLACES], of_cycle[CYCLES][LENGTH];
	static struct lockdag_cut_edge edges[PLACES];
	static struct lockdag_cut_cycle cycles[CYCLES];
	const struct lockdag_cut_problem p = {PLACES, costs, PLACES, edges, CYCLES, cycles};
	struct lockdag_cut_set set;
	uint64_t random = 1234567, cost = 0;
	bool chosen[PLACES] = {false};

	(void)state;
	for (uint32_t i = 0; i < PLACES; i++) {
		costs[i] = 1 + support_random(&random, 20);
		of_edge[i] = i;
		edges[i] = (struct lockdag_cut_edge){&of_edge[i], 1};
	}
	for (int i = 0; i < CYCLES; i++) {
		for (int k = 0; k < LENGTH; k++)
			of_cycle[i][k] = support_random(&random, PLACES);
		cycles[i] = (struct lockdag_cut_cycle){of_cycle[i], LENGTH, 1};
	}
	assert_int_equal(lockdag_cut_solve(&p, &set), 0);
	for (size_t i = 0; i < set.n_places; i++) {
		chosen[set.places[i]] = true;
		cost += costs[set.places[i]];
	}
	assert_int_equal(set.cost, cost);
	assert_int_equal(set.n_left, 0);
	for (int i = 0; i < CYCLES; i++) {
		bool hit = false;

		for (int k = 0; k < LENGTH; k++)
			hit = hit || chosen[of_cycle[i][k]];
		assert_true(hit);
	}
	assert_false(set.exact);
	assert_true(set.cost_at_least > 0 && set.cost_at_least <= set.cost);
	assert_true(set.at_least > 1 && set.at_least <= set.n_places);
	lockdag_cut_set_done(&set);
}

/* An edge is a set of places: with one of its two changed the cycle is still there. */
static void cut_needs_all_places(void **state)
{
	static const uint32_t two[] = {0, 1}, one[] = {2}, both[] = {0, 1};
	static const uint32_t costs[] = {2, 2, 5};
	const struct lockdag_cut_edge edges[] = {{two, 2}, {one, 1}};
	const struct lockdag_cut_cycle cycles[] = {{both, 2, 1}};
	const struct lockdag_cut_problem p = {3, costs, 2, edges, 1, cycles};
	struct lockdag_cut_set set;

	(void)state;
	assert_int_equal(lockdag_cut_solve(&p, &set), 0);
	assert_int_equal(set.n_places, 2);
	assert_int_equal(set.cost, 4);
	assert_int_equal(set.n_edges, 1);
	assert_int_equal(set.edges[0], 0);
	assert_int_equal(set.at_least, 1); /* place 2 alone would do, and cost more */
	lockdag_cut_set_done(&set);
}

static void cut_refuses_bad_numbers(void **state)
{
	static const uint32_t bad[] = {7}, costs[] = {1};
	const struct lockdag_cut_edge edges[] = {{bad, 1}}, none[] = {{NULL, 0}};
	const struct lockdag_cut_cycle cycles[] = {{bad, 1, 1}};
	struct lockdag_cut_problem p = {1, costs, 1, edges, 0, NULL};
	struct lockdag_cut_set set;

	(void)state;
	assert_int_equal(lockdag_cut_solve(&p, &set), -EINVAL);
	p = (struct lockdag_cut_problem){1, costs, 1, none, 1, cycles};
	assert_int_equal(lockdag_cut_solve(&p, &set), -EINVAL);
	p = (struct lockdag_cut_problem){0};
	assert_int_equal(lockdag_cut_solve(&p, &set), 0);
	assert_int_equal(set.n_edges, 0);
	lockdag_cut_set_done(&set);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(cut_is_cheapest),
		cmocka_unit_test(cut_large_is_bounded), cmocka_unit_test(cut_needs_all_places),
		cmocka_unit_test(cut_refuses_bad_numbers)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
