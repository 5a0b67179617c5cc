/* SPDX-License-Identifier: MIT
 *
 * lockdag run: everything that can go wrong is found out before the program is started.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/debuginfod.h"
#include "cli/environment.h"
#include "cli/judge.h"
#include "cli/program.h"

/* The directory for kept sessions, made if it is missing. 0 or 125 after a message. */
static int run_check_keep(const char *directory)
{
	struct stat st;

	if (mkdir(directory, 0777) < 0 && errno != EEXIST)
		return cli_fail("--keep %s: %s", directory, strerror(errno));
	if (stat(directory, &st) < 0)
		return cli_fail("--keep %s: %s", directory, strerror(errno));
	if (!S_ISDIR(st.st_mode))
		return cli_fail("--keep %s: %s", directory, strerror(ENOTDIR));
	if (faccessat(AT_FDCWD, directory, W_OK | X_OK, AT_EACCESS) < 0)
		return cli_fail("--keep %s: %s", directory, strerror(errno));
	return 0;
}

static int run_session(struct cli_judge *j, const char *command)
{
	uint32_t options = 0;
	int r;

	if (j->settings->no_embed)
		options |= LOCKDAG_SESSION_NO_EMBED;
	if (!j->settings->follow_exec)
		options |= LOCKDAG_SESSION_NO_EXEC;
	r = lockdag_session_create(command, options, &j->source.session);
	if (r == -EFBIG)
		return cli_fail(
			"cannot make a session: the limit on the size of files is below what "
			"it may grow to (ulimit -f unlimited)");
	if (r < 0)
		return cli_fail("cannot make a session: %s", strerror(-r));
	j->source.label = cli_base_name(command);
	j->source.live = true;
	j->analyst = (struct cli_analyst){
		.sources = &j->source, .n_sources = 1, .unlikely = j->settings->show_unlikely,
		.no_waits = !j->settings->waits, .order = j->analyst.order,
		.suppressions = j->out.suppressions};
	cli_debuginfod_set(j->settings, &j->child, &j->analyst.symbols_options);
	j->hang.symbols = &j->analyst.symbols_options;
	return 0;
}

static int run_watched(
	struct cli_judge *j, const struct cli_program *program, const char *guest, char **argv)
{
	const struct cli_spawn spawn = {
		.path = program->path,
		.argv = argv,
		.guest = guest,
		.session_fd = lockdag_session_fd(j->source.session),
		.asan = program->asan,
	};
	int status = cli_child_start(&spawn, &j->child);

	if (status)
		return status;
	j->asan = program->asan;
	cli_judge_watch(j);
	return cli_judge_end(j);
}

static int run_command(const struct cli_settings *settings, char **argv)
{
	struct cli_judge j = {.settings = settings};
	struct cli_program program;
	char guest[4096];
	int status = cli_program_find(argv[0], &program);

	if (status == 0)
		status = cli_guest_find(guest, sizeof(guest));
	if (status == 0 && settings->keep)
		status = run_check_keep(settings->keep);
	if (status == 0)
		status = cli_order_open(&j.analyst.order, settings->order);
	if (status == 0)
		status = cli_output_open(&j.out, settings, STDERR_FILENO);
	if (status == 0)
		status = run_session(&j, argv[0]);
	if (status == 0)
		status = run_watched(&j, &program, guest, argv);
	cli_order_done(&j.analyst.order);
	cli_judge_done(&j);
	return status;
}

int cli_command_run(int argc, char **argv)
{
	struct cli_settings settings;
	int operand;

	if (cli_options_parse(&cli_options_run, argc, argv, &settings, &operand) < 0)
		return CLI_EXIT_FAILURE;
	if (settings.help) {
		cli_options_help(&cli_options_run, stdout);
		return 0;
	}
	if (operand >= argc)
		return cli_fail(
			"run: which command? usage: lockdag run [options] [--] COMMAND [ARG...]");
	return run_command(&settings, argv + operand);
}
