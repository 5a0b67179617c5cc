/* SPDX-License-Identifier: MIT
 *
 * Equal stacks are one row of the model.
 */
#ifndef LOCKDAG_CLI_STACKS_H
#define LOCKDAG_CLI_STACKS_H

#include "core/core.h"

struct cli_stacks {
	uint32_t *slots; /* row + 1, or 0; a power of two of them */
	size_t n_slots, n;
};

/* The row of a stack, made when it is new; LOCKDAG_NONE for an empty one. 0 or a negative errno. */
int cli_stacks_intern(struct cli_stacks *stacks, struct lockdag_model *m, const uint64_t *raw,
	size_t n, uint32_t *ret_stack);
void cli_stacks_done(struct cli_stacks *stacks);

#endif
