/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "cli/stacks.h"

void cli_stacks_done(struct cli_stacks *stacks)
{
	free(stacks->slots);
	*stacks = (struct cli_stacks){0};
}

static uint64_t stacks_hash(const uint64_t *raw, size_t n)
{
	uint64_t hash = n;

	for (size_t i = 0; i < n; i++)
		hash = lockdag_hash_mix(hash ^ raw[i]) + i;
	return hash;
}

/* The slot of a stack, or the free one where it belongs. */
static uint32_t *stacks_slot(const struct cli_stacks *stacks, const struct lockdag_model *m,
	const uint64_t *raw, size_t n)
{
	size_t mask = stacks->n_slots - 1;
	size_t i = stacks_hash(raw, n) & mask;

	for (;; i = (i + 1) & mask) {
		uint32_t *slot = &stacks->slots[i];
		const struct lockdag_stack *row;

		if (!*slot)
			return slot;
		row = &m->stacks.items[*slot - 1];
		if (row->n_raw == n && !memcmp(row->raw, raw, n * sizeof(*raw)))
			return slot;
	}
}

static int stacks_double(struct cli_stacks *stacks, const struct lockdag_model *m)
{
	struct cli_stacks bigger = {
		.n_slots = stacks->n_slots ? 2 * stacks->n_slots : 256, .n = stacks->n};

	bigger.slots = calloc(bigger.n_slots, sizeof(*bigger.slots));
	if (!bigger.slots)
		return -ENOMEM;
	for (size_t i = 0; i < stacks->n_slots; i++) {
		uint32_t row = stacks->slots[i];

		if (row)
			*stacks_slot(&bigger, m, m->stacks.items[row - 1].raw,
				m->stacks.items[row - 1].n_raw) = row;
	}
	free(stacks->slots);
	*stacks = bigger;
	return 0;
}

int cli_stacks_intern(struct cli_stacks *stacks, struct lockdag_model *m, const uint64_t *raw,
	size_t n, uint32_t *ret_stack)
{
	uint32_t *slot;
	int r = 0;

	if (n == 0) {
		*ret_stack = LOCKDAG_NONE;
		return 0;
	}
	if (2 * stacks->n >= stacks->n_slots)
		r = stacks_double(stacks, m);
	if (r < 0)
		return r;
	slot = stacks_slot(stacks, m, raw, n);
	if (!*slot) {
		r = lockdag_model_add_stack(m, raw, n);
		if (r < 0)
			return r;
		*slot = (uint32_t)r + 1;
		stacks->n++;
	}
	*ret_stack = *slot - 1;
	return 0;
}
