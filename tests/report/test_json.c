/* SPDX-License-Identifier: MIT
 *
 * JSON: exact outputs in expected/ (check_schema.py holds those against docs/report.schema.json),
 * and the cases where a name is no UTF-8.
 */
#include "fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

static const struct lockdag_report_options show = {.show_unlikely = true};

static json_t *parse(const char *text)
{
	json_error_t error;
	json_t *o = json_loads(text, 0, &error);

	if (!o)
		fail_msg("line %d: %s in\n%s", error.line, error.text, text);
	return o;
}

static void test_possible(void **state)
{
	static const char *const notes[] = {"one child was not followed"};
	struct lockdag_report_facts facts = fixture_facts;
	struct fixture fx;
	char *text;

	(void)state;
	fixture_bank(&fx);
	facts.notes = notes;
	facts.n_notes = 1;
	fx.findings.hidden[LOCKDAG_RULED_GATE] = 1;
	fx.findings.bounded = true;
	text = fixture_print(&fx, LOCKDAG_FORMAT_JSON, &facts, NULL);
	fixture_expect(text, "possible.json");
	free(text);
	fixture_done(&fx);
}

static void test_nothing_found(void **state)
{
	struct fixture fx;
	char *text;

	(void)state;
	fixture_init(&fx);
	fx.findings.n = 0;
	text = fixture_print(&fx, LOCKDAG_FORMAT_JSON, NULL, NULL);
	fixture_expect(text, "nothing.json");
	free(text);
	fixture_done(&fx);
}

/* Ruled out: counted in hidden, and in findings only when asked for. */
static void test_unlikely(void **state)
{
	struct fixture fx;
	json_t *o;
	char *text;

	(void)state;
	fixture_bank(&fx);
	fx.finding.grade = LOCKDAG_UNLIKELY;
	fx.finding.ruled = LOCKDAG_RULED_GATE;
	fx.findings.hidden[LOCKDAG_RULED_GATE] = 1;
	text = fixture_print(&fx, LOCKDAG_FORMAT_JSON, &fixture_facts, NULL);
	o = parse(text);
	assert_int_equal(json_array_size(json_object_get(o, "findings")), 0);
	assert_int_equal(
		json_integer_value(json_object_get(json_object_get(o, "hidden"), "gate")), 1);
	json_decref(o);
	free(text);
	text = fixture_print(&fx, LOCKDAG_FORMAT_JSON, &fixture_facts, &show);
	fixture_expect(text, "unlikely.json");
	free(text);
	fixture_done(&fx);
}

static void test_writer_timed(void **state)
{
	struct fixture fx;
	char *text;

	(void)state;
	fixture_init(&fx);
	fx.finding.title = (char *)(uintptr_t) "table -> hits -> table";
	fixture_lock(&fx, "table", LOCKDAG_LOCK_RWLOCK, LOCKDAG_BIRTH_INIT, NULL);
	fixture_lock(&fx, "hits", LOCKDAG_LOCK_SEMAPHORE, LOCKDAG_BIRTH_STATIC, "table.c:11");
	fixture_seen(&fx, 0,
		&(struct fixture_seen){.thread = fixture_thread(&fx, "reader", 11),
			.held_stack = LOCKDAG_NONE,
			.wait_stack = LOCKDAG_NONE,
			.held_mode = LOCKDAG_READ_RECURSIVE,
			.wait_flags = LOCKDAG_ACQUIRE_TIMED,
			.timeout_ms = 30000,
			.also = 1 + fixture_row(&fx, "stats", LOCKDAG_LOCK_MUTEX,
					    LOCKDAG_BIRTH_STATIC, NULL)});
	fx.exemplars[1][0] = (struct lockdag_exemplar){.acquire = 1000, .discharge = LOCKDAG_NONE};
	fx.links[1].n_exemplars = 1;
	fx.finding.writer = fixture_alone(&fx, fx.locks[0].lock, fixture_thread(&fx, NULL, 13),
		LOCKDAG_NONE, LOCKDAG_EXCLUSIVE);
	text = fixture_print(&fx, LOCKDAG_FORMAT_JSON, NULL, NULL);
	fixture_expect(text, "writer.json");
	free(text);
	fixture_done(&fx);
}

/* What is no UTF-8 becomes the replacement character, byte by byte; all else is kept. */
static void test_bad_utf8(void **state)
{
	static const char *const names[][2] = {
		{"\xff", "\xef\xbf\xbd"},
		{"a\xc3", "a\xef\xbf\xbd"},
		{"\xc0\xaf", "\xef\xbf\xbd\xef\xbf\xbd"},
		{"\xed\xa0\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"},
		{"\xf4\x90\x80\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"},
		{"\xe0\x80\x80z", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbdz"},
		{"\xc3\xa9\xe2\x82\xac\xf0\x9f\x94\x92", "\xc3\xa9\xe2\x82\xac\xf0\x9f\x94\x92"},
		{"quote\"\\\n\t\001", "quote\"\\\n\t\001"},
	};
	struct fixture fx;

	(void)state;
	fixture_bank(&fx);
	for (size_t i = 0; i < LOCKDAG_ARRAY_SIZE(names); i++) {
		json_t *o, *locks;
		char *text;

		fx.locks[0].name = (char *)(uintptr_t)names[i][0];
		fx.m->threads.items[0].name = names[i][0];
		text = fixture_print_one(&fx, LOCKDAG_FORMAT_JSON, NULL);
		assert_int_equal(strchr(text, '\n') - text + 1, strlen(text));
		o = parse(text);
		locks = json_object_get(o, "locks");
		assert_string_equal(
			json_string_value(json_object_get(json_array_get(locks, 0), "name")),
			names[i][1]);
		json_decref(o);
		free(text);
	}
	fixture_done(&fx);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_possible),
		cmocka_unit_test(test_nothing_found),
		cmocka_unit_test(test_unlikely),
		cmocka_unit_test(test_writer_timed),
		cmocka_unit_test(test_bad_utf8),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
