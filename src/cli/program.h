/* SPDX-License-Identifier: MIT
 *
 * What the command is, and whether it can be watched. Said before it is started: ld.so drops a
 * preload silently (static, setuid), or the wrong one would do harm (musl).
 */
#ifndef LOCKDAG_CLI_PROGRAM_H
#define LOCKDAG_CLI_PROGRAM_H

#include "base/base.h"

struct cli_program {
	char path[4096]; /* what exec is given */
	bool asan;       /* wants to come first among the preloads; refuses unless told otherwise */
};

/* Looks `command` up as a shell does. 0, or an exit status (125, 126, 127) after a message. */
int cli_program_find(const char *command, struct cli_program *ret);

/* What an ELF file says about itself. */
struct cli_elf {
	bool elf;
	bool is_32_bit;
	bool other_machine;
	bool has_interpreter;
	char interpreter[256];
	bool asan;
	bool rust; /* the Rust compiler made a part of it */
};
/* 0 or a negative errno; a file that is no ELF file: 0 and ->elf false. */
int cli_elf_read(int fd, struct cli_elf *ret);

#endif
