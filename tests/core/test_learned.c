/* SPDX-License-Identifier: MIT
 *
 * The whole graph: classes in the learned order, edges with counts, back edges and first observations.
 */
#include "core/core.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct lockdag_model *learned_parse(const char *text)
{
	struct lockdag_parse_error error = {0};
	struct lockdag_model *m = NULL;

	if (lockdag_model_parse(text, strlen(text), &m, &error))
		fail_msg("%u:%u: %s", error.line, error.column, error.message);
	return m;
}

static const struct lockdag_graph_edge *learned_edge(
	const struct lockdag_class_graph *g, const char *from, const char *to)
{
	for (size_t i = 0; i < g->n_edges; i++)
		if (!strcmp(g->classes[g->edges[i].from].name, from) &&
			!strcmp(g->classes[g->edges[i].to].name, to))
			return &g->edges[i];
	return NULL;
}

static void test_edges(void **state)
{
	struct lockdag_model *m = learned_parse("thread A\nthread B\n"
						"lock a key=\"app!a\" where=\"a.c:1\"\nlock b\n"
						"lock c key=\"lib.so!x!c\"\nlock cv type=condition\n"
						"acquire A holds c asks a\n"
						"acquire A holds a asks b\nacquire A holds a asks b\n"
						"acquire B holds b asks a\n"
						"acquire B holds b asks cv wait\n"
						"acquire A asks c\ndischarge A asked c signals cv\n");
	struct lockdag_class_graph *g = NULL;

	(void)state;
	assert_int_equal(lockdag_core_graph(m, NULL, &g), 0);
	assert_int_equal(g->n_classes, 4);
	assert_int_equal(g->n_edges, 5);
	assert_true(g->ordered);
	assert_string_equal(g->classes[0].module, "app");
	assert_string_equal(g->classes[0].where, "a.c:1");
	assert_null(g->classes[1].module);
	assert_string_equal(g->classes[2].module, "lib.so");
	assert_int_equal(learned_edge(g, "a", "b")->n, 2);
	assert_false(learned_edge(g, "a", "b")->back);
	assert_int_equal(learned_edge(g, "a", "b")->exemplar.acquire, 1);
	assert_int_equal(learned_edge(g, "a", "b")->exemplar.held, 0);
	assert_true(learned_edge(g, "b", "a")->back);
	assert_true(g->classes[0].position < g->classes[1].position);
	assert_int_equal(learned_edge(g, "cv", "c")->exemplar.discharge, 0);
	assert_null(learned_edge(g, "c", "b"));
	lockdag_class_graph_free(g);
	lockdag_model_free(m);
}

static void test_no_waits(void **state)
{
	const struct lockdag_find_options options = {.no_waits = true};
	struct lockdag_model *m = learned_parse("thread A\nlock b\nlock c\nlock cv type=condition\n"
						"acquire A holds b asks c\n"
						"acquire A holds b asks cv wait\n");
	struct lockdag_class_graph *g = NULL;

	(void)state;
	assert_int_equal(lockdag_core_graph(m, &options, &g), 0);
	assert_int_equal(g->n_edges, 1);
	lockdag_class_graph_free(g);
	lockdag_model_free(m);
}

static void test_nothing(void **state)
{
	struct lockdag_model *m = learned_parse("");
	struct lockdag_class_graph *g = NULL;

	(void)state;
	assert_int_equal(lockdag_core_graph(m, NULL, &g), 0);
	assert_int_equal(g->n_classes, 0);
	assert_int_equal(g->n_edges, 0);
	lockdag_class_graph_free(g);
	lockdag_class_graph_free(NULL);
	lockdag_model_free(m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_edges),
		cmocka_unit_test(test_no_waits),
		cmocka_unit_test(test_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
