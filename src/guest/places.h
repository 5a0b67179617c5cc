/* SPDX-License-Identifier: MIT
 *
 * Where a tag has been seen: its items, each with a presence of the thread that wrote it, and rings of
 * presences. All of a tag are a list that starts in its entry of the tag set.
 */
#ifndef LOCKDAG_GUEST_PLACES_H
#define LOCKDAG_GUEST_PLACES_H

#include "guest/guest.h"

enum {
	GUEST_PLACES_FULL = 8, /* items of a tag, with stacks of their own */
};

/* Offsets in the session, divided by 16. */
LOCKDAG_INLINE struct lockdag_item_acquire *guest_item(uint64_t reference)
{
	return (struct lockdag_item_acquire *)(guest_process.writer.base + reference * 16);
}

LOCKDAG_INLINE uint32_t guest_reference(const void *p)
{
	return (uint32_t)((uint64_t)((const char *)p - guest_process.writer.base) / 16);
}

struct guest_places {
	struct lockdag_presence *mine; /* the latest of them */
	unsigned n_mine;
	struct lockdag_item_ring *ring;
	struct lockdag_item_ring *stays; /* of this thread alone */
	uint64_t acquire; /* offset of some acquire item */
	uint64_t own;     /* the same, of this thread; or 0 */
};

/* This thread's presences in the tag's list, and the tag's rings. */
struct guest_places guest_places_find(const struct lockdag_hash_entry *e, uint32_t thread);

/* Puts a published item or ring at the head of its tag's list; next: its link. */
void guest_places_link(struct lockdag_hash_entry *e, void *item, uint32_t *next);

/* A presence of one more thread, in the ring that all share, made by the one that finds the items full:
 * count, of those before it, is GUEST_PLACES_FULL. NULL: there is none. */
struct lockdag_presence *guest_places_share(
	struct lockdag_block *t, struct lockdag_hash_entry *e, uint32_t count);

/* One more presence of this thread, in a ring of its own. NULL: there was no room. */
struct lockdag_presence *guest_places_stay(
	struct lockdag_block *t, struct lockdag_hash_entry *e, const struct guest_places *found);

#endif
