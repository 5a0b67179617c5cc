/* SPDX-License-Identifier: MIT
 *
 * Reading what threads recorded: chains of chunks full of items, and the live blocks.
 *
 * What must hold for a chain, or it ends there: chunks of one thread do not overlap, an older one
 * lies before a newer one (both are cut off the same growing heap), and all chunks of all threads
 * are together no larger than the heap. So a walk ends, and its work is bounded by what is there,
 * whatever the bytes are.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/vec.h"
#include "session/reach.h"

struct walk {
	const struct lockdag_session *s;
	const struct lockdag_session_visitor *visitor;
	void *arg;
	LOCKDAG_VEC(uint64_t) chunks; /* of the thread being walked, newest first */
	uint64_t walked;              /* bytes of chunks met so far */
	struct lockdag_session_acquire acquire;
};

/* What every item begins with. */
struct walk_item {
	uint16_t kind;
	uint16_t n_held;
	uint32_t size;
};

_Static_assert(offsetof(struct lockdag_item_acquire, size) == offsetof(struct walk_item, size) &&
		       offsetof(struct lockdag_item_ring, size) == offsetof(struct walk_item, size),
	"items begin alike");
_Static_assert(sizeof(struct lockdag_session_chunk) % SESSION_ITEM_ALIGN == 0,
	"the first item of a chunk is aligned");

/* The acquisition at offset, of which room bytes may be read. */
static bool walk_copy_acquire(const struct lockdag_session *s, uint64_t offset, uint64_t room,
	struct lockdag_session_acquire *ret)
{
	const char *at = s->base + offset;
	struct lockdag_item_acquire item;
	size_t held_size, frames_size;

	if (room < sizeof(item))
		return false;
	memcpy(&item, at, sizeof(item));
	if ((item.kind != LOCKDAG_ITEM_ACQUIRE && item.kind != LOCKDAG_ITEM_DISCHARGE &&
		    item.kind != LOCKDAG_ITEM_MISUSE && item.kind != LOCKDAG_ITEM_FORK) ||
		item.size > room ||
		item.size % SESSION_ITEM_ALIGN != 0)
		return false;
	if (item.n_held > LOCKDAG_MAX_ITEM_HELD || item.n_frames > LOCKDAG_MAX_FRAMES)
		return false;
	held_size = item.n_held * sizeof(ret->held[0]);
	frames_size = item.n_frames * sizeof(ret->frames[0]);
	if (sizeof(item) + held_size + frames_size > item.size)
		return false;
	ret->offset = offset;
	ret->item = item;
	memcpy(ret->held, at + sizeof(item), held_size);
	memcpy(ret->frames, at + sizeof(item) + held_size, frames_size);
	return true;
}

bool lockdag_session_acquire_at(
	const struct lockdag_session *s, uint64_t offset, struct lockdag_session_acquire *ret)
{
	if (!session_heap_at(s, offset, sizeof(ret->item), SESSION_ITEM_ALIGN))
		return false;
	return walk_copy_acquire(s, offset, session_heap_end(s) - offset, ret);
}

static int walk_ring(struct walk *w, uint64_t offset)
{
	struct lockdag_item_ring ring;

	memcpy(&ring, w->s->base + offset, sizeof(ring));
	if (!w->visitor->seen_by ||
		!session_heap_at(w->s, ring.acquire, sizeof(struct lockdag_item_acquire),
			SESSION_ITEM_ALIGN))
		return 0;
	for (size_t i = 0; i < LOCKDAG_RING_SLOTS; i++) {
		int r = 0;

		if (ring.slots[i].key != 0) /* a slot in use has 1 there, or 2 */
			r = w->visitor->seen_by(w->arg, ring.acquire, &ring.slots[i]);
		if (r != 0)
			return r;
	}
	return 0;
}

static int walk_point(struct walk *w, uint64_t offset)
{
	struct lockdag_item_point point;

	memcpy(&point, w->s->base + offset, sizeof(point));
	return w->visitor->point && point.what < LOCKDAG_N_POINTS ? w->visitor->point(w->arg, &point)
								   : 0;
}

