/* SPDX-License-Identifier: MIT
 *
 * Options that come from somewhere else than the command line: LOCKDAG_OPTIONS, and a file `.lockdag`. What
 * another command than this one takes is left alone; what none takes is refused.
 */
#ifndef LOCKDAG_CLI_CONFIGURE_H
#define LOCKDAG_CLI_CONFIGURE_H

#include "cli/options.h"

#define CLI_CONFIG_NAME ".lockdag"

/* Each: 0, or -EINVAL (or another negative errno) after a message. */

/* text: the value of LOCKDAG_OPTIONS, or NULL. */
int cli_configure_words(
	const struct cli_option_table *table, const char *text, struct cli_settings *settings);
/* path: of --config; "none": no file; NULL: the next .lockdag from the working directory upwards. */
int cli_configure_file(
	const struct cli_option_table *table, const char *path, struct cli_settings *settings);
/* The same with a file's text. directory: what paths in it are told from. */
int cli_configure_text(const struct cli_option_table *table, const char *path, const char *directory,
	const char *text, size_t n, struct cli_settings *settings);

/* Frees what settings point to. */
void cli_configure_done(void);

#endif
