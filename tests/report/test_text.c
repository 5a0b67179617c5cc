/* SPDX-License-Identifier: MIT
 *
 * The text report: expected outputs that were read by a person, and the odd cases.
 */
#include "fixture.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const struct lockdag_report_options show = {.show_unlikely = true};

static char *print_text(struct fixture *fx)
{
	return fixture_print(fx, LOCKDAG_FORMAT_TEXT, &fixture_facts, NULL);
}

static size_t widest_line(const char *text)
{
	size_t widest = 0;

	while (*text) {
		size_t n = strcspn(text, "\n");

		widest = n > widest ? n : widest;
		text += n + (text[n] == '\n');
	}
	return widest;
}

static void test_possible(void **state)
{
	static const char *const notes[] = {"one child was not followed: ./helper is static"};
	static const char *const not_watched[] = {"12 raw futex waits"};
	struct lockdag_report_facts facts = fixture_facts;
	struct fixture fx;
	char *text;

	(void)state;
	fixture_bank(&fx);
	facts.notes = notes;
	facts.n_notes = 1;
	facts.not_watched = not_watched;
	facts.n_not_watched = 1;
	fx.findings.hidden[LOCKDAG_RULED_GATE] = 1;
	fx.findings.hidden[LOCKDAG_RULED_ONE_THREAD] = 2;
	fx.findings.bounded = true;
	text = fixture_print(&fx, LOCKDAG_FORMAT_TEXT, &facts, NULL);
	fixture_expect(text, "possible.txt");
	assert_true(widest_line(text) <= 140);
	free(text);
	fixture_done(&fx);
}

static void test_nothing_found(void **state)
{
	struct lockdag_report_facts facts = {.locks = 1, .edges = 1};
	struct fixture fx;
	char *text;

	(void)state;
	fixture_init(&fx);
	fx.findings.n = 0;
	text = print_text(&fx);
	assert_string_equal(text, "lockdag: no lock-order cycle found in 5 locks, 3 edges\n");
	free(text);
	text = fixture_print(&fx, LOCKDAG_FORMAT_TEXT, &facts, NULL);
	assert_string_equal(text, "lockdag: no lock-order cycle found in 1 lock, 1 edge\n");
	free(text);
	text = fixture_print(&fx, LOCKDAG_FORMAT_TEXT, NULL, NULL);
	assert_string_equal(text, "lockdag: no lock-order cycle found in 0 locks, 2 edges\n");
	free(text);
	fixture_done(&fx);
}

/* A ruled-out cycle is only counted, unless it is asked for. */
static void test_unlikely(void **state)
{
	struct fixture fx;
	char *text;

	(void)state;
	fixture_bank(&fx);
	fx.finding.grade = LOCKDAG_UNLIKELY;
	fx.finding.ruled = LOCKDAG_RULED_GATE;
	fx.finding.reason = (char *)(uintptr_t) "both threads hold registry while they do this";
	fx.findings.hidden[LOCKDAG_RULED_GATE] = 1;
	text = print_text(&fx);
	assert_string_equal(text, "lockdag: no lock-order cycle found in 5 locks, 3 edges; "
				  "1 cycle ruled out (1 behind a gate lock)\n");
	free(text);
	text = fixture_print(&fx, LOCKDAG_FORMAT_TEXT, &fixture_facts, &show);
	fixture_expect(text, "unlikely.txt");
	free(text);
	fixture_done(&fx);
}

static void test_happened(void **state)
{
	struct fixture fx;
	char *text;

	(void)state;
	fixture_bank(&fx);
	fx.finding.grade = LOCKDAG_HAPPENED;
	fx.finding.reason = (char *)(uintptr_t) "seen twice in the live process";
	text = print_text(&fx);
	fixture_expect(text, "happened.txt");
	free(text);
	fixture_done(&fx);
}

/* One thread that waits for its own lock; it has no name, and one stack is missing. */
static void test_self_deadlock(void **state)
{
	struct fixture fx;
	char *text;

	(void)state;
	fixture_init(&fx);
	fx.finding.grade = LOCKDAG_HAPPENED;
	fx.finding.title = (char *)(uintptr_t) "cache.lock -> cache.lock";
	fixture_lock(&fx, "cache.lock", LOCKDAG_LOCK_SPINLOCK, LOCKDAG_BIRTH_FIRST, "cache.c:9");
	fixture_seen(&fx, 0,
		&(struct fixture_seen){.thread = fixture_thread(&fx, NULL, 77),
			.held_stack = LOCKDAG_NONE,
			.wait_stack =
				FIXTURE_STACK(&fx, {"evict", "cache.c", 30, "bank", 0x99, false})});
	text = print_text(&fx);
	fixture_expect(text, "self.txt");
	free(text);
	fixture_done(&fx);
}

