/* SPDX-License-Identifier: MIT
 *
 * lockdag hang: who waits for whom in processes that are there, or in a core file.
 */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/debuginfod.h"
#include "cli/hang_core.h"
#include "cli/hang_session.h"
#include "cli/output.h"
#include "hang/hang.h"

#define HANG_MAX_PIDS 256

/* A word of digits alone is a process. 0: it is none. */
static int hang_pid(const char *word)
{
	char *end;
	long pid = strtol(word, &end, 10);

	return *end || end == word || pid <= 0 || pid > 1 << 30 ? 0 : (int)pid;
}

/* ^C while processes are stopped must not leave before they are let go. */
static void hang_block_signals(sigset_t *before)
{
	sigset_t all;

	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, before);
}

static int hang_pids(char **words, int n, const struct lockdag_hang_options *options,
	struct lockdag_standstill **ret)
{
	struct lockdag_hang_options with_facts = *options;
	struct cli_hang_facts facts = {0};
	struct lockdag_hang_error error;
	int pids[HANG_MAX_PIDS];
	sigset_t before;
	int r = 0;

	if (n > HANG_MAX_PIDS)
		return cli_fail("hang: at most %d processes", HANG_MAX_PIDS);
	for (int i = 0; i < n; i++) {
		pids[i] = hang_pid(words[i]);
		if (!pids[i])
			return cli_fail(
				"hang: %s: a process id was expected (core files go one at a time)",
				words[i]);
		if (pids[i] == getpid())
			return cli_fail("hang: %s: that is lockdag itself", words[i]);
	}
	for (int i = 0; r == 0 && i < n; i++)
		r = cli_hang_facts_of(&facts, pids[i]);
	if (r < 0)
		return cli_fail("hang: %s", strerror(-r));
	with_facts.facts = facts.facts.items;
	with_facts.n_facts = facts.facts.n;
	hang_block_signals(&before);
	r = lockdag_hang_look(pids, (size_t)n, &with_facts, ret, &error);
	sigprocmask(SIG_SETMASK, &before, NULL);
	cli_hang_facts_done(&facts);
	return r < 0 ? cli_fail("hang: %s", error.message) : 0;
}

static int hang_core(const char *path, const struct lockdag_hang_options *options,
	struct lockdag_standstill **ret)
{
	struct lockdag_hang_error error;
	int r = lockdag_hang_core(path, options, ret, &error);

	if (r < 0)
		return cli_fail("hang: %s", error.message);
	r = cli_hang_core_seen(path, *ret);
	return r < 0 ? cli_fail("hang: %s", strerror(-r)) : 0;
}

static int hang_print(const struct cli_settings *settings, const struct lockdag_standstill *s)
{
	struct cli_output out;
	int status = cli_output_open(&out, settings, STDOUT_FILENO);
	struct lockdag_report_options options = {.color = out.color};
	int r;

	if (status)
		return status;
	r = lockdag_report_standstill(out.file, settings->format, s, &options);
	if (cli_output_close(&out) < 0 && r == 0)
		r = -EIO;
	if (r < 0)
		return cli_fail("hang: cannot write the report: %s", strerror(-r));
	return s->verdict == LOCKDAG_VERDICT_DEADLOCK ? settings->exit_code : 0;
}

int cli_command_hang(int argc, char **argv)
{
	struct lockdag_standstill *s = NULL;
	struct lockdag_symbols_options symbols;
	struct lockdag_hang_options options;
	struct cli_settings settings;
	int operand, status;

	if (cli_options_parse(&cli_options_hang, argc, argv, &settings, &operand) < 0)
		return CLI_EXIT_FAILURE;
	if (settings.help) {
		cli_options_help(&cli_options_hang, stdout);
		return 0;
	}
	if (settings.format != LOCKDAG_FORMAT_TEXT && settings.format != LOCKDAG_FORMAT_JSON)
		return cli_fail("hang: what hangs is told as text or json, not as %s",
			lockdag_format_word(settings.format));
	if (operand >= argc)
		return cli_fail("hang: which process? usage: lockdag hang [options] PID... | CORE");
	cli_debuginfod_set(&settings, NULL, &symbols);
	options = (struct lockdag_hang_options){.no_stop = settings.no_stop,
		.tree = settings.tree, .alone = settings.alone, .exe = settings.exe,
		.symbols = &symbols};
	if (hang_pid(argv[operand]))
		status = hang_pids(argv + operand, argc - operand, &options, &s);
	else if (operand + 1 < argc)
		status = cli_fail("hang: one core file at a time, please");
	else
		status = hang_core(argv[operand], &options, &s);
	if (status == 0)
		status = hang_print(&settings, s);
	lockdag_standstill_free(s);
	return status;
}
