/* SPDX-License-Identifier: MIT
 *
 * Events: what one context waits for and another signals (conditions, semaphores from 0, barriers,
 * the end of a thread). A wait is recorded like an acquisition that is never held. A discharge is
 * recorded with all that its thread asked for and waited for in its current iteration: what had to
 * come about before it could signal (DESIGN section 2).
 *
 * An iteration starts with the thread, and again whenever it comes back to a wait it has been at
 * before with nothing held: what it did for an earlier request is no evidence for the next one.
 */
#ifndef LOCKDAG_GUEST_HOOKS_EVENT_H
#define LOCKDAG_GUEST_HOOKS_EVENT_H

#include "guest/hooks.h"
#include "guest/workers.h"

/* The chain keys of discharges start here. */
#define GUEST_DISCHARGE_BASE 0x646973636861720bu

/* The key of an event object, made when it is seen first. */
bool guest_event_key(struct lockdag_block *t, const void *event, enum lockdag_lock_type type,
	struct guest_site site, uint32_t *ret_key);

/* Before a wait for an event; its mutex (if any) is off the held stack already. monitor: its key or
 * LOCKDAG_KEY_NONE. which: tells events apart that share the key. Announces the wait. true: nothing had to be
 * recorded, nor will be when the same wait comes next. */
bool guest_event_wait(struct lockdag_block *t, const void *event, uint32_t key, uint32_t monitor,
	unsigned flags, uint32_t timeout_ms, uint64_t which, struct guest_site site);

/* Whether this thread has told that it saw the once routine or initialiser done; from_now_on: it tells
 * so now. */
bool guest_saw_done(struct lockdag_block *t, uint32_t key, bool from_now_on);
/* The thread sees it done: all that it does from now on comes after it. */
void guest_once_saw(struct lockdag_block *t, uint32_t key, uint64_t sp);

/* The thread begins with something new: it is back where it waits for its next request. wait: the tag
 * of that wait, or 0. */
void guest_new_iteration(struct lockdag_block *t, uint64_t wait);

/* Does the thread hold nothing, but for locks of files: what a daemon keeps for all its life, so that there is
 * one of it? An iteration ends in spite of them. */
static inline bool guest_holds_files_only(const struct lockdag_block *t)
{
	const struct lockdag_held_slot *slot = t->held;

	while (slot < t->top && slot->meta & LOCKDAG_KEY_OWNED)
		slot++;
	return slot == t->top;
}

/* Something that is not seen may bring it about, too: says so of the wait that was just announced. */
LOCKDAG_INLINE void guest_event_is_shared(struct lockdag_block *t)
{
	lockdag_store_relaxed(&t->waiting,
		(t->waiting & ~(uint64_t)LOCKDAG_WAIT_KINDS) | LOCKDAG_WAIT_OTHER);
}

/* After it. */
LOCKDAG_INLINE void guest_event_waited(struct lockdag_block *t)
{
	if (LOCKDAG_LIKELY(!t->told))
		lockdag_store_relaxed(&t->waiting, 0);
	if (LOCKDAG_UNLIKELY(guest_worker.under_way))
		guest_workers_waited(t);
}

/* Before a signal. In the steady state (this thread signalled this event here after the same
 * doings before) a look into the cache. The presence of its record, or 0. */
LOCKDAG_INLINE uint32_t guest_event_signal(
	struct lockdag_block *t, const void *event, uint32_t key, struct guest_site site)
{
	const struct lockdag_cache_slot *cache;
	uint64_t tag;

	guest_workers_signal(t, event, key, site);
	tag = GUEST_DISCHARGE_BASE + t->digest;
	if (LOCKDAG_UNLIKELY(guest_turns_count(t)))
		tag += guest_turns.digest;
	tag = guest_chain(tag, key, 0) + site.ip;
	cache = &t->cache[LOCKDAG_CACHE_AT(tag)];
	if (LOCKDAG_UNLIKELY(cache->tag != tag || cache->phase != t->phase))
		guest_record_discharge(t, event, key, tag, site);
	return cache->tag == tag ? cache->presence : 0;
}

/* Where the signals of an event say which one was the last since somebody began to wait: its entry in the
 * shadow table, in b. NULL: nowhere. */
LOCKDAG_INLINE struct lockdag_hash_entry *guest_event_entry(const void *event, uint32_t key)
{
	uint32_t first;

	return !(key & LOCKDAG_KEY_MANY) && guest_plain_shadow(event, &first) && first == key
		? lockdag_hash_first(guest_process.shadow.base, (uint64_t)event)
		: NULL;
}

#endif
