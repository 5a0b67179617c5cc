/* SPDX-License-Identifier: MIT
 *
 * lockdag baseline, lockdag diff: findings that are known, and what has changed.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/output.h"
#include "cli/suppress.h"

/* Adds the rows of another list, which is taken. */
static int baseline_join(struct lockdag_baseline *all, struct lockdag_baseline *more)
{
	struct lockdag_known *items = realloc(all->items, (all->n + more->n + 1) * sizeof(*items));

	if (!items)
		return -ENOMEM;
	all->items = items;
	for (size_t i = 0; i < more->n; i++) {
		size_t k = 0;

		while (k < all->n && items[k].id != more->items[i].id)
			k++;
		if (k == all->n) {
			items[all->n++] = more->items[i];
			more->items[i] = (struct lockdag_known){0};
		} else if (items[k].grade < more->items[i].grade) {
			items[k].grade = more->items[i].grade;
		}
	}
	return 0;
}

static int baseline_write(const struct cli_settings *settings, const struct lockdag_baseline *all)
{
	struct cli_output out;
	char *text = NULL;
	int status = cli_output_open(&out, settings, STDOUT_FILENO), r;

	if (status)
		return status;
	r = lockdag_baseline_print(all, &text);
	if (r == 0 && fputs(text, out.file) < 0)
		r = -EIO;
	free(text);
	if (cli_output_close(&out) < 0 && r == 0)
		r = -EIO;
	return r < 0 ? cli_fail("cannot write the baseline: %s", strerror(-r)) : 0;
}

int cli_command_baseline(int argc, char **argv)
{
	struct lockdag_baseline all = {0};
	struct cli_settings settings;
	int operand, status = 0;

	if (cli_options_parse(&cli_options_baseline, argc, argv, &settings, &operand) < 0)
		return CLI_EXIT_FAILURE;
	if (settings.help) {
		cli_options_help(&cli_options_baseline, stdout);
		return 0;
	}
	if (operand >= argc)
		return cli_fail("baseline: of what? usage: lockdag baseline [options] FILE... "
				"(JSON reports, "
				"sessions, baselines)");
	for (int i = operand; status == 0 && i < argc; i++) {
		struct lockdag_baseline one = {0};

		status = cli_known_load(argv[i], &settings, &one);
		if (status == 0 && baseline_join(&all, &one) < 0)
			status = cli_fail("%s", strerror(ENOMEM));
		lockdag_baseline_done(&one);
	}
	if (status == 0)
		status = baseline_write(&settings, &all);
	lockdag_baseline_done(&all);
	return status;
}

/* ------------------------------------------------------------------ diff */

static void diff_print(void *context, enum lockdag_change change, const struct lockdag_known *was,
	const struct lockdag_known *is)
{
	const struct lockdag_known *known = is ? is : was;
	char grades[64];

	if (was && is)
		snprintf(grades, sizeof(grades), "%s -> %s", lockdag_grade_word(was->grade),
			lockdag_grade_word(is->grade));
	else
		snprintf(grades, sizeof(grades), "%s", lockdag_grade_word(known->grade));
	fprintf(context, "%-9s%016llx  %s %s  ", lockdag_change_word(change),
		(unsigned long long)known->id, grades, known->kind);
	for (const char *s = known->title; *s; s++)
		fputc((unsigned char)*s < 0x20 || *s == 0x7f ? '?' : *s, context);
	fputc('\n', context);
}

static int diff_files(const struct cli_settings *settings, const struct lockdag_baseline *old,
	const struct lockdag_baseline *new)
{
	size_t n[LOCKDAG_N_CHANGES];
	struct cli_output out;
	int status = cli_output_open(&out, settings, STDOUT_FILENO);

	if (status)
		return status;
	lockdag_baseline_diff(old, new, diff_print, out.file, n);
	fprintf(out.file, "lockdag: %zu new, %zu stronger, %zu weaker, %zu gone\n",
		n[LOCKDAG_CHANGE_NEW], n[LOCKDAG_CHANGE_STRONGER], n[LOCKDAG_CHANGE_WEAKER],
		n[LOCKDAG_CHANGE_GONE]);
	if (ferror(out.file) || cli_output_close(&out) < 0)
		return cli_fail("cannot write the differences: %s", strerror(EIO));
	return n[LOCKDAG_CHANGE_NEW] || n[LOCKDAG_CHANGE_STRONGER] ? settings->exit_code : 0;
}

int cli_command_diff(int argc, char **argv)
{
	struct lockdag_baseline old = {0}, new = {0};
	struct cli_settings settings;
	int operand, status;

	if (cli_options_parse(&cli_options_diff, argc, argv, &settings, &operand) < 0)
		return CLI_EXIT_FAILURE;
	if (settings.help) {
		cli_options_help(&cli_options_diff, stdout);
		return 0;
	}
	if (operand + 2 != argc)
		return cli_fail(
			"diff: two files, please: lockdag diff [options] OLD NEW (JSON reports, "
			"sessions, baselines)");
	status = cli_known_load(argv[operand], &settings, &old);
	if (status == 0)
		status = cli_known_load(argv[operand + 1], &settings, &new);
	if (status == 0)
		status = diff_files(&settings, &old, &new);
	lockdag_baseline_done(&old);
	lockdag_baseline_done(&new);
	return status;
}
