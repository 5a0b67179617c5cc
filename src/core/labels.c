/* SPDX-License-Identifier: MIT */
#include "core/labels.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "core/arena.h"

static struct labels_slot *labels_slot(struct labels_slot *slots, size_t cap, const char *label)
{
	size_t i = (size_t)lockdag_hash_mix(lockdag_hash_string(LOCKDAG_HASH_SEED, label));

	for (i &= cap - 1; slots[i].label; i = (i + 1) & (cap - 1)) {
		if (!strcmp(slots[i].label, label))
			break;
	}
	return &slots[i];
}

static bool labels_grow(struct labels *l)
{
	size_t cap = l->cap ? l->cap * 2 : 64;
	struct labels_slot *slots = calloc(cap, sizeof(*slots));

	if (!slots)
		return false;
	for (size_t i = 0; i < l->cap; i++) {
		if (l->slots[i].label)
			*labels_slot(slots, cap, l->slots[i].label) = l->slots[i];
	}
	free(l->slots);
	l->slots = slots;
	l->cap = cap;
	return true;
}

int labels_add(struct labels *l, struct lockdag_arena *arena, const char *label, uint32_t row)
{
	struct labels_slot *slot;

	if (l->n * 2 >= l->cap && !labels_grow(l))
		return -ENOMEM;
	slot = labels_slot(l->slots, l->cap, label);
	if (slot->label)
		return -EEXIST;
	if (!lockdag_arena_string(arena, label, &slot->label))
		return -ENOMEM;
	slot->row = row;
	l->n++;
	return 0;
}

uint32_t labels_find(const struct labels *l, const char *label)
{
	const struct labels_slot *slot;

	if (!l->cap)
		return LOCKDAG_NONE;
	slot = labels_slot(l->slots, l->cap, label);
	return slot->label ? slot->row : LOCKDAG_NONE;
}

void labels_done(struct labels *l)
{
	free(l->slots);
	*l = (struct labels){0};
}
