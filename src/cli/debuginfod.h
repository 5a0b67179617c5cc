/* SPDX-License-Identifier: MIT
 *
 * Servers of debug information, as settings and environment say: nobody is asked who was not named.
 */
#ifndef LOCKDAG_CLI_DEBUGINFOD_H
#define LOCKDAG_CLI_DEBUGINFOD_H

#include "cli/options.h"
#include "cli/spawn.h"
#include "symbols/symbols.h"

/* child: whose signals are read while a server is waited for; NULL: there is none. */
void cli_debuginfod_set(const struct cli_settings *settings, struct cli_child *child,
	struct lockdag_symbols_options *options);

/* The value of --debuginfod. */
bool cli_debuginfod_is_right(const char *value);

#endif
