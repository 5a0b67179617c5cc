/* SPDX-License-Identifier: MIT */
#include "guest/places.h"

enum { PLACES_WALK = 64 /* links followed at the most */ };

static void places_is_mine(struct guest_places *found, struct lockdag_presence *p)
{
	if (!found->mine || p->first_phase >= found->mine->first_phase)
		found->mine = p;
	found->n_mine++;
}

struct guest_places guest_places_find(const struct lockdag_hash_entry *e, uint32_t thread)
{
	struct guest_places found = { 0 };
	uint64_t at = lockdag_load_acquire(&e->b); /* pairs with: guest_places_link */

	for (int i = 0; at && i < PLACES_WALK; i++) {
		struct lockdag_item_acquire *item = guest_item(at);

		if (item->kind == LOCKDAG_ITEM_RING) {
			struct lockdag_item_ring *ring = (struct lockdag_item_ring *)item;

			at = ring->next;
			for (int k = 0; k < LOCKDAG_RING_SLOTS; k++)
				if (ring->slots[k].key && ring->slots[k].thread == thread)
					places_is_mine(&found, &ring->slots[k]);
			if (!ring->stays)
				found.ring = ring;
			else if (ring->slots[0].thread == thread)
				found.stays = ring;
		} else {
			found.acquire = at * 16;
			if (item->presence.thread == thread) {
				places_is_mine(&found, &item->presence);
				found.own = at * 16;
			}
			at = item->next;
		}
	}
	return found;
}

void guest_places_link(struct lockdag_hash_entry *e, void *item, uint32_t *next)
{
	uint32_t head = lockdag_load_relaxed(&e->b);

	do
		*next = head;
	while (!lockdag_cas_acq_rel(&e->b, &head, guest_reference(item)));
}

static struct lockdag_item_ring *places_new_ring(
	struct lockdag_block *t, struct lockdag_hash_entry *e, uint64_t acquire, bool stays)
{
	struct lockdag_writer *w = &guest_process.writer;
	struct lockdag_item_ring *ring =
		lockdag_write_item(w, guest_thread_row(t->thread), &t->chunk, sizeof(*ring));

	if (!ring)
		return NULL;
	*ring = (struct lockdag_item_ring){
		.kind = LOCKDAG_ITEM_RING,
		.stays = stays,
		.size = sizeof(*ring),
		.tag = e->key,
		.acquire = acquire,
	};
	if (stays) /* whose they are; no slot in use yet */
		ring->slots[0].thread = t->thread;
	lockdag_write_publish(w, t->chunk, sizeof(*ring));
	guest_places_link(e, ring, &ring->next);
	return ring;
}

struct lockdag_presence *guest_places_share(
	struct lockdag_block *t, struct lockdag_hash_entry *e, uint32_t count)
{
	struct guest_places found = guest_places_find(e, t->thread);
	struct lockdag_presence *p;

	if (!found.ring && count == GUEST_PLACES_FULL && found.acquire)
		found.ring = places_new_ring(t, e, found.acquire, false);
	if (!found.ring)
		return NULL;
	p = &found.ring->slots[lockdag_add_relaxed(&found.ring->cursor, 1) % LOCKDAG_RING_SLOTS];
	*p = (struct lockdag_presence){ t->thread, t->phase, t->phase, 1 };
	lockdag_write_news(&guest_process.writer);
	return p;
}

struct lockdag_presence *guest_places_stay(
	struct lockdag_block *t, struct lockdag_hash_entry *e, const struct guest_places *found)
{
	struct lockdag_item_ring *ring = found->stays;
	struct lockdag_presence *p;

	if (!ring)
		ring = places_new_ring(t, e, found->own ? found->own : found->acquire, true);
	if (!ring || ring->cursor >= LOCKDAG_RING_SLOTS)
		return NULL;
	p = &ring->slots[ring->cursor++];
	*p = (struct lockdag_presence){ t->thread, t->phase, t->phase, 1 };
	lockdag_write_news(&guest_process.writer);
	return p;
}
