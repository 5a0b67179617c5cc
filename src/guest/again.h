/* SPDX-License-Identifier: MIT
 *
 * The last signals and waits of a thread after which there was nothing to record, and will not be as long as
 * all that is kept of them stays as it is. A signal is often given under the lock that others want, and a
 * semaphore that has places costs two atomic operations: what a hook does there shows.
 */
#ifndef LOCKDAG_GUEST_AGAIN_H
#define LOCKDAG_GUEST_AGAIN_H

#include "guest/hooks_event.h"

#pragma GCC visibility push(hidden)

struct guest_again {
	const void *event; /* NULL: nothing is kept here */
	const struct lockdag_hash_entry *entry; /* of its key, in the shadow table */
	const struct lockdag_block *t;
	uint64_t ip, digest, chain;
	uint32_t key, phase, presence, last; /* last: what the entry says */
} __attribute__((aligned(64)));

enum { GUEST_AGAIN = 4 };

struct guest_agains {
	struct guest_again signals[GUEST_AGAIN], waits[GUEST_AGAIN];
};
extern __thread struct guest_agains guest_agains __attribute__((tls_model("initial-exec")));

LOCKDAG_INLINE struct guest_again *guest_again_at(
	struct guest_again *kept, const void *event, uint64_t ip)
{
	return &kept[((uintptr_t)event >> 4 ^ ip) % GUEST_AGAIN];
}

LOCKDAG_INLINE bool guest_is_again(const struct guest_again *a, const struct lockdag_block *t,
	const void *event, uint64_t ip)
{
	return LOCKDAG_LIKELY(a->event == event && a->ip == ip && a->t == t &&
		a->phase == t->phase && a->digest == t->digest &&
		lockdag_load_relaxed(&a->entry->key) == (uint64_t)event &&
		lockdag_load_relaxed(&a->entry->a) == a->key + 1 &&
		lockdag_load_relaxed(&a->entry->b) == a->last && !guest_turns.digest);
}

/* presence: of the record. Nothing is kept where there is more to do each time: for a lock that is not found at
 * once, for one of a shared key, for what may be a pool's queue. */
LOCKDAG_INLINE void guest_keep_again(struct guest_again *kept, const struct lockdag_block *t,
	const void *event, uint32_t key, uint64_t ip, uint32_t presence)
{
	const struct lockdag_hash_entry *entry = guest_event_entry(event, key);

	if (entry && guest_worker.dull == key + UINT64_C(1))
		*guest_again_at(kept, event, ip) = (struct guest_again){ event, entry, t, ip, t->digest,
			t->top[-1].chain, key, t->phase, presence, lockdag_load_relaxed(&entry->b) };
}

/* Before a signal: guest_event_signal would find nothing to do. */
LOCKDAG_INLINE bool guest_signals_again(
	const struct lockdag_block *t, const void *event, uint64_t ip)
{
	return guest_is_again(guest_again_at(guest_agains.signals, event, ip), t, event, ip) &&
		!lockdag_load_relaxed(&guest_workers_n_waits);
}

/* Before a wait without a time-out or a monitor: all that guest_event_wait would do was to announce it; then
 * that is done. */
LOCKDAG_INLINE bool guest_waits_again(struct lockdag_block *t, const void *event, struct guest_site site)
{
	const struct guest_again *a = guest_again_at(guest_agains.waits, event, site.ip);
	struct lockdag_held_slot *slot = t->top;

	if (!guest_is_again(a, t, event, site.ip) || slot[-1].chain != a->chain || t->told ||
		guest_worker.queued || guest_worker.queued_last)
		return false;
	guest_workers_waits_elsewhere();
	*slot = (struct lockdag_held_slot){ .lock = (uint64_t)event,
		.chain = guest_chain(a->chain, a->key, LOCKDAG_EXCLUSIVE),
		.ip = site.ip,
		.sp = site.sp,
		.meta = LOCKDAG_META(a->key, LOCKDAG_EXCLUSIVE, GUEST_WAIT),
		.presence = a->presence };
	t->event = a->key;
	lockdag_store_relaxed(&t->waiting, (uint64_t)event | LOCKDAG_WAIT_EVENT);
	return true;
}

#pragma GCC visibility pop

#endif
