/* SPDX-License-Identifier: MIT */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/configure.h"

/* A closed standard descriptor would be handed to the first file that is opened here, and reports
 * would be written into it. Close-on-exec: the watched program finds it closed again. */
static void main_guard_descriptors(void)
{
	for (int fd = 0; fd <= 2; fd++)
		if (fcntl(fd, F_GETFD) < 0)
			(void)!open("/dev/null", O_RDWR | O_CLOEXEC);
}

static const char *main_alias(const char *word)
{
	if (!strcmp(word, "--help") || !strcmp(word, "-h"))
		return "help";
	return !strcmp(word, "--version") || !strcmp(word, "-V") ? "version" : word;
}

int main(int argc, char **argv)
{
	const struct cli_command *command;
	int status;

	main_guard_descriptors();
	if (argc < 2) {
		fprintf(stderr, "usage: lockdag COMMAND ... (`lockdag help` lists the commands)\n");
		return CLI_EXIT_FAILURE;
	}
	command = cli_command_find(main_alias(argv[1]));
	if (!command)
		return cli_fail("unknown command %s (`lockdag help` lists them)", argv[1]);
	status = command->run(argc - 1, argv + 1);
	cli_configure_done();
	return status;
}
