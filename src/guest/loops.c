/* SPDX-License-Identifier: MIT
 *
 * Nothing of this costs the fast way anything: an acquisition comes here when its phase in the thread's cache is an
 * old one. So a phase begins when the thread asks for something else than the mutex of its place, and the next
 * acquisition there comes here again.
 */
#include "guest/loops.h"
#include "guest/hooks_event.h"

#include "base/hash.h"

enum { LOOPS_PROBES = 32 };

__thread struct guest_loops guest_loops __attribute__((tls_model("initial-exec")));

static bool loops_is_at(const struct guest_loops_place *place, uint64_t tag, uint64_t sp)
{
	return place->tag == tag && place->sp == sp;
}

static bool loops_is_fast(const struct lockdag_block *t, uint64_t tag)
{
	const struct lockdag_cache_slot *cache = &t->cache[LOCKDAG_CACHE_AT(tag)];

	return cache->tag == tag && cache->phase == t->phase;
}

/* The place among those of late, or GUEST_LOOPS_SEEN. */
static size_t loops_find(uint64_t tag, uint64_t sp)
{
	size_t i = 0;

	while (i < GUEST_LOOPS_SEEN && !loops_is_at(&guest_loops.seen[i], tag, sp))
		i++;
	return i;
}

/* Remembers the place; the others are to come here once more, the first few times. */
static void loops_see(struct lockdag_block *t, uint64_t tag, uint64_t sp)
{
	struct guest_loops *l = &guest_loops;
	size_t at = loops_find(tag, sp);

	if (at < GUEST_LOOPS_SEEN) {
		l->twice[at] = true;
	} else {
		at = l->next++ % GUEST_LOOPS_SEEN;
		l->seen[at] = (struct guest_loops_place){ tag, sp };
		l->twice[at] = false;
	}
	for (size_t i = 0; l->probes < LOOPS_PROBES && i < GUEST_LOOPS_SEEN; i++) {
		if (i != at && l->seen[i].tag && loops_is_fast(t, l->seen[i].tag)) {
			l->probes++;
			t->phase++;
		}
	}
}

/* An iteration that has begun when the thread came back: with the mutex of the place in it. */
static void loops_begin(struct lockdag_block *t)
{
	struct guest_loops *l = &guest_loops;

	l->back = false;
	if (l->from <= t->iteration)
		return; /* one has begun since */
	guest_new_iteration(t, l->wait);
	t->iteration = l->from;
	t->digest = lockdag_hash_mix(l->place.tag);
}

void guest_loops_asked(struct lockdag_block *t, const struct lockdag_held_slot *slot, uint64_t tag)
{
	struct guest_loops *l = &guest_loops;
	const bool alone = slot == t->held && !LOCKDAG_META_FLAGS(slot->meta);

	if (alone && loops_is_at(&l->place, tag, slot->sp)) {
		l->rounds++;
		if (l->other) {
			l->from = ++t->phase;
			l->back = true;
		}
		l->other = false;
		return;
	}
	if (!l->place.tag) {
		if (alone)
			loops_see(t, tag, slot->sp);
		return;
	}
	if (LOCKDAG_META_KEY(slot->meta) == l->key || tag == l->wait)
		return;
	if (l->back)
		loops_begin(t);
	l->other = true;
	if (loops_is_fast(t, l->place.tag))
		t->phase++;
}

void guest_loops_waits(struct lockdag_block *t, const struct lockdag_held_slot *mutex)
{
	struct guest_loops *l = &guest_loops;
	const uint64_t tag = mutex->chain + mutex->ip;
	const size_t seen = loops_find(tag, mutex->sp);

	/* With flags, it was taken again after a wait: the place is known. */
	if (t->told || mutex != t->held || t->top != mutex + 1 || LOCKDAG_META_FLAGS(mutex->meta))
		return;
	if (!loops_is_at(&l->place, tag, mutex->sp)) {
		if (l->rounds) /* it has a place that it comes back to */
			return;
		l->again = seen < GUEST_LOOPS_SEEN && l->twice[seen];
		l->place = (struct guest_loops_place){ tag, mutex->sp };
		l->key = LOCKDAG_META_KEY(mutex->meta);
		l->other = false;
	}
	l->back = false;
	l->waits = true;
}
