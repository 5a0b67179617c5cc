/* SPDX-License-Identifier: MIT
 *
 * Each allocation of a whole run (parse, judge, print) is made to fail in turn. The run must say
 * -ENOMEM, or come to its end (where a filter lacks memory it rules nothing out); sanitizers see to
 * leaks.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/core.h"

void *__real_malloc(size_t n);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *p, size_t n);
void *__wrap_malloc(size_t n);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *p, size_t n);

static size_t memory_left = SIZE_MAX; /* allocations that still succeed; SIZE_MAX: all */

static bool memory_fails(void)
{
	if (memory_left == SIZE_MAX)
		return false;
	return memory_left ? (memory_left--, false) : true;
}

void *__wrap_malloc(size_t n)
{
	return memory_fails() ? NULL : __real_malloc(n);
}

void *__wrap_calloc(size_t n, size_t size)
{
	return memory_fails() ? NULL : __real_calloc(n, size);
}

void *__wrap_realloc(void *p, size_t n)
{
	return memory_fails() ? NULL : __real_realloc(p, n);
}

static const char memory_text[] =
	"thread T1 role=\"r\" parent=T3\nthread T2 joiner=T3\nthread T3\n"
	"stack s raw=1,2\nframe function=\"f\" file=\"f.c\"\n"
	"birth b name=\"n\" stack=s\nlock n1 birth=b\nlock n2 birth=b\n"
	"lock A\nlock B\nlock A1 of=A level=1\ndeclared before=A after=B\nlock S type=semaphore value=2\n"
	"lock rw type=rwlock attributes=writers-first\n"
	"acquire T1 holds A@s asks B as=x\nacquire T2 holds B asks A as=y\n"
	"acquire T1 holds n1 asks n2\nacquire T2 holds n2 asks n1\n"
	"acquire T1 holds S asks A\nacquire T2 holds A asks S\n"
	"acquire T1 holds rw:f asks rw:f\nacquire T3 asks rw\n"
	"acquire T1 holds B asks rw\nacquire T1 holds rw asks B\n"
	"lock cv type=condition\nlock J type=thread flags=many\n"
	"acquire T1 holds A asks cv wait monitor=B\nacquire T3 holds rw asks J#1 wait\n"
	"discharge T2 asked A B cv!wait signals cv stack=s\n"
	"order from=T1 to=T2 since=1\nguard T1 n1\n"
	"blocked T1 x\nblocked T2 y\n";

static int memory_run(char **ret_text)
{
	struct lockdag_parse_error error = {0};
	struct lockdag_findings *f = NULL;
	struct lockdag_class_graph *g = NULL;
	struct lockdag_model *m = NULL;
	char *model = NULL;
	int r = lockdag_model_parse(memory_text, strlen(memory_text), &m, &error);

	if (!r)
		r = lockdag_model_print(m, &model);
	if (!r)
		r = lockdag_core_graph(m, NULL, &g);
	if (!r)
		r = lockdag_core_find(m, NULL, &f);
	if (!r)
		r = lockdag_cut_find(m, f);
	if (!r)
		r = lockdag_findings_print(m, f, ret_text);
	free(model);
	lockdag_class_graph_free(g);
	lockdag_findings_free(f);
	lockdag_model_free(m);
	return r;
}

static void memory_each_allocation_fails(void **state)
{
	char *expected = NULL, *text = NULL;
	size_t n = 0;
	bool unspent;
	int r;

	(void)state;
	assert_int_equal(memory_run(&expected), 0);
	assert_non_null(strstr(expected, "happened cycle"));
	do {
		memory_left = n++;
		r = memory_run(&text);
		unspent = memory_left > 0;
		memory_left = SIZE_MAX;
		assert_true(r == 0 || r == -ENOMEM);
		if (r)
			assert_null(text);
		else if (unspent)
			assert_string_equal(text, expected);
		free(text);
		text = NULL;
	} while (!unspent);
	assert_true(n > 100);
	assert_int_equal(r, 0);
	free(expected);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(memory_each_allocation_fails)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