static int walk_declared(struct walk *w, uint64_t offset)
{
	struct lockdag_item_declared declared;

	memcpy(&declared, w->s->base + offset, sizeof(declared));
	return w->visitor->declared ? w->visitor->declared(w->arg, &declared) : 0;
}

/* The item at offset, of which room bytes are published. *ret_size: how long it is, 0: the chunk
 * cannot be read further. */
static int walk_item(struct walk *w, uint64_t offset, uint64_t room, uint32_t *ret_size)
{
	struct walk_item item;

	*ret_size = 0;
	memcpy(&item, w->s->base + offset, sizeof(item));
	if (item.size == 0 || item.size > room || item.size % SESSION_ITEM_ALIGN != 0)
		return 0;
	switch (item.kind) {
	case LOCKDAG_ITEM_ACQUIRE:
		if (!walk_copy_acquire(w->s, offset, item.size, &w->acquire))
			return 0;
		*ret_size = item.size;
		return w->visitor->acquire ? w->visitor->acquire(w->arg, &w->acquire) : 0;
	case LOCKDAG_ITEM_DISCHARGE:
		if (!walk_copy_acquire(w->s, offset, item.size, &w->acquire))
			return 0;
		*ret_size = item.size;
		return w->visitor->discharge ? w->visitor->discharge(w->arg, &w->acquire) : 0;
	case LOCKDAG_ITEM_MISUSE:
		if (!walk_copy_acquire(w->s, offset, item.size, &w->acquire))
			return 0;
		*ret_size = item.size;
		return w->visitor->misuse ? w->visitor->misuse(w->arg, &w->acquire) : 0;
	case LOCKDAG_ITEM_FORK: /* is looked up by its child */
		*ret_size = item.size;
		return 0;
	case LOCKDAG_ITEM_RING:
		if (item.size < sizeof(struct lockdag_item_ring))
			return 0;
		*ret_size = item.size;
		return walk_ring(w, offset);
	case LOCKDAG_ITEM_POINT:
		if (item.size < sizeof(struct lockdag_item_point))
			return 0;
		*ret_size = item.size;
		return walk_point(w, offset);
	case LOCKDAG_ITEM_DECLARED:
		if (item.size < sizeof(struct lockdag_item_declared))
			return 0;
		*ret_size = item.size;
		return walk_declared(w, offset);
	default:
		return 0;
	}
}

static int walk_chunk(struct walk *w, uint64_t offset)
{
	const struct lockdag_session_chunk *chunk =
		session_heap_at(w->s, offset, sizeof(*chunk), SESSION_ITEM_ALIGN);
	uint64_t at = sizeof(*chunk), end, size;

	if (!chunk)
		return 0;
	size = lockdag_load_relaxed(&chunk->size);
	/* pairs with: lockdag_write_publish */
	end = lockdag_load_acquire(&chunk->used);
	if (end > size)
		end = size;
	if (!session_heap_at(w->s, offset, end, SESSION_ITEM_ALIGN))
		return 0;
	while (at < end && end - at >= SESSION_ITEM_ALIGN) {
		uint32_t item_size;
		int r = walk_item(w, offset + at, end - at, &item_size);

		if (r != 0)
			return r;
		if (item_size == 0)
			break;
		at += item_size;
	}
	return 0;
}

/* The chain that ends in the chunk at offset, newest first. */
static int walk_collect(struct walk *w, uint64_t offset)
{
	uint64_t newer = UINT64_MAX;

	w->chunks.n = 0;
	while (offset != 0) {
		const struct lockdag_session_chunk *chunk =
			session_heap_at(w->s, offset, sizeof(*chunk), SESSION_ITEM_ALIGN);
		uint64_t size, *slot;

		if (!chunk)
			break;
		size = lockdag_load_relaxed(&chunk->size);
		if (size < sizeof(*chunk) || offset > newer || size > newer - offset ||
			!session_heap_at(w->s, offset, size, SESSION_ITEM_ALIGN))
			break;
		if (size > session_heap_end(w->s) - lockdag_session_layout.heap - w->walked)
			break;
		slot = lockdag_vec_push(&w->chunks);
		if (!slot)
			return -ENOMEM;
		*slot = offset;
		w->walked += size;
		newer = offset;
		offset = lockdag_load_relaxed(&chunk->previous);
	}
	return 0;
}

