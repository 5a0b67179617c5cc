/* SPDX-License-Identifier: MIT
 *
 * --order FILE: the order that a run is held to.
 */
#ifndef LOCKDAG_CLI_ORDER_H
#define LOCKDAG_CLI_ORDER_H

#include "base/text.h"
#include "core/core.h"

/* All of a file ("-": standard input). 0 or a negative errno. */
int cli_text_read(const char *path, struct lockdag_text *ret_text);

struct cli_order {
	struct lockdag_text text;
};

/* path: NULL: there is none, which is fine. 0, or CLI_EXIT_FAILURE after a message. */
int cli_order_open(struct cli_order *o, const char *path);
/* Adds the order's rows to a model. 0 or a negative errno. */
int cli_order_add(const struct cli_order *o, struct lockdag_model *m);
void cli_order_done(struct cli_order *o);

#endif
