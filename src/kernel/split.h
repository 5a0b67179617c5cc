/* SPDX-License-Identifier: MIT
 *
 * A log that is one string: its lines are divided by "\n" of two characters, by tags of HTML, or by
 * nothing.
 */
#ifndef LOCKDAG_KERNEL_SPLIT_H
#define LOCKDAG_KERNEL_SPLIT_H

#include "kernel/header.h"

enum split { SPLIT_NOT, SPLIT_ESCAPED, SPLIT_HTML, SPLIT_FLOW };

/* Which of them the line s of n bytes is; only one in which something may begin is any. */
enum split split_of(const struct anchors *anchors, const char *s, size_t n);

/* Goes behind the quote that opens a string. */
void split_start(enum split split, const char **s, size_t *n);

/* The first line in [s, s + n) is *ret_n bytes long; the return value counts what divides, too. */
size_t split_next(enum split split, const char *s, size_t n, size_t *ret_n);

#endif
