/* SPDX-License-Identifier: MIT
 *
 * lockdag help, lockdag version.
 */
#include <elf.h>
#include <link.h>
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

/* Prints the build id in the notes of one segment. */
static void version_notes(const char *notes, size_t size)
{
	while (size >= sizeof(ElfW(Nhdr))) {
		const ElfW(Nhdr) *note = (const ElfW(Nhdr) *)notes;
		size_t name = (note->n_namesz + 3u) & ~3u, text = (note->n_descsz + 3u) & ~3u;
		const unsigned char *id = (const unsigned char *)(note + 1) + name;

		if (name + text > size - sizeof(*note))
			return;
		if (note->n_type == NT_GNU_BUILD_ID && note->n_namesz == sizeof(ELF_NOTE_GNU) &&
			!memcmp(note + 1, ELF_NOTE_GNU, sizeof(ELF_NOTE_GNU))) {
			fputs(" (build id ", stdout);
			for (size_t i = 0; i < note->n_descsz; i++)
				printf("%02x", id[i]);
			putchar(')');
			return;
		}
		notes += sizeof(*note) + name + text;
		size -= sizeof(*note) + name + text;
	}
}

/* The first object is the program itself. */
static int version_of_program(struct dl_phdr_info *info, size_t size, void *arg)
{
	(void)size;
	(void)arg;
	for (size_t i = 0; i < info->dlpi_phnum; i++)
		if (info->dlpi_phdr[i].p_type == PT_NOTE)
			version_notes((const char *)info->dlpi_addr + info->dlpi_phdr[i].p_vaddr,
				info->dlpi_phdr[i].p_memsz);
	return 1;
}

int cli_command_version(int argc, char **argv)
{
	if (argc > 1)
		return cli_fail("version: takes no arguments, not '%s'", argv[1]);
	fputs("lockdag " LOCKDAG_VERSION, stdout);
	dl_iterate_phdr(version_of_program, NULL);
	putchar('\n');
	return fflush(stdout) ? CLI_EXIT_FAILURE : 0;
}
