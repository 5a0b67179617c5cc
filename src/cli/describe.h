/* SPDX-License-Identifier: MIT
 *
 * Functions, files and lines for the stacks that findings show, and only for those.
 */
#ifndef LOCKDAG_CLI_DESCRIBE_H
#define LOCKDAG_CLI_DESCRIBE_H

#include "core/core.h"
#include "symbols/symbols.h"

/* unlikely: those of ruled-out findings too. 0 or a negative errno. */
int cli_describe(struct lockdag_model *m, const struct lockdag_findings *f,
	struct lockdag_symbols *symbols, bool unlikely);
int cli_describe_finding(struct lockdag_model *m, const struct lockdag_finding *finding,
	struct lockdag_symbols *symbols);

/* The stacks of the first observation of each edge. */
int cli_describe_graph(struct lockdag_model *m, const struct lockdag_class_graph *g,
	struct lockdag_symbols *symbols);

#endif
