/* SPDX-License-Identifier: MIT
 *
 * What a program asserts about the locks that its thread holds (lockdag.h).
 */
#include "guest/misuse.h"

/* Does the lock, or what is known of all threads, leave no doubt that this thread does not hold it? */
static bool assert_is_sure(
	const struct lockdag_block *t, const void *lock, enum lockdag_lock_type type)
{
	enum guest_looks looks = guest_look(t, lock, type);

	return looks == GUEST_LOOKS_FREE || looks == GUEST_LOOKS_OTHERS ||
		(looks == GUEST_LOOKS_UNKNOWN && guest_misuse_all_watched());
}

static void assert_write(struct lockdag_block *t, enum lockdag_misuse_rule rule, const void *lock,
	uint32_t key, const struct lockdag_held_slot *held, struct guest_site site)
{
	struct guest_misuse m = guest_misuse_of(rule, lock, key, site);

	if (held)
		m.other = (struct guest_holder){ t->thread, *held };
	guest_misuse_write(t, &m);
}

LOCKDAG_COLD void guest_assert_held(struct lockdag_block *t, const void *lock, uint32_t key,
	enum lockdag_lock_type type, unsigned modes, struct guest_site site)
{
	const struct lockdag_held_slot *held = guest_find_held(t, lock);
	struct guest_misuse m = guest_misuse_of(LOCKDAG_MISUSE_ASSERT_HELD, lock, key, site);

	if (held) {
		if (!(modes >> LOCKDAG_META_MODE(held->meta) & 1))
			assert_write(t, LOCKDAG_MISUSE_ASSERT_HELD, lock, key, held, site);
		return;
	}
	if (!assert_is_sure(t, lock, type))
		return;
	m.other = guest_find_holder(t, lock);
	if (t->top > t->held)
		m.with = LOCKDAG_META_KEY(t->top[-1].meta);
	if (t->top > t->held && m.other.thread == LOCKDAG_NONE)
		m.other = (struct guest_holder){ t->thread, t->top[-1] };
	guest_misuse_write(t, &m);
}

LOCKDAG_COLD void guest_assert_not_held(
	struct lockdag_block *t, const void *lock, uint32_t key, struct guest_site site)
{
	const struct lockdag_held_slot *held = guest_find_held(t, lock);

	if (held && !guest_was_released(t, held))
		assert_write(t, LOCKDAG_MISUSE_ASSERT_NOT_HELD, lock, key, held, site);
}

/* Is what the slot holds a lock, which somebody else could want? A semaphore may be a count, an item of
 * work is what the thread is about. */
static bool assert_is_lock(const struct lockdag_block *t, const struct lockdag_held_slot *held)
{
	uint32_t key = LOCKDAG_META_KEY(held->meta);

	switch (guest_class_row(guest_key_row(key)->class_id)->type) {
	case LOCKDAG_LOCK_SEMAPHORE:
	case LOCKDAG_LOCK_POOL:
	case LOCKDAG_LOCK_WORK:
	case LOCKDAG_LOCK_EVENT:
		return false;
	default:
		return !guest_was_released(t, held);
	}
}

LOCKDAG_COLD void guest_assert_none_held(struct lockdag_block *t, struct guest_site site)
{
	struct guest_misuse m = guest_misuse_of(LOCKDAG_MISUSE_ASSERT_NONE_HELD, NULL, 0, site);

	for (const struct lockdag_held_slot *held = t->top; held-- > t->held;) {
		if (!assert_is_lock(t, held))
			continue;
		if (m.lock) { /* one more is told, the innermost two */
			m.with = LOCKDAG_META_KEY(held->meta);
			break;
		}
		m.lock = (const void *)held->lock;
		m.key = LOCKDAG_META_KEY(held->meta);
		m.other = (struct guest_holder){ t->thread, *held };
	}
	if (m.lock)
		guest_misuse_write(t, &m);
}
