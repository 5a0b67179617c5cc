/* SPDX-License-Identifier: MIT
 *
 * The source tree that reports tell paths from, and quote lines of.
 */
#ifndef LOCKDAG_CLI_TREE_H
#define LOCKDAG_CLI_TREE_H

#include "base/vec.h"
#include "report/report.h"

/* A file as frames name it. */
struct cli_tree_file {
	char *name;
	char *path; /* below the root, else absolute; NULL: there is none */
	char *text; /* NULL: not read yet, or cannot be read */
	bool read;
	LOCKDAG_VEC(const char *) lines; /* where each begins; one more for the end */
};

struct cli_tree {
	char *root;                              /* absolute */
	LOCKDAG_VEC(struct cli_tree_file) files; /* sorted by name */
	struct lockdag_report_tree tree;         /* what reports get */
};

/* root: NULL for $GITHUB_WORKSPACE, else the working directory. 0 or a negative errno. The tree
 * must stay where it is. */
int cli_tree_init(struct cli_tree *tree, const char *root);
void cli_tree_done(struct cli_tree *tree);

#endif
