/* SPDX-License-Identifier: MIT
 *
 * Where the kernel puts a core file, by patterns of core(5).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "cli/hang_core.h"

static const struct cli_hang_core_facts facts = {
	.pid = 12, .uid = 7, .gid = 8, .comm = "a/b", .host = "here", .cwd = "/home/me"};

static void test_names(void **state)
{
	static const struct {
		const char *pattern, *name;
	} rows[] = {
		{"core\n", "/home/me/core"},
		{"core.%p\n", "/home/me/core.12"},
		{"/var/%e-%u-%g-%s-%h-%P%%", "/var/a!b-7-8-6-here-12%"},
		{"core%", "/home/me/core"},
	};
	char name[64];

	(void)state;
	for (size_t i = 0; i < LOCKDAG_ARRAY_SIZE(rows); i++) {
		assert_true(cli_hang_core_name(rows[i].pattern, &facts, name, sizeof(name)));
		assert_string_equal(name, rows[i].name);
	}
}

static void test_pid_where_no_pattern_has_it(void **state)
{
	struct cli_hang_core_facts f = facts;
	char name[64];

	(void)state;
	f.uses_pid = true;
	assert_true(cli_hang_core_name("core", &f, name, sizeof(name)));
	assert_string_equal(name, "/home/me/core.12");
	assert_true(cli_hang_core_name("c-%p", &f, name, sizeof(name)));
	assert_string_equal(name, "/home/me/c-12");
}

/* Piped to a program; with a time; longer than there is room. */
static void test_not_known(void **state)
{
	char name[64];

	(void)state;
	assert_false(cli_hang_core_name("|/usr/lib/systemd-coredump %P", &facts, name, sizeof(name)));
	assert_false(cli_hang_core_name("core.%t", &facts, name, sizeof(name)));
	assert_false(cli_hang_core_name("", &facts, name, sizeof(name)));
	assert_false(cli_hang_core_name("core.%h", &facts, name, 12));
	assert_false(cli_hang_core_name("core", &facts, name, 0));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_pid_where_no_pattern_has_it),
		cmocka_unit_test(test_not_known),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