/* A fair rwlock read by both: only a queued writer makes it a deadlock. Also: long places, so that
 * the paragraph goes over two lines; a timed wait; a try-lock; the end of a condition wait. */
static void test_writer(void **state)
{
	static const char file[] = "/home/someone/src/a-project/with/a/long/path/table.c";
	struct fixture fx;
	uint32_t gate;
	char *text;

	(void)state;
	fixture_init(&fx);
	fx.finding.title = (char *)(uintptr_t) "table -> hits -> table";
	fx.finding.reason = (char *)(uintptr_t) "a new reader of table waits for a queued writer";
	fixture_lock(&fx, "table", LOCKDAG_LOCK_RWLOCK, LOCKDAG_BIRTH_INIT, "table.c:10");
	fixture_lock(&fx, "hits", LOCKDAG_LOCK_SEMAPHORE, LOCKDAG_BIRTH_STATIC, "table.c:11");
	gate = fixture_row(&fx, "stats", LOCKDAG_LOCK_MUTEX, LOCKDAG_BIRTH_STATIC, NULL);
	fixture_seen(&fx, 0,
		&(struct fixture_seen){.thread = fixture_thread(&fx, "reader", 11),
			.held_stack =
				FIXTURE_STACK(&fx, {"look_up", file, 20, "table", 0x10, false}),
			.wait_stack =
				FIXTURE_STACK(&fx, {"look_up", file, 25, "table", 0x20, false}),
			.held_mode = LOCKDAG_READ,
			.held_flags = LOCKDAG_ACQUIRE_TRY,
			.wait_flags = LOCKDAG_ACQUIRE_TIMED | LOCKDAG_ACQUIRE_REWAIT,
			.timeout_ms = 30000,
			.also = gate + 1});
	fixture_seen(&fx, 1,
		&(struct fixture_seen){.thread = fixture_thread(&fx, "counter", 12),
			.held_stack = FIXTURE_STACK(&fx,
				{"__gthread_mutex_lock", "/usr/include/gthr.h", 1, "table", 0x30,
					true},
				{"std::mutex::lock()", "/usr/include/c++/12/mutex", 100, "table",
					0x30, true},
				{"table::count(int)", "count.cc", 5, "table", 0x30, false}),
			.wait_stack = FIXTURE_STACK(
				&fx, {"table::count(int)", "count.cc", 6, "table", 0x40, false}),
			.wait_mode = LOCKDAG_READ});
	fx.finding.writer = fixture_alone(&fx, fx.locks[0].lock, fixture_thread(&fx, "writer", 13),
		FIXTURE_STACK(&fx, {"insert", "insert.c", 3, "table", 0x50, false}),
		LOCKDAG_EXCLUSIVE);
	text = print_text(&fx);
	fixture_expect(text, "writer.txt");
	assert_true(widest_line(text) <= 140);
	free(text);
	fixture_done(&fx);
}

static void test_seven(void **state)
{
	struct fixture fx;
	char *text;

	(void)state;
	fixture_seven(&fx);
	text = print_text(&fx);
	fixture_expect(text, "seven.txt");
	assert_true(widest_line(text) <= 140);
	free(text);
	fixture_done(&fx);
}

/* Nothing known: no names, stacks, title or reason, and rows that are not in the model. */
static void test_bare(void **state)
{
	struct fixture fx;
	char *text;

	(void)state;
	fixture_init(&fx);
	fixture_lock(&fx, NULL, LOCKDAG_LOCK_MUTEX, LOCKDAG_BIRTH_STATIC, NULL);
	fixture_lock(&fx, NULL, LOCKDAG_LOCK_MUTEX, LOCKDAG_BIRTH_STATIC, NULL);
	fixture_seen(&fx, 0,
		&(struct fixture_seen){.thread = fixture_thread(&fx, NULL, 5),
			.held_stack = LOCKDAG_NONE,
			.wait_stack = LOCKDAG_NONE});
	fx.exemplars[1][0] = (struct lockdag_exemplar){.acquire = 1000, .discharge = LOCKDAG_NONE};
	fx.links[1].n_exemplars = 1;
	fx.locks[1].lock = 1000;
	fx.finding.writer = 1000;
	text = print_text(&fx);
	fixture_expect(text, "bare.txt");
	free(text);
	fixture_done(&fx);
}

/* What a program may call things cannot disturb a terminal or forge a line. */
static void test_hostile_names(void **state)
{
	struct fixture fx;
	char *text;

	(void)state;
	fixture_bank(&fx);
	fx.finding.title = (char *)(uintptr_t) "a\nb \033[31m -> \xff\xfe -> \xe2\x80\xae";
	fx.finding.reason = (char *)(uintptr_t) "line\nbreak";
	fx.locks[0].name = (char *)(uintptr_t) "a\nlockdag: fine\t";
	fx.locks[1].name = (char *)(uintptr_t) "\xc3\xa9t\xc3\xa9 \xff\xc3";
	fx.m->threads.items[0].name = "\033]0;owned\007";
	text = print_text(&fx);
	fixture_expect(text, "hostile.txt");
	for (const char *c = text; *c; c++)
		assert_true(*c == '\n' || (unsigned char)*c >= 0x20);
	free(text);
	fixture_done(&fx);
}

