/* SPDX-License-Identifier: MIT
 *
 * Every allocation of every renderer is made to fail in turn: the answer is -ENOMEM, nothing was
 * written, and (under ASan) nothing leaks. Linked with --wrap for malloc, calloc and realloc.
 */
#include "fixture.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>
#include <jansson.h>

void *__real_malloc(size_t n);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *p, size_t n);
void *__wrap_malloc(size_t n);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *p, size_t n);

static bool counting;
static size_t left; /* allocations until the one that fails */

static bool fails(void)
{
	return counting && left-- == 0;
}

void *__wrap_malloc(size_t n)
{
	return fails() ? NULL : __real_malloc(n);
}

void *__wrap_calloc(size_t n, size_t size)
{
	return fails() ? NULL : __real_calloc(n, size);
}

void *__wrap_realloc(void *p, size_t n)
{
	return fails() ? NULL : __real_realloc(p, n);
}

static void fail_in_turn(struct fixture *fx, enum lockdag_format format, bool one)
{
	static const char *const notes[] = {"a note"};
	struct lockdag_report_facts facts = fixture_facts;
	int err = -ENOMEM;
	size_t n;

	facts.notes = facts.not_watched = notes;
	facts.n_notes = facts.n_not_watched = 1;
	for (n = 0; err; n++) {
		FILE *out = tmpfile();

		assert_non_null(out);
		left = n;
		counting = true;
		err = one ? lockdag_report_finding(out, format, fx->m, &fx->finding, NULL)
			  : lockdag_report_print(out, format, fx->m, &fx->findings, &facts, NULL);
		counting = false;
		if (err) {
			assert_int_equal(err, -ENOMEM);
			assert_int_equal(ftell(out), 0);
		} else {
			assert_true(ftell(out) > 0);
		}
		fclose(out);
	}
	assert_true(n > 5);
}

static void test_each_allocation(void **state)
{
	struct fixture fx;

	(void)state;
	json_set_alloc_funcs(__wrap_malloc, free);
	fixture_bank(&fx);
	fx.findings.bounded = true;
	fx.finding.writer =
		fixture_alone(&fx, fx.locks[0].lock, 0, LOCKDAG_NONE, LOCKDAG_EXCLUSIVE);
	for (int i = 0; i < LOCKDAG_N_FORMATS; i++) {
		fail_in_turn(&fx, (enum lockdag_format)i, false);
		if (fixture_prints_one((enum lockdag_format)i))
			fail_in_turn(&fx, (enum lockdag_format)i, true);
	}
	fixture_done(&fx);
}

/* A finding through waits. */
static void test_each_allocation_waits(void **state)
{
	static const char text[] = "thread W\nthread D\nthread E\nlock L\nlock N\n"
				   "stack s\nframe function=\"f\" file=\"f.c\"\n"
				   "lock cv type=condition\nlock J type=thread flags=many\n"
				   "acquire W holds L@s N@s asks cv wait stack=s\n"
				   "discharge D asked J#3!wait@s signals cv stack=s\n"
				   "acquire E asks L stack=s\n";
	struct lockdag_parse_error error = {0};
	struct lockdag_findings *f = NULL;
	struct fixture fx = {0};

	(void)state;
	assert_int_equal(lockdag_model_parse(text, sizeof(text) - 1, &fx.m, &error), 0);
	assert_int_equal(lockdag_core_find(fx.m, NULL, &f), 0);
	assert_int_equal(f->n, 1);
	assert_string_equal(f->items[0].title, "L -> N -> cv -> J -> L");
	fx.findings = *f;
	fx.finding = f->items[0];
	for (int i = 0; i < LOCKDAG_N_FORMATS; i++)
		fail_in_turn(&fx, (enum lockdag_format)i, fixture_prints_one((enum lockdag_format)i));
	lockdag_findings_free(f);
	lockdag_model_free(fx.m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each_allocation),
		cmocka_unit_test(test_each_allocation_waits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
