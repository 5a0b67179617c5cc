/* SPDX-License-Identifier: MIT */
#ifndef LOCKDAG_CLI_NAME_FILE_H
#define LOCKDAG_CLI_NAME_FILE_H

#include "cli/load.h"

/* Names the lock of a file (row `lock` of the model), and its class. 0 or a negative errno. */
int cli_name_file(struct cli_loaded *l, uint32_t key, const struct lockdag_session_key *row,
	uint32_t lock);

/* What symbols say of the class's birth (name.c). */
int cli_name_ask(struct cli_loaded *l, const struct lockdag_session_class *row,
	struct lockdag_symbols_name *ret);

#endif
