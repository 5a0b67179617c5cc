/* SPDX-License-Identifier: MIT
 *
 * Baselines: read, written, compared; and used as suppressions.
 */
#include "suppress/suppress.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct lockdag_baseline read_baseline(const char *text)
{
	struct lockdag_suppress_error error = {0};
	struct lockdag_baseline b = {0};

	if (lockdag_baseline_parse(text, strlen(text), &b, &error))
		fail_msg("%u:%u: %s", error.line, error.column, error.message);
	return b;
}

#define A "000000000000000a"
#define B "000000000000000b"
#define C "000000000000000c"
#define D "000000000000000d"

static void test_forms(void **state)
{
	struct lockdag_baseline lines = read_baseline("# c\n" B " happened misuse relock b\n" A
						      " possible cycle a -> b -> a\n");
	struct lockdag_baseline json = read_baseline(
		" {\"version\": 1, \"findings\": [{\"id\": \"" A "\", \"grade\": \"possible\", \"kind\": \"cycle\","
		" \"title\": \"a -> b -> a\"}, {\"id\": \"" B "\", \"grade\": \"happened\", \"kind\": \"misuse\","
		" \"title\": \"relock b\"}, {\"id\": \"" C "\", \"grade\": \"unlikely\", \"kind\": \"cycle\"}]}");
	char *first = NULL, *second = NULL;

	(void)state;
	assert_int_equal(lines.n, 2);
	assert_int_equal(lines.items[0].id, 10);
	assert_string_equal(lines.items[0].title, "a -> b -> a");
	assert_int_equal(lockdag_baseline_print(&lines, &first), 0);
	assert_int_equal(lockdag_baseline_print(&json, &second), 0);
	assert_string_equal(first, second);
	assert_non_null(strstr(first, A " possible cycle a -> b -> a\n" B " happened misuse relock b\n"));
	free(first);
	free(second);
	lockdag_baseline_done(&lines);
	lockdag_baseline_done(&json);
}

static void refused(const char *text, unsigned line)
{
	struct lockdag_suppress_error error = {0};
	struct lockdag_baseline b = {0};

	assert_int_equal(lockdag_baseline_parse(text, strlen(text), &b, &error), -EINVAL);
	assert_int_equal(error.line, line);
	assert_true(error.message[0]);
	assert_int_equal(b.n, 0);
}

static void test_errors(void **state)
{
	(void)state;
	refused(A " possible cycle x\nwhat\n", 2);
	refused("{\n \"findings\": [\n", 3);
	refused("{}", 1);
	refused("{\"findings\": [{}]}", 1);
	refused(A " bad cycle x\n", 1);
}

static void told(void *context, enum lockdag_change change, const struct lockdag_known *was,
	const struct lockdag_known *is)
{
	char line[64];

	snprintf(line, sizeof(line), "%s %llx;", lockdag_change_word(change),
		(unsigned long long)(is ? is->id : was->id));
	strcat(context, line);
	assert_int_equal(change == LOCKDAG_CHANGE_NEW, !was);
	assert_int_equal(change == LOCKDAG_CHANGE_GONE, !is);
}

static void test_diff(void **state)
{
	struct lockdag_baseline old = read_baseline(
		A " possible cycle a\n" B " possible cycle b\n" C " happened cycle c\n"
		  "0000000000000001 possible cycle same\n");
	struct lockdag_baseline new = read_baseline(
		B " happened cycle b\n" C " possible cycle c\n" D " possible cycle d\n"
		  "0000000000000001 possible cycle same\n");
	size_t n[LOCKDAG_N_CHANGES];
	char text[256] = "";

	(void)state;
	lockdag_baseline_diff(&old, &new, told, text, n);
	assert_string_equal(text, "new d;stronger b;weaker c;gone a;");
	for (int i = 0; i < LOCKDAG_N_CHANGES; i++)
		assert_int_equal(n[i], 1);
	*text = 0;
	lockdag_baseline_diff(&old, &old, told, text, n);
	assert_string_equal(text, "");
	lockdag_baseline_done(&old);
	lockdag_baseline_done(&new);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_forms),
		cmocka_unit_test(test_errors),
		cmocka_unit_test(test_diff),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
