/* SPDX-License-Identifier: MIT
 *
 * Where reports go, and what exit status they make.
 *
 * A regular file of -o holds a whole report at every moment and is rewritten; what cannot be
 * rewritten (stderr, a pipe, a terminal) gets live reports one after another and the whole report
 * at the end. One JSON document cannot be had in pieces: no live reports there. The files of --report
 * are like that of -o.
 */
#ifndef LOCKDAG_CLI_OUTPUT_H
#define LOCKDAG_CLI_OUTPUT_H

#include <stdio.h>

#include "base/vec.h"
#include "cli/options.h"
#include "cli/tree.h"
#include "suppress/suppress.h"

/* One more place with a format of its own. */
struct cli_output_more {
	FILE *file;
	enum lockdag_format format;
	bool rewritten;
};

struct cli_output {
	FILE *file;
	bool is_file;   /* of -o */
	bool rewritten; /* may be cut off and written again */
	bool color;
	bool silent; /* nothing goes to file: only to those of --report */
	LOCKDAG_VEC(uint64_t) told; /* ids of findings that need not be printed in full again */
	LOCKDAG_VEC(struct cli_output_more) more;
	struct cli_tree tree;
	struct lockdag_suppressions *suppressions; /* NULL: none */
	const struct lockdag_class_graph *graph; /* of what is reported; the caller's; NULL: not known */
};

/* Opens (and empties) settings->output, or takes a copy of descriptor `fd`. 0 or 125 after a
 * message. */
int cli_output_open(struct cli_output *out, const struct cli_settings *settings, int fd);
/* 0 or a negative errno: the last words could not be written. */
int cli_output_close(struct cli_output *out);

/* The whole report. 0 or a negative errno. */
int cli_output_report(struct cli_output *out, const struct cli_settings *settings,
	const struct lockdag_model *m, const struct lockdag_findings *f,
	const struct lockdag_report_facts *facts);
/* One finding while the program runs, where that is possible. */
int cli_output_finding(struct cli_output *out, const struct cli_settings *settings,
	const struct lockdag_model *m, const struct lockdag_finding *finding);

/* Has any of the reports a trait? */
bool cli_output_wants(const struct cli_settings *settings, enum lockdag_format_trait trait);

/* Is a finding at or above --fail-on? */
bool cli_output_fails(const struct cli_settings *settings, const struct lockdag_findings *f);

#endif
