/* SPDX-License-Identifier: MIT
 *
 * cli: the program `lockdag`. One file per sub-command (cmd_*.c), one list of them (commands.def),
 * one list of options each (options_*.def). Only this room prints and ends.
 *
 *	program.c elf.c		what COMMAND is, and whether it can be watched
 *	environment.c spawn.c	starting it, as its caller would have
 *	judge.c			watching the session grow; live reports; the end
 *	live.c blocked.c	a deadlock that is there now
 *	hang_watch.c		the same from outside; limits of time
 *	source.c load.c stacks.c name.c describe.c analyse.c	session -> model -> findings
 *	facts.c output.c	what else to say, and where
 */
#ifndef LOCKDAG_CLI_H
#define LOCKDAG_CLI_H

#include "base/base.h"

/* Exit statuses (docs/exit-status.md). */
enum {
	CLI_EXIT_FINDING = 66,     /* --exit-code changes it */
	CLI_EXIT_TIMED_OUT = 124,  /* --hang-timeout, --stall: as timeout(1) */
	CLI_EXIT_FAILURE = 125,    /* lockdag itself failed */
	CLI_EXIT_CANNOT_RUN = 126, /* COMMAND is there but is not executable */
	CLI_EXIT_NOT_FOUND = 127,
};

struct cli_command {
	const char *name;
	int (*run)(int argc, char **argv); /* argv[0] is the command's name; returns exit status */
	const char *operands, *help;
};
extern const struct cli_command cli_commands[];
extern const size_t cli_n_commands;
const struct cli_command *cli_command_find(const char *name); /* NULL: there is none */

#define COMMAND(name, function, operands, help) int function(int argc, char **argv);
#include "commands.def"
#undef COMMAND

/* One line on stderr: "lockdag: " and the message. */
LOCKDAG_PRINTF(1, 2) void cli_say(const char *fmt, ...);
/* The same, and returns CLI_EXIT_FAILURE. */
LOCKDAG_PRINTF(1, 2) int cli_fail(const char *fmt, ...);

/* The part of a path after its last slash; the path itself when there is none. */
const char *cli_base_name(const char *path);

#endif
