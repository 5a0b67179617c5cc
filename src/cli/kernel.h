/* SPDX-License-Identifier: MIT
 *
 * What `lockdag kernel` has read: kernel_read.c fills it, kernel_print.c shows it.
 */
#ifndef LOCKDAG_CLI_KERNEL_H
#define LOCKDAG_CLI_KERNEL_H

#include <stdio.h>

#include "base/vec.h"
#include "cli/options.h"
#include "kernel/kernel.h"
#include "suppress/suppress.h"

struct cli_kernel {
	LOCKDAG_VEC(struct lockdag_splat *) splats; /* in the order they were found */
	LOCKDAG_VEC(struct lockdag_kgraph *) graphs;
	LOCKDAG_VEC(struct lockdag_splat_note) notes; /* outside of reports; texts are copies */
	uint64_t *known;	   /* ids of the baseline, sorted */
	size_t n_known;
	struct lockdag_union *all; /* of the above, once united */
	struct lockdag_suppressions *suppressions; /* the output's, or NULL */
	size_t n_suppressed; /* reports that were dropped */
	/* Called for each record as soon as it is read, which is not kept then (-f); NULL: all are
	 * kept. */
	int (*told)(struct cli_kernel *kernel, const struct lockdag_splat *splat);
	void *told_context;
};

/* Reads files, the files of directories (recursively, in the order of their names) and "-". 0, or
 * 125 after a message; what could be read is read whatever happened to the rest. */
int cli_kernel_read(struct cli_kernel *kernel, char **paths, int n, bool follow);
void cli_kernel_done(struct cli_kernel *kernel);

/* -f: the last of the paths is read on and on; each report is printed as soon as it is read. Ends
 * when a pipe does. 0, or 125 after a message. */
int cli_kernel_follow(struct cli_kernel *kernel, char **paths, int n, FILE *out,
	const struct cli_settings *settings);

/* kernel_union.c: reads what is known. -EINVAL after a message. */
int cli_kernel_baseline(struct cli_kernel *kernel, const char *path);
bool cli_kernel_knows(const struct cli_kernel *kernel, uint64_t id);
/* Makes kernel->all of what was read. 0 or a negative errno. */
int cli_kernel_unite(struct cli_kernel *kernel);
struct json_t;
/* What --without, --reorder and --split ask for: into the text, and the document if there is one. -EINVAL
 * after a message. */
int cli_kernel_what_if(const struct cli_kernel *kernel, const struct cli_settings *settings,
	struct lockdag_text *text, struct json_t *document);

/* Drops the reports that are in the baseline, and plans for the others alone. */
int cli_kernel_only_new(struct cli_kernel *kernel);
/* The same for those that are suppressed. */
int cli_kernel_suppress(struct cli_kernel *kernel);
/* Is the report with that id? False when memory is out: it is shown. */
bool cli_kernel_is_suppressed(
	const struct cli_kernel *kernel, const struct lockdag_splat *splat, uint64_t id);

struct cli_output;
/* The whole output. 0 or a negative errno; -EINVAL after a message. */
int cli_kernel_print(struct cli_output *out, const struct cli_kernel *kernel,
	const struct cli_settings *settings);
/* One report's story. */
int cli_kernel_print_report(FILE *out, const struct cli_kernel *kernel, size_t report);

#endif
