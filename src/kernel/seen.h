/* SPDX-License-Identifier: MIT
 *
 * What the last reports of a file said, so that it is not told again where a mail has it once more.
 */
#ifndef LOCKDAG_KERNEL_SEEN_H
#define LOCKDAG_KERNEL_SEEN_H

#include "kernel/kernel.h"

#define SEEN_REPORTS 16 /* that are remembered */
#define SEEN_LINKS 256  /* of their chains */

/* All zero: nothing yet. */
struct seen {
	uint64_t reports[SEEN_REPORTS]; /* as hashes */
	uint64_t links[SEEN_LINKS];     /* the same: index and class */
	size_t n_reports, n_links;      /* of the file */
};

/* Remembers the report. Was it seen before? A mail's text comes with the same as a page (html):
 * what was said once is not said again by a page. And a chain by itself may be quoted from a
 * report. */
bool seen_before(struct seen *seen, const struct lockdag_splat *splat, bool html);

#endif
