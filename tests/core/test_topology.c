/* SPDX-License-Identifier: MIT
 *
 * The order kept by core/topology.c, against reachability searched anew for each edge; and what the
 * findings say of it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "core/core.h"
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
		assert_true(
			t->position[t->edges.items[i].from] < t->position[t->edges.items[i].to]);
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

/* Where two threads nest A, B, C one way and one thread the other way round, its link is the back
 * one, whichever row comes first. */
static void odd_link(void **unused)
{
	static const char *const texts[] = {
		"thread T1\nthread T2\nthread T3\nlock A\nlock B\nacquire T1 holds A asks B\n"
		"acquire T2 holds A asks B\nacquire T3 holds B asks A\n",
		"thread T1\nthread T2\nthread T3\nlock B\nlock A\nacquire T3 holds B asks A\n"
		"acquire T2 holds A asks B\nacquire T1 holds A asks B\n",
	};

	(void)unused;
	for (size_t i = 0; i < LOCKDAG_ARRAY_SIZE(texts); i++) {
		struct lockdag_parse_error error;
		struct lockdag_findings *f;
		struct lockdag_model *m;

		assert_int_equal(lockdag_model_parse(texts[i], strlen(texts[i]), &m, &error), 0);
		assert_int_equal(lockdag_core_find(m, NULL, &f), 0);
		assert_int_equal(f->n, 1);
		for (size_t k = 0; k < 2; k++) {
			const struct lockdag_link *l = &f->items[0].links[k];

			assert_int_equal(
				l->back, !strcmp(f->items[0].locks[l->from].name, "B"));
		}
		lockdag_findings_free(f);
		lockdag_model_free(m);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(random_graphs),
		cmocka_unit_test(first_come),
		cmocka_unit_test(no_nodes),
		cmocka_unit_test(odd_link),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
