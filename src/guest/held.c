/* SPDX-License-Identifier: MIT
 *
 * The held stack's slow ways: it grows, a lock leaves it that is not the innermost one, was taken more
 * than once, or is not held at all.
 */
#include "guest/guest.h"

#include "guest/misuse.h"

static bool held_grow(struct lockdag_block *t)
{
	uint32_t depth = (uint32_t)(t->top - t->stack), context = (uint32_t)(t->held - t->stack);
	uint32_t capacity = (uint32_t)(t->end + 1 - t->stack) * 2;
	struct lockdag_held_slot *held;
	uint64_t offset = 0;

	if (capacity <= LOCKDAG_MAX_HELD)
		offset = lockdag_write_heap(&guest_process.writer,
			(capacity + 1) * sizeof(struct lockdag_held_slot), 16);
	if (!offset)
		return false;
	held = (struct lockdag_held_slot *)(guest_process.writer.base + offset) + 1;
	held[-1] = t->stack[-1];
	for (uint32_t i = 0; i < depth; i++)
		held[i] = t->stack[i];
	t->stack = held;
	t->held = held + context;
	t->top = held + depth;
	t->end = held + capacity - 1;
	/* pairs with: lockdag_session_live */
	lockdag_store_release(&t->held_offset, offset + sizeof(struct lockdag_held_slot));
	return true;
}

/* One slot behind the end is there: a signal handler may come before we do. It must not come while
 * the pointers move, so that the thread is passive for that time. */
LOCKDAG_COLD void guest_grow(struct lockdag_block *t)
{
	struct lockdag_block *paused = guest_pause();

	lockdag_signal_fence();
	if (!held_grow(t)) {
		/* The outermost lock is forgotten: its unlock will find nothing. */
		lockdag_write_lost(&guest_process.writer, LOCKDAG_LOST_DEPTH);
		guest_remove(t, t->held);
	}
	lockdag_signal_fence();
	guest_resume(paused);
}

void guest_remove(struct lockdag_block *t, struct lockdag_held_slot *at)
{
	for (; at + 1 < t->top; at++) {
		uint64_t meta = at[1].meta, below = at[-1].chain;

		*at = at[1];
		at->chain = guest_chain(below, LOCKDAG_META_KEY(meta), LOCKDAG_META_MODE(meta));
	}
	lockdag_signal_fence();
	t->top--;
}

LOCKDAG_COLD bool guest_release_other(struct lockdag_block *t, const void *lock)
{
	struct lockdag_held_slot *held = guest_find_held(t, lock);

	if (!held)
		return false;
	if (GUEST_IS_NESTED(held->meta))
		held->meta -= LOCKDAG_META_ONE;
	else
		guest_remove(t, held);
	return true;
}

LOCKDAG_COLD void guest_release_slow(struct lockdag_block *t, const void *lock,
	enum lockdag_lock_type type, uint64_t ip, uint64_t sp)
{
	const struct lockdag_held_slot *held = guest_find_held(t, lock);

	if (held && held->meta & GUEST_INHERITED)
		guest_misuse_inherited(t, held, (struct guest_site){ ip, sp });
	if (guest_release_other(t, lock))
		return;
	guest_misuse_unlock(t, lock, type, (struct guest_site){ ip, sp });
	lockdag_store_relaxed(&guest_process.strangers, 1);
}

LOCKDAG_COLD void guest_inherited(const void *lock)
{
	struct lockdag_block *t = guest_current();
	struct lockdag_held_slot *held = t ? guest_find_held(t, lock) : NULL;

	if (held)
		held->meta |= GUEST_INHERITED;
}

LOCKDAG_COLD void guest_push_again(struct lockdag_block *t, void *lock, enum lockdag_lock_type type,
	unsigned mode, uint64_t ip, uint64_t sp)
{
	uint32_t key;

	if (!guest_lookup(lock, type, &key))
		return;
	guest_ask(t, lock, key, mode, 0, 0, 0, ip, sp, GUEST_LOOK_UP);
	guest_push(t);
}
