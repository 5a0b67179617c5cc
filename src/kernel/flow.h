/* SPDX-License-Identifier: MIT
 *
 * A report whose lines somebody ran together: a form that makes one paragraph of what is pasted into
 * it, a record of vulnerabilities. What opens a line of a report says where the lines were.
 */
#ifndef LOCKDAG_KERNEL_FLOW_H
#define LOCKDAG_KERNEL_FLOW_H

#include "kernel/anchors.h"

/* Does the line s of n bytes hold a report's header and more of the same report? */
bool flow_is(const struct anchors *anchors, const char *s, size_t n);

/* How long the first of the lines in [s, s + n) is. */
size_t flow_next(const char *s, size_t n);

#endif
