/* SPDX-License-Identifier: MIT
 *
 * lockdag help, lockdag version.
 */
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/options.h"

static int help_list(FILE *out)
{
	fprintf(out, "lockdag: the lock dependency validator for user space\n\n");
	for (size_t i = 0; i < cli_n_commands; i++)
		fprintf(out, "  lockdag %s %s\n      %s\n", cli_commands[i].name,
			cli_commands[i].operands, cli_commands[i].help);
	fprintf(out, "\n`lockdag help COMMAND` lists the options of a command.\n");
	return fflush(out) ? CLI_EXIT_FAILURE : 0;
}

int cli_command_help(int argc, char **argv)
{
	const struct cli_command *command;

	if (argc < 2)
		return help_list(stdout);
	command = cli_command_find(argv[1]);
	if (!command)
		return cli_fail("help: unknown command %s (`lockdag help` lists them)", argv[1]);
	for (size_t i = 0; i < cli_n_option_tables; i++) {
		if (!strcmp(cli_option_tables[i]->command, command->name)) {
			cli_options_help(cli_option_tables[i], stdout);
			return 0;
		}
	}
	printf("usage: lockdag %s %s\n\n%s\n", command->name, command->operands, command->help);
	return 0;
}

int cli_command_version(int argc, char **argv)
{
	if (argc > 1)
		return cli_fail("version: takes no arguments, not '%s'", argv[1]);
	printf("lockdag " LOCKDAG_VERSION "\n");
	return 0;
}