int lockdag_session_walk(
	const struct lockdag_session *s, const struct lockdag_session_visitor *visitor, void *arg)
{
	struct walk w = {.s = s, .visitor = visitor, .arg = arg};
	uint32_t n = lockdag_session_n_threads(s);
	int r = 0;

	for (uint32_t i = 0; i < n && r == 0; i++) {
		struct lockdag_session_thread thread;

		if (!lockdag_session_thread(s, i, &thread))
			continue;
		r = walk_collect(&w, thread.chunk);
		for (size_t k = w.chunks.n; k > 0 && r == 0; k--)
			r = walk_chunk(&w, w.chunks.items[k - 1]);
	}
	lockdag_vec_clear(&w.chunks);
	return r;
}

/* ------------------------------------------------------------------ live blocks */

/* Slots first to first + n of the array at held_offset. */
static bool walk_copy_slots(const struct lockdag_session *s, uint64_t held_offset, uint32_t first,
	uint32_t n, struct lockdag_held_slot *ret)
{
	const char *held = session_heap_at(
		s, held_offset, ((uint64_t)first + n) * sizeof(*ret), sizeof(uint64_t));

	if (!held)
		return false;
	memcpy(ret, held + first * sizeof(*ret), n * sizeof(*ret));
	return true;
}

/* One look may be torn: the guest publishes nothing here, its thread just goes on. Only two equal
 * looks with the thread asleep in between count, so everything is zeroed first to make them equal
 * byte by byte. */
bool lockdag_session_live(
	const struct lockdag_session *s, uint32_t thread, struct lockdag_session_live *ret)
{
	struct lockdag_session_thread row;
	struct lockdag_session_live live;
	const struct lockdag_block *at;
	uint64_t waiting, held, bytes;
	uint32_t depth, first;

	memset(&live, 0, sizeof(live));
	if (!lockdag_session_thread(s, thread, &row) || row.block == 0)
		return false;
	at = session_heap_at(s, row.block, LOCKDAG_BLOCK_SIZE, SESSION_ITEM_ALIGN);
	if (!at || lockdag_load_relaxed(&at->thread) != thread)
		return false;
	waiting = lockdag_load_relaxed(&at->waiting);
	bytes = (uint64_t)lockdag_load_relaxed(&at->top) - (uint64_t)lockdag_load_relaxed(&at->stack);
	/* pairs with: guest_grow, which moves a grown array there first */
	held = lockdag_load_acquire(&at->held_offset);
	if (bytes > LOCKDAG_MAX_HELD * sizeof(struct lockdag_held_slot))
		return false;
	depth = (uint32_t)(bytes / sizeof(struct lockdag_held_slot));
	live.waiting = waiting & ~(uint64_t)LOCKDAG_WAIT_KINDS;
	if (live.waiting != 0)
		live.wait_kind = (unsigned)(waiting & LOCKDAG_WAIT_KINDS);
	if (live.wait_kind == LOCKDAG_WAIT_EVENT || LOCKDAG_IS_CHILD_ADDRESS(live.waiting))
		live.event = lockdag_load_relaxed(&at->event);
	live.tid = lockdag_load_relaxed(&at->tid);
	live.handler = lockdag_load_relaxed(&at->handler);
	live.depth = depth < LOCKDAG_MAX_ITEM_HELD ? depth : LOCKDAG_MAX_ITEM_HELD;
	first = depth - live.depth; /* the innermost ones, as in items */
	if (!walk_copy_slots(s, held, first, live.depth, live.held))
		return false;
	if (live.waiting != 0 && !walk_copy_slots(s, held, depth, 1, &live.asked))
		return false;
	memcpy(ret, &live, sizeof(live));
	return true;
}
