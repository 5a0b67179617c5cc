/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "cli/cli.h"

const struct cli_command cli_commands[] = {
#define COMMAND(name, function, operands, help) {name, function, operands, help},
#include "commands.def"
#undef COMMAND
};
const size_t cli_n_commands = LOCKDAG_ARRAY_SIZE(cli_commands);

const struct cli_command *cli_command_find(const char *name)
{
	for (size_t i = 0; i < cli_n_commands; i++)
		if (!strcmp(name, cli_commands[i].name))
			return &cli_commands[i];
	return NULL;
}
