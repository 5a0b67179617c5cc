/* SPDX-License-Identifier: MIT
 *
 * Options: one table for each command, for parsing and for its help.
 */
#ifndef LOCKDAG_CLI_OPTIONS_H
#define LOCKDAG_CLI_OPTIONS_H

#include <stdio.h>

#include "core/core.h"
#include "report/report.h"

enum cli_color { CLI_COLOR_AUTO, CLI_COLOR_ALWAYS, CLI_COLOR_NEVER };
enum cli_on_hang { CLI_HANG_KILL, CLI_HANG_REPORT, CLI_HANG_CORE };
enum cli_on_deadlock { CLI_DEADLOCK_REPORT, CLI_DEADLOCK_ABORT, CLI_DEADLOCK_KILL };

#define CLI_FAIL_NEVER LOCKDAG_N_GRADES /* above every grade */

#define CLI_MAX_LIST 32 /* times that one option may be given */

/* The values of an option that may be given several times. */
struct cli_list {
	size_t n;
	const char *items[CLI_MAX_LIST];
};

/* --report FORMAT=FILE. */
struct cli_reports {
	size_t n;
	struct cli_report {
		enum lockdag_format format;
		const char *path;
	} items[CLI_MAX_LIST];
};

/* What the options of all commands say. */
struct cli_settings {
	const char *output; /* NULL: stderr (run) or stdout */
	enum lockdag_format format;
	struct cli_reports reports; /* besides the one at output */
	unsigned columns;	    /* 0: not said */
	const char *source_root;    /* or NULL */
	struct cli_list suppressions;
	const char *gen_suppressions; /* or NULL */
	enum lockdag_graph_form graph_form;
	unsigned fail_on; /* enum lockdag_grade or CLI_FAIL_NEVER */
	int exit_code;
	bool show_unlikely;
	bool waits;
	enum cli_color color;
	enum cli_on_deadlock on_deadlock;
	const char *config; /* or NULL */
	const char *debuginfod; /* on, off, URLs; NULL: as the environment says */
	const char *keep; /* or NULL */
	const char *order; /* or NULL */
	bool no_live, no_embed, follow_exec, quiet, help;
	bool print_model, lines;
	int64_t hang_timeout_ms, stall_ms; /* 0: none */
	enum cli_on_hang on_hang;
	bool no_stop, tree, alone; /* of hang */
	const char *exe;
	bool follow; /* kernel, with all below */
	unsigned cuts; /* 0: not said */
	const char *without, *reorder, *split, *baseline; /* or NULL */
	bool only_new;
};

struct cli_option {
	char letter; /* or 0 */
	const char *name;
	const char *argument; /* what help calls it; NULL: takes none */
	/* Puts value where field is; value is NULL for an option without argument. 0 or -EINVAL. */
	int (*parse)(void *field, const char *value);
	size_t field;
	const char *help;
};

struct cli_option_table {
	const char *command;
	size_t n;
	const struct cli_option *options;
	bool command_line; /* the first operand ends the options: the rest is a command of its own
			    */
};
/* All of them. */
extern const struct cli_option_table *const cli_option_tables[];
extern const size_t cli_n_option_tables;
extern const struct cli_option_table cli_options_run, cli_options_report, cli_options_model,
	cli_options_graph, cli_options_hang,
	cli_options_baseline, cli_options_diff,
	cli_options_kernel;

/* NULL: the command has none of that long name. */
const struct cli_option *cli_option_find(const struct cli_option_table *table, const char *name);

void cli_options_default(struct cli_settings *settings);

/* Sets *ret_settings from the defaults, a file (configure.h), LOCKDAG_OPTIONS and argv[1 ..]; what comes later
 * wins. The operands end up in argv[*ret_operand ..
 * argc). 0, or -EINVAL after a message on stderr. */
int cli_options_parse(const struct cli_option_table *table, int argc, char **argv,
	struct cli_settings *ret_settings, int *ret_operand);

void cli_options_help(const struct cli_option_table *table, FILE *out);

#endif
