/* SPDX-License-Identifier: MIT
 *
 * Is a line the first of a report? Subjects, patch titles, source and sentences have the same
 * words.
 */
#ifndef LOCKDAG_KERNEL_HEADER_H
#define LOCKDAG_KERNEL_HEADER_H

#include "kernel/anchors.h"
#include "kernel/lines.h"

struct header {
	const struct anchor *anchor;
	const char *base; /* what text and end count in: the line, or that decoded */
	struct line_mark mark;
	size_t text, end; /* of the header's own words in the line */
	/* What stands before it, behind the decoration that is known: a prefix that the other lines
	 * must have, too. NULL: nothing. */
	const char *learned;
	size_t learned_n;
	bool headless;
	bool escaped; /* the log is one string: its lines are divided by "\n" of two characters */
};

/* at: where the anchor is in the line s of n bytes. */
bool header_read(
	const char *s, size_t n, const struct anchor *anchor, size_t at, struct header *ret_header);

/* The same for a report of which somebody cut the first lines off: "comm/pid is trying to acquire
 * lock:", "the existing dependency chain ...", "-> #2 (", "Possible unsafe locking scenario". */
bool header_headless(
	const char *s, size_t n, const struct anchor *anchor, size_t at, struct header *ret_header);

/* "WARNING: possible circular locking dependency detected" as a text that the caller frees, whole
 * also where the line was wrapped; NULL: no memory. */
char *header_title(const struct header *header);

#endif
