/* SPDX-License-Identifier: MIT
 *
 * Core files made by hand (fuzz/make-core-seeds): the verdict on each, and what is refused.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "hang/hang.h"

static struct lockdag_standstill *core_look(const char *name, struct lockdag_hang_error *error)
{
	struct lockdag_standstill *s = NULL;
	char path[4096];

	snprintf(path, sizeof(path), TEST_DIR "/../../fuzz/seeds/core/%s", name);
	if (lockdag_hang_core(path, NULL, &s, error) < 0)
		return NULL;
	return s;
}

static void test_verdicts(void **state)
{
	static const struct {
		const char *name;
		enum lockdag_verdict verdict;
		const char *part; /* of the sentence */
	} rows[] = {
		{"mutexes", LOCKDAG_VERDICT_DEADLOCK, "held by bank (101), which waits for mutex"},
		{"mutexes-one-runs", LOCKDAG_VERDICT_BLOCKED, "which was running"},
		/* Its futex has returned: it goes on as soon as it runs. */
		{"mutexes-one-woken", LOCKDAG_VERDICT_BLOCKED, "which was running"},
		/* Its mutex has been unlocked: it was woken, or will be. */
		{"mutexes-one-unlocked", LOCKDAG_VERDICT_BLOCKED, "held by bank (101)"},
		{"writes", LOCKDAG_VERDICT_OUTSIDE, "writes to descriptor 4"}, /* a part, and waits */
		{"written", LOCKDAG_VERDICT_RUNNING, "was running"},
		{"other-notes", LOCKDAG_VERDICT_DEADLOCK, "which it holds itself"},
		/* Nothing says what the program could do: a handler might wake it. */
		{"no-memory", LOCKDAG_VERDICT_STUCK, "the handler of a signal"},
		{"read", LOCKDAG_VERDICT_OUTSIDE, "reads from descriptor 3"},
		{"poll", LOCKDAG_VERDICT_OUTSIDE, "polls"},
		{"restart", LOCKDAG_VERDICT_RUNNING, "sleeps for a time"},
	};

	(void)state;
	for (size_t i = 0; i < LOCKDAG_ARRAY_SIZE(rows); i++) {
		struct lockdag_hang_error error;
		struct lockdag_standstill *s = core_look(rows[i].name, &error);

		assert_non_null(s);
		assert_string_equal(
			lockdag_verdict_word(s->verdict), lockdag_verdict_word(rows[i].verdict));
		assert_non_null(strstr(s->sentence, rows[i].part));
		lockdag_standstill_free(s);
	}
}

static void test_refused(void **state)
{
	static const struct {
		const char *name, *part;
	} rows[] = {
		{"cut", "truncated: it should have 2464 bytes and has 2164"},
		{"cut-headers", "truncated"},
		{"not-there", "No such file"},
		{".", "neither a process id nor a core file"},
	};

	(void)state;
	for (size_t i = 0; i < LOCKDAG_ARRAY_SIZE(rows); i++) {
		struct lockdag_hang_error error;

		assert_null(core_look(rows[i].name, &error));
		assert_non_null(strstr(error.message, rows[i].part));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_verdicts),
		cmocka_unit_test(test_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
