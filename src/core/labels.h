/* SPDX-License-Identifier: MIT
 *
 * Label -> row, for one kind of row of the text form: an open-addressing table.
 */
#ifndef LOCKDAG_CORE_LABELS_H
#define LOCKDAG_CORE_LABELS_H

#include "base/base.h"

struct lockdag_arena;

struct labels {
	struct labels_slot {
		const char *label; /* NULL: free */
		uint32_t row;
	} * slots;
	size_t n, cap; /* cap is 0 or a power of two */
};

/* Copies label into arena. 0, -EEXIST (known already) or -ENOMEM. */
int labels_add(struct labels *l, struct lockdag_arena *arena, const char *label, uint32_t row);

/* The label's row, or LOCKDAG_NONE. */
uint32_t labels_find(const struct labels *l, const char *label);

void labels_done(struct labels *l);

#endif
