/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/options.h"
#include "cli/progress.h"

static struct cli_settings settings;
static int operand;

#define PARSE(table, ...) parse(&cli_options_##table, (char *[]){(char *)#table, __VA_ARGS__, NULL})

static char *words[32];

static int parse(const struct cli_option_table *table, char **argv)
{
	int argc = 0;

	for (; argv[argc]; argc++)
		words[argc] = argv[argc];
	words[argc] = NULL;
	return cli_options_parse(table, argc, words, &settings, &operand);
}

static void options_defaults(void **state)
{
	(void)state;
	assert_int_equal(PARSE(run, "x"), 0);
	assert_null(settings.output);
	assert_int_equal(settings.format, LOCKDAG_FORMAT_TEXT);
	assert_int_equal(settings.fail_on, LOCKDAG_POSSIBLE);
	assert_int_equal(settings.exit_code, 66);
	assert_true(settings.follow_exec);
	assert_false(settings.quiet);
	assert_int_equal(operand, 1);
}

static void options_all_forms(void **state)
{
	(void)state;
	assert_int_equal(
		PARSE(run, "-oa", "-q", "--format=json", "--fail-on", "never", "--exit-code", "0",
			"--show=unlikely", "--follow-exec=no", "--on-deadlock=kill", "--color",
			"always", "--keep=k", "--no-live", "--no-embed", "x"),
		0);
	assert_string_equal(settings.output, "a");
	assert_string_equal(settings.keep, "k");
	assert_int_equal(settings.format, LOCKDAG_FORMAT_JSON);
	assert_int_equal(settings.fail_on, CLI_FAIL_NEVER);
	assert_int_equal(settings.exit_code, 0);
	assert_int_equal(settings.on_deadlock, CLI_DEADLOCK_KILL);
	assert_int_equal(settings.color, CLI_COLOR_ALWAYS);
	assert_true(
		settings.quiet && settings.show_unlikely && settings.no_live && settings.no_embed);
	assert_false(settings.follow_exec);
	assert_string_equal(words[operand], "x");
}

static void options_letters_together(void **state)
{
	(void)state;
	assert_int_equal(PARSE(run, "-qo", "a", "x"), 0);
	assert_true(settings.quiet);
	assert_string_equal(settings.output, "a");
	assert_string_equal(words[operand], "x");
}

/* The command's own options are not ours. */
static void options_end_at_command(void **state)
{
	(void)state;
	assert_int_equal(PARSE(run, "-q", "ls", "-o", "--nonsense"), 0);
	assert_null(settings.output);
	assert_string_equal(words[operand], "ls");
	assert_int_equal(PARSE(run, "--", "-q"), 0);
	assert_false(settings.quiet);
	assert_string_equal(words[operand], "-q");
	assert_int_equal(PARSE(run, "-"), 0);
	assert_string_equal(words[operand], "-");
}

static void options_between_operands(void **state)
{
	(void)state;
	assert_int_equal(PARSE(report, "a", "-o", "f", "b", "--format", "json", "--", "-c"), 0);
	assert_string_equal(settings.output, "f");
	assert_string_equal(words[operand], "a");
	assert_string_equal(words[operand + 1], "b");
	assert_string_equal(words[operand + 2], "-c");
	assert_null(words[operand + 3]);
}

static void options_no_operand(void **state)
{
	(void)state;
	assert_int_equal(PARSE(run, "-q"), 0);
	assert_int_equal(operand, 2);
	assert_int_equal(PARSE(run, "-q", "--"), 0);
	assert_int_equal(operand, 3);
}

static void options_refused(void **state)
{
	(void)state;
	settings.exit_code = 42;
	assert_true(PARSE(run, "--nope") < 0);
	assert_true(PARSE(run, "-z") < 0);
	assert_true(PARSE(run, "--output") < 0);
	assert_true(PARSE(run, "--quiet=1") < 0);
	assert_true(PARSE(run, "--forma", "json") < 0);
	assert_true(PARSE(run, "--exit-code=-1") < 0);
	assert_true(PARSE(run, "--exit-code=") < 0);
	assert_true(PARSE(report, "--keep", "d") < 0);
	assert_int_equal(settings.exit_code, 42);
}

/* Every option has a help text, and names are not given twice. */
static void options_tables(void **state)
{
	static const struct cli_option_table *const tables[] = {
		&cli_options_run, &cli_options_report, &cli_options_model};

	(void)state;
	for (size_t t = 0; t < 3; t++) {
		assert_non_null(cli_command_find(tables[t]->command));
		for (size_t i = 0; i < tables[t]->n; i++) {
			assert_true(strlen(tables[t]->options[i].help) > 5);
			for (size_t k = 0; k < i; k++)
				assert_string_not_equal(
					tables[t]->options[i].name, tables[t]->options[k].name);
		}
	}
}

static void progress_waits_and_is_rare(void **state)
{
	struct cli_progress p = {.on = true, .begin = 5000};
	char line[160] = "";

	(void)state;
	assert_false(cli_progress_line(&p, 5900, "naming locks", 1, 9, line, sizeof(line)));
	assert_true(cli_progress_line(&p, 6100, "naming locks", 2, 9, line, sizeof(line)));
	assert_string_equal(line, "lockdag: naming locks, 2 of 9 (1 s)");
	assert_false(cli_progress_line(&p, 6200, "naming locks", 3, 9, line, sizeof(line)));
	assert_true(cli_progress_line(&p, 7300, "looking for cycles", 0, 0, line, sizeof(line)));
	assert_string_equal(line, "lockdag: looking for cycles (2 s)");
	p.on = false; /* no terminal */
	assert_false(cli_progress_line(&p, 9900, "naming locks", 4, 9, line, sizeof(line)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(progress_waits_and_is_rare),
		cmocka_unit_test(options_defaults),
		cmocka_unit_test(options_all_forms),
		cmocka_unit_test(options_letters_together),
		cmocka_unit_test(options_end_at_command),
		cmocka_unit_test(options_between_operands),
		cmocka_unit_test(options_no_operand),
		cmocka_unit_test(options_refused),
		cmocka_unit_test(options_tables),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
