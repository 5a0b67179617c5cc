/* SPDX-License-Identifier: MIT
 *
 * An order as people write it down.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <string.h>

#include "core/core.h"

static struct lockdag_model *model;
static struct lockdag_parse_error error;

static int read_order(const char *text)
{
	lockdag_model_free(model);
	model = NULL;
	memset(&error, 0, sizeof(error));
	assert_int_equal(lockdag_model_new(&model), 0);
	return lockdag_model_parse_declared(text, strlen(text), model, &error);
}

static void expect_pair(size_t i, const char *before, const char *after)
{
	assert_true(i < model->declared.n);
	assert_string_equal(model->declared.items[i].before, before);
	assert_string_equal(model->declared.items[i].after, after);
}

static int declared_teardown(void **state)
{
	(void)state;
	lockdag_model_free(model);
	model = NULL;
	return 0;
}

static void declared_lines(void **state)
{
	(void)state;
	assert_int_equal(read_order("# the order of this program\n\n"
				    "  log -> cache -> &conn->mutex\r\n"
				    "a.lock before b.lock\n"
				    "log -> cache\n"
				    "\t# behind blanks\n"
				    "\"# one\" -> \"x -> \\\"y\\\"\"\n"
				    "mutex made at pool.c:12 (pool_new) -> mutex #3"),
		0);
	assert_int_equal(model->declared.n, 5);
	expect_pair(0, "log", "cache");
	expect_pair(1, "cache", "&conn->mutex");
	expect_pair(2, "a.lock", "b.lock");
	expect_pair(3, "# one", "x -> \"y\"");
	expect_pair(4, "mutex made at pool.c:12 (pool_new)", "mutex #3");
}

static void declared_nothing(void **state)
{
	(void)state;
	assert_int_equal(read_order(""), 0);
	assert_int_equal(read_order("\n#\n   \n"), 0);
	assert_int_equal(model->declared.n, 0);
}

static void declared_says_what_is_wrong(void **state)
{
	static const struct {
		const char *text;
		unsigned line, column;
		const char *part;
	} cases[] = {
		{"a -> b\nc\n", 2, 1, "one name"},
		{"a ->", 1, 5, "name is missing"},
		{"-> b", 1, 1, "name is missing"},
		{"a -> -> b", 1, 6, "name is missing"},
		{"\"a -> b", 1, 8, "does not end"},
		{"\"a\" b", 1, 5, "arrow is missing"},
		{"\"\" -> b", 1, 3, "name is missing"},
		{"a -> b\x01\n", 1, 8, "control signs"},
		{"a -> a", 1, 7, "before itself"},
	};

	(void)state;
	for (size_t i = 0; i < LOCKDAG_ARRAY_SIZE(cases); i++) {
		assert_int_equal(read_order(cases[i].text), -EINVAL);
		assert_non_null(strstr(error.message, cases[i].part));
		assert_int_equal(error.line, cases[i].line);
		assert_int_equal(error.column, cases[i].column);
	}
}

static void declared_circle(void **state)
{
	(void)state;
	assert_int_equal(read_order("a -> b -> c\nx -> a\nc -> a\n"), -EINVAL);
	assert_non_null(strstr(error.message, "before itself"));
	assert_int_equal(read_order("a -> b -> c\nx -> a\na -> c\n"), 0);
}

static void declared_unused_names(void **state)
{
	static const char text[] = "thread T\nlock A\nlock B\nacquire T holds A asks B\n"
				   "declared before=A after=nobody\ndeclared before=A after=B\n";
	struct lockdag_findings *f;

	(void)state;
	lockdag_model_free(model);
	model = NULL;
	assert_int_equal(lockdag_model_parse(text, sizeof(text) - 1, &model, &error), 0);
	assert_int_equal(lockdag_core_find(model, NULL, &f), 0);
	assert_int_equal(f->n, 0);
	assert_int_equal(f->n_unused, 1);
	assert_string_equal(f->unused[0], "nobody");
	lockdag_findings_free(f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(declared_lines, declared_teardown),
		cmocka_unit_test_teardown(declared_nothing, declared_teardown),
		cmocka_unit_test_teardown(declared_says_what_is_wrong, declared_teardown),
		cmocka_unit_test_teardown(declared_circle, declared_teardown),
		cmocka_unit_test_teardown(declared_unused_names, declared_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
