/* SPDX-License-Identifier: MIT
 *
 * Parts of a class. Locks that were born at one place may be two kinds of lock: all that one
 * function makes, say. Where some of them are only ever held over others, and those are only ever
 * taken inside, the class is two: an outer and an inner part.
 *
 * Chance does that too, with few observations; so a lock has a part only when it was nested with
 * PARTS_PARTNERS others, on one side each time, and a class is split only when each side has
 * PARTS_LEAST such locks and no lock of the class was ever on both.
 */
#ifndef LOCKDAG_CORE_PARTS_H
#define LOCKDAG_CORE_PARTS_H

#include "core/classes.h"

#define PARTS_PARTNERS 3
#define PARTS_LEAST 2

enum part { PART_NONE, PART_OUTER, PART_INNER };

struct parts {
	unsigned char *of_lock; /* enum part of each lock of the model; never of one of many */
};

int parts_init(struct parts *p, const struct lockdag_model *m, const struct classes *c);
void parts_done(struct parts *p);

/* Are the two of different parts of their class, and so never one and the same? */
static inline bool parts_differ(const struct parts *p, uint32_t lock_a, uint32_t lock_b)
{
	return p->of_lock[lock_a] + p->of_lock[lock_b] == PART_OUTER + PART_INNER;
}

#endif
