/* SPDX-License-Identifier: MIT
 *
 * The order kept by core/topology.c, against reachability searched anew for each edge.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "core/topology.h"

#define NODES 12
#define GRAPHS 3000
#define EDGES 60

static uint64_t state = 88172645463325252u;

static uint32_t below(uint32_t n)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return (uint32_t)(state >> 33) % n;
}

/* Transitive closure of the edges inside the order. */
struct closure {
	bool reaches[NODES][NODES];
};

static void closure_add(struct closure *c, uint32_t from, uint32_t to)
{
	for (uint32_t a = 0; a < NODES; a++)
		for (uint32_t b = 0; b < NODES; b++)
			if ((a == from || c->reaches[a][from]) && (b == to || c->reaches[to][b]))
				c->reaches[a][b] = true;
}

static void order_holds(const struct topology *t)
{
	for (size_t i = 0; i < t->edges.n; i++)
		assert_true(t->position[t->edges.items[i].from] <
			    t->position[t->edges.items[i].to]);
	for (uint32_t i = 0; i < t->n; i++)
		assert_int_equal(t->node_at[t->position[i]], i);
}

static void random_graphs(void **unused)
{
	size_t n_back = 0, n_inside = 0;

	(void)unused;
	for (int graph = 0; graph < GRAPHS; graph++) {
		struct closure c;
		struct topology t;

		memset(&c, 0, sizeof(c));
		assert_int_equal(topology_init(&t, NODES), 0);
		for (int i = 0; i < EDGES; i++) {
			uint32_t from = below(NODES), to = below(NODES);
			bool closes = from == to || c.reaches[to][from];

			assert_int_equal(topology_closes(&t, from, to), closes);
			assert_int_equal(topology_add(&t, from, to), closes);
			if (!closes)
				closure_add(&c, from, to);
			order_holds(&t);
			n_back += closes;
			n_inside += !closes;
		}
		topology_done(&t);
	}
	assert_true(n_back > GRAPHS && n_inside > GRAPHS);
}

/* What is added first is the order; what comes against it later is not. */
static void first_come(void **unused)
{
	struct topology t;

	(void)unused;
	assert_int_equal(topology_init(&t, 3), 0);
	assert_int_equal(topology_add(&t, 2, 1), 0);
	assert_int_equal(topology_add(&t, 1, 0), 0);
	assert_int_equal(topology_add(&t, 0, 2), 1);
	assert_int_equal(t.node_at[0], 2);
	assert_int_equal(t.node_at[1], 1);
	assert_int_equal(t.node_at[2], 0);
	assert_int_equal(topology_add(&t, 1, 1), 1);
	assert_int_equal(t.edges.n, 2);
	topology_done(&t);
}

static void no_nodes(void **unused)
{
	struct topology t;

	(void)unused;
	assert_int_equal(topology_init(&t, 0), 0);
	topology_done(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(random_graphs),
		cmocka_unit_test(first_come),
		cmocka_unit_test(no_nodes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
