/* SPDX-License-Identifier: MIT
 *
 * What a long analysis is about, on a terminal: one line that is written over, and gone at the end.
 */
#ifndef LOCKDAG_CLI_PROGRESS_H
#define LOCKDAG_CLI_PROGRESS_H

#include "base/base.h"

#define CLI_PROGRESS_AFTER_MS 1000 /* nobody wants to read of less */
#define CLI_PROGRESS_EVERY_MS 200

struct cli_progress {
	bool on, shown;
	int64_t begin, last; /* ms */
};

/* From now on, when stderr is a terminal, until cli_progress_end(). */
void cli_progress_begin(void);
void cli_progress_end(void);
/* done of total; total 0: nobody knows how much it is. Cheap: a look at the clock now and then. */
void cli_progress(const char *what, size_t done, size_t total);

/* The line to write at `now` (ms), if it is time for one. */
bool cli_progress_line(struct cli_progress *p, int64_t now, const char *what, size_t done,
	size_t total, char *line, size_t size);

#endif
