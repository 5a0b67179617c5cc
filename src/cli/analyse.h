/* SPDX-License-Identifier: MIT
 *
 * Sessions -> model -> names -> findings -> described stacks: one look.
 */
#ifndef LOCKDAG_CLI_ANALYSE_H
#define LOCKDAG_CLI_ANALYSE_H

#include "cli/order.h"
#include "cli/source.h"
#include "core/core.h"
#include "suppress/suppress.h"
#include "symbols/symbols.h"

struct cli_analysis {
	struct lockdag_model *model;
	struct lockdag_findings *findings;
	struct lockdag_class_graph *graph; /* NULL: was not asked for */
	bool order_given; /* by --order */
	uint64_t skipped; /* records of the sessions that did not make sense */
};

/* What outlives a look. */
struct cli_analyst {
	struct cli_source *sources;
	size_t n_sources;
	struct lockdag_symbols_options symbols_options;
	struct lockdag_symbols *symbols; /* made when first needed; cli_analyst_done() frees it */
	bool unlikely;                   /* ruled-out findings are to be shown: describe them */
	bool no_waits;                   /* judge locks alone */
	struct lockdag_suppressions *suppressions; /* the output's, or NULL */
	bool graph;                      /* make the whole graph, and describe its edges */
	struct cli_order order;          /* that the run is held to; the caller's */
};

/* 0 or a negative errno. */
int cli_analyse(struct cli_analyst *analyst, struct cli_analysis *ret);
/* Takes out what is suppressed; suppressions may be NULL. 0 or a negative errno. */
int cli_suppress(struct lockdag_suppressions *suppressions, const struct lockdag_model *m,
	struct lockdag_findings *f);
void cli_analysis_done(struct cli_analysis *analysis);
/* Opens kept sessions; cli_source_done() for each in any case. 0 or 125 after a message. */
int cli_report_open(struct cli_source *sources, char **paths, size_t n);
void cli_analyst_done(struct cli_analyst *analyst); /* the sources are the caller's */

#endif
