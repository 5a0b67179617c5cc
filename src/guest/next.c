/* SPDX-License-Identifier: MIT
 *
 * What a program says about its next acquisition (lockdag.h): its level, or that it is nested. The hooks
 * know nothing of that: the chain key of the innermost held lock is changed instead, so that whatever
 * is asked for next is not in the cache and comes to guest_record.
 *
 * A lock at a level has a key of its own, which names the lock's: its class is another one, the lock is
 * the same.
 */
#include "guest/guest.h"

#include "base/hash.h"

#define NEXT_MARK 0x6e6578746d61726bu

static void next_mark(struct lockdag_block *t, struct lockdag_held_slot *slot)
{
	t->next_slot = (uint32_t)(slot + 1 - t->held) + 1; /* the array may move */
	t->next_chain = slot->chain;
	slot->chain ^= NEXT_MARK;
}

static void next_unmark(struct lockdag_block *t)
{
	uint32_t slot = t->next_slot;
	struct lockdag_held_slot *marked = t->held - 2 + slot;

	t->next_slot = 0;
	if (slot && marked < t->top && marked->chain == (t->next_chain ^ NEXT_MARK))
		marked->chain = t->next_chain;
}

/* Of several threads that make it at once, one key is used; the others' rows say the same. */
static uint32_t next_new_key(struct lockdag_hash_entry *e, uint32_t key, uint32_t level)
{
	const struct lockdag_session_key *from = guest_key_row(key);
	struct lockdag_session_key *row;
	uint32_t fresh, none = 0;

	row = lockdag_write_key(&guest_process.writer, &fresh);
	if (!row)
		return key;
	row->class_id = from->class_id;
	row->process = from->process;
	row->flags = lockdag_load_relaxed(&from->flags) & LOCKDAG_KEY_IS_MANY;
	row->address = from->address;
	row->place = from->place;
	row->value = from->value;
	row->level = level;
	row->of = LOCKDAG_KEY_ROW(key);
	lockdag_store_release(&row->state, 1); /* pairs with: lockdag_session_key */
	if (!lockdag_cas_acq_rel(&e->a, &none, fresh + 1))
		fresh = none - 1;
	return fresh | (key & (LOCKDAG_KEY_MANY | LOCKDAG_KEY_RECURSIVE));
}

static uint32_t next_key(uint32_t key, uint32_t level)
{
	uint64_t hash = lockdag_hash_mix((uint64_t)LOCKDAG_KEY_ROW(key) << 32 ^ level ^ NEXT_MARK) | 1;
	struct lockdag_hash_entry *e;
	uint32_t known;

	if (key == LOCKDAG_KEY_NONE)
		return key;
	e = lockdag_write_set(&guest_process.writer, lockdag_session_layout.class_set, hash,
		&(bool){ false });
	known = e ? lockdag_load_acquire(&e->a) : 0; /* pairs with: next_new_key */
	if (!e)
		return key;
	return known ? (known - 1) | (key & (LOCKDAG_KEY_MANY | LOCKDAG_KEY_RECURSIVE))
		     : next_new_key(e, key, level);
}

LOCKDAG_COLD void guest_next(
	struct lockdag_block *t, const void *lock, uint32_t level, uint32_t flags)
{
	next_unmark(t);
	t->next_level = level;
	t->next_flags = (uint16_t)flags;
	t->next_lock = (uint64_t)lock;
	next_mark(t, t->top - 1);
}

LOCKDAG_COLD void guest_next_asked(struct lockdag_block *t, uint64_t *tag)
{
	struct lockdag_held_slot *slot = t->top;
	uint64_t before = slot->chain;
	uint32_t key = LOCKDAG_META_KEY(slot->meta), flags = LOCKDAG_META_FLAGS(slot->meta);
	unsigned mode = LOCKDAG_META_MODE(slot->meta);

	next_unmark(t);
	if (slot->lock == t->next_lock && !(flags & GUEST_WAIT)) {
		t->next_lock = 0;
		key = t->next_level ? next_key(key, t->next_level) : key;
		*tag += (uint64_t)(t->next_flags & ~flags) << 56;
		slot->meta = LOCKDAG_META(key, mode, flags | t->next_flags);
	}
	slot->chain = guest_chain(slot[-1].chain, key, mode);
	*tag += slot->chain - before;
}

LOCKDAG_COLD void guest_next_keep(struct lockdag_block *t)
{
	next_mark(t, t->top); /* it is held now, unless it was only waited for */
}
