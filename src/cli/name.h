/* SPDX-License-Identifier: MIT
 *
 * Names and stable keys for the locks that take part in edges, and only for those.
 */
#ifndef LOCKDAG_CLI_NAME_H
#define LOCKDAG_CLI_NAME_H

#include "cli/load.h"

/* 0 or a negative errno. */
int cli_name(struct cli_loaded *l);

#endif
