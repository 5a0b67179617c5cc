/* SPDX-License-Identifier: MIT */
#include "guest/again.h"
#include "guest/loops.h"

__thread struct guest_agains guest_agains __attribute__((tls_model("initial-exec")));

bool guest_event_key(struct lockdag_block *t, const void *event, enum lockdag_lock_type type,
	struct guest_site site, uint32_t *ret_key)
{
	if (guest_plain_shadow(event, ret_key) || guest_lookup(event, type, ret_key))
		return true;
	return guest_identify(t, (void *)(uintptr_t)event, type, false,
		type == LOCKDAG_LOCK_SEMAPHORE ? LOCKDAG_NONE : 1, site, ret_key);
}

void guest_new_iteration(struct lockdag_block *t, uint64_t wait)
{
	t->phase++;
	t->iteration = t->phase;
	t->digest = 0;
	t->began = wait;
}

/* Did this iteration begin with the wait of that tag, and has asked for nothing else? Then one that would begin
 * now is the same. */
static bool event_is_all_there_was(const struct lockdag_block *t, uint64_t tag)
{
	const struct lockdag_cache_slot *cache = &t->cache[LOCKDAG_CACHE_AT(tag)];

	return t->began == tag && t->digest == lockdag_hash_mix(tag) && cache->tag == tag &&
		cache->phase == t->phase && !guest_turns.digest;
}

bool guest_event_wait(struct lockdag_block *t, const void *event, uint32_t key, uint32_t monitor,
	unsigned flags, uint32_t timeout_ms, uint64_t which, struct guest_site site)
{
	bool again = false;

	if (LOCKDAG_UNLIKELY(t->told))
		return false;
	guest_workers_wait(t, event, key, monitor, flags, timeout_ms, site);
	flags |= GUEST_WAIT;
	if (guest_holds_files_only(t)) {
		uint64_t tag = guest_chain(t->top[-1].chain, key, LOCKDAG_EXCLUSIVE) + site.ip +
			((uint64_t)flags << 56) + which;

		const bool back = guest_loops_again(tag) || t->cache[LOCKDAG_CACHE_AT(tag)].tag == tag ||
			(LOCKDAG_UNLIKELY(t->n_evicted) && guest_is_evicted(t, tag));

		again = event_is_all_there_was(t, tag);
		if (back && !again)
			guest_new_iteration(t, tag);
	}
	t->monitor = monitor;
	guest_ask(t, (void *)(uintptr_t)event, key, LOCKDAG_EXCLUSIVE, flags, timeout_ms, which,
		site.ip, site.sp, GUEST_LOOK_UP);
	t->monitor = LOCKDAG_KEY_NONE;
	t->event = t->joining << 32 | key;
	lockdag_store_relaxed(&t->waiting, ((uint64_t)event & ~UINT64_C(3)) |
			(flags & GUEST_TIMED || t->joining & LOCKDAG_END_PROCESS ? LOCKDAG_WAIT_OTHER
									: LOCKDAG_WAIT_EVENT));
	return again;
}