/* Long names must not break the table, and equal names must be told apart. */
static void test_long_names(void **state)
{
	char name[400];
	struct fixture fx;
	char *text;

	(void)state;
	fixture_bank(&fx);
	memset(name, 'n', sizeof(name) - 1);
	name[sizeof(name) - 1] = 0;
	memcpy(name, "ns::Pool<", 9);
	memcpy(name + sizeof(name) - 9, ">::mutex", 8);
	fx.finding.title = NULL;
	fx.locks[0].name = fx.locks[1].name = name;
	text = print_text(&fx);
	fixture_expect(text, "long.txt");
	free(text);
	fixture_done(&fx);
}

static void test_color(void **state)
{
	static const struct lockdag_report_options color = {.color = true};
	struct fixture fx;
	char *plain, *colored;
	size_t n = 0;

	(void)state;
	fixture_bank(&fx);
	plain = fixture_print_one(&fx, LOCKDAG_FORMAT_TEXT, NULL);
	assert_null(strchr(plain, '\033'));
	colored = fixture_print_one(&fx, LOCKDAG_FORMAT_TEXT, &color);
	assert_non_null(strstr(colored, "\033[1;31mPOSSIBLE\033[0m"));
	for (char *c = colored; *c; c++) {
		if (*c == '\033')
			c = strchr(c, 'm');
		else
			colored[n++] = *c;
	}
	colored[n] = 0;
	assert_string_equal(colored, plain);
	free(colored);
	free(plain);
	fixture_done(&fx);
}

static void test_summary_counts(void **state)
{
	struct lockdag_finding items[5];
	struct fixture fx;
	char *text;

	(void)state;
	fixture_bank(&fx);
	for (size_t i = 0; i < 5; i++)
		items[i] = fx.finding;
	items[0].grade = items[1].grade = LOCKDAG_HAPPENED;
	items[4].kind = LOCKDAG_FINDING_MISUSE;
	fx.findings.items = items;
	fx.findings.n = 5;
	text = print_text(&fx);
	text[strcspn(text, "\n")] = 0;
	assert_string_equal(text, "lockdag: 2 deadlocks that happened, 2 possible deadlocks, "
				  "1 possible lock misuse");
	free(text);
	fixture_done(&fx);
}

/* A full disk is told, in every format and through both doors. */
static void test_full_disk(void **state)
{
	struct fixture fx;

	(void)state;
	fixture_bank(&fx);
	for (int i = 0; i < LOCKDAG_N_FORMATS; i++) {
		FILE *full = fopen("/dev/full", "w");
		enum lockdag_format format = (enum lockdag_format)i;

		assert_non_null(full);
		assert_int_equal(lockdag_report_print(
					 full, format, fx.m, &fx.findings, &fixture_facts, NULL),
			-EIO);
		fclose(full);
		full = fopen("/dev/full", "w");
		assert_non_null(full);
		assert_int_equal(lockdag_report_finding(full, format, fx.m, &fx.finding, NULL),
			fixture_prints_one(format) ? -EIO : -ENOTSUP);
		fclose(full);
	}
	fixture_done(&fx);
}

static void test_format_words(void **state)
{
	enum lockdag_format format = LOCKDAG_N_FORMATS;

	(void)state;
	assert_int_equal(lockdag_format_parse("json", &format), 0);
	assert_int_equal(format, LOCKDAG_FORMAT_JSON);
	assert_int_equal(lockdag_format_parse("kernel", &format), 0);
	assert_int_equal(format, LOCKDAG_FORMAT_KERNEL);
	assert_int_equal(lockdag_format_parse("text", &format), 0);
	assert_int_equal(format, LOCKDAG_FORMAT_TEXT);
	assert_int_equal(lockdag_format_parse("xml", &format), -EINVAL);
	assert_int_equal(lockdag_format_parse("", &format), -EINVAL);
	assert_int_equal(format, LOCKDAG_FORMAT_TEXT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_possible),
		cmocka_unit_test(test_nothing_found),
		cmocka_unit_test(test_unlikely),
		cmocka_unit_test(test_happened),
		cmocka_unit_test(test_self_deadlock),
		cmocka_unit_test(test_writer),
		cmocka_unit_test(test_seven),
		cmocka_unit_test(test_bare),
		cmocka_unit_test(test_hostile_names),
		cmocka_unit_test(test_long_names),
		cmocka_unit_test(test_color),
		cmocka_unit_test(test_summary_counts),
		cmocka_unit_test(test_full_disk),
		cmocka_unit_test(test_format_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
