/* SPDX-License-Identifier: MIT
 *
 * Files of suppressions and baselines.
 */
#ifndef LOCKDAG_CLI_SUPPRESS_H
#define LOCKDAG_CLI_SUPPRESS_H

#include "cli/options.h"
#include "suppress/suppress.h"

/* Reads the files; *ret is NULL when there are none. 0 or 125 after a message. */
int cli_suppress_load(const struct cli_list *files, struct lockdag_suppressions **ret_suppressions);

/* facts with what the suppressions did. list may be NULL. The rows are the caller's to free. 0 or
 * -ENOMEM. */
int cli_suppress_facts(const struct lockdag_suppressions *list, struct lockdag_report_facts *facts,
	struct lockdag_report_suppression **ret_rows);

/* A baseline file, JSON report or session as a list of known findings. 0 or 125 after a message. */
int cli_known_load(const char *path, const struct cli_settings *settings,
	struct lockdag_baseline *ret_baseline);

#endif
