/* SPDX-License-Identifier: MIT */
#include "guest/misuse.h"

enum { WAIT_MANY = 1 << 20 }; /* more waiters than that are no number of waiters */

/* Threads that are in a wait for the condition and were not yet signalled, by glibc's own count: each
 * of its two groups knows how many of its waiters no signal was given to. A thread that was signalled
 * and has not come back from its call is none, whatever it looks like from outside. */
static uint32_t wait_unsignalled(const pthread_cond_t *c)
{
	uint64_t sequence = lockdag_load_relaxed(&c->__data.__wseq.__value64);
	uint64_t first = lockdag_load_relaxed(&c->__data.__g1_start.__value64);
	unsigned old = lockdag_load_relaxed(&c->__data.__g1_orig_size) >> 2;
	unsigned new_group = sequence & 1;
	unsigned n = (unsigned)(sequence >> 1) - (unsigned)(first >> 1) - old +
		lockdag_load_relaxed(&c->__data.__g_size[new_group]);

	if (n > WAIT_MANY)
		return 0; /* another layout, or changing this moment */
	n += lockdag_load_relaxed(&c->__data.__g_size[new_group ^ 1]);
	return n > WAIT_MANY ? 0 : n;
}

static bool wait_is_other(const struct lockdag_held_slot *slot, const void *mutex)
{
	return LOCKDAG_META_FLAGS(slot->meta) & GUEST_REWAIT && slot->lock &&
		slot->lock != (uint64_t)mutex;
}

static bool wait_is_same(const struct lockdag_held_slot *slot, const void *mutex)
{
	return !wait_is_other(slot, mutex);
}

/* Another thread waits for the condition with another mutex at this moment. */
static LOCKDAG_COLD void wait_two_mutexes(struct lockdag_block *t, const void *cond, uint32_t key,
	const void *mutex, uint32_t with, struct guest_site site)
{
	struct guest_misuse m = guest_misuse_of(LOCKDAG_MISUSE_COND_TWO_MUTEXES, cond, key, site);

	if (!wait_unsignalled(cond) ||
		guest_find_waiter(t, cond, wait_is_same, mutex).thread != LOCKDAG_NONE)
		return; /* it may be that one who was not signalled */
	m.other = guest_find_waiter(t, cond, wait_is_other, mutex);
	if (m.other.thread == LOCKDAG_NONE)
		return;
	m.with = with;
	m.other_with = LOCKDAG_META_KEY(m.other.slot.meta);
	guest_misuse_write(t, &m);
}

static void wait_unheld(struct lockdag_block *t, const void *cond, uint32_t key, const void *mutex,
	enum lockdag_lock_type type, struct guest_site site)
{
	struct guest_misuse m = guest_misuse_of(LOCKDAG_MISUSE_COND_WAIT_UNHELD, cond, key, site);
	const pthread_mutex_t *p = mutex;
	enum guest_looks looks = guest_look(t, mutex, type);

	if (looks != GUEST_LOOKS_FREE && looks != GUEST_LOOKS_OTHERS)
		return;
	/* These refuse the wait, and tell the caller. */
	if (type != LOCKDAG_LOCK_GLIB_MUTEX && (p->__data.__kind & 0x10 ||
			(p->__data.__kind & 3) == PTHREAD_MUTEX_ERRORCHECK_NP))
		return;
	if (guest_lookup(mutex, type, &m.with) ||
		guest_identify(t, (void *)(uintptr_t)mutex, type, false, 1, site, &m.with))
		guest_misuse_write(t, &m);
}

void guest_misuse_wait(struct lockdag_block *t, const void *cond, uint32_t key, const void *mutex,
	enum lockdag_lock_type type, const struct lockdag_held_slot *held, struct guest_site site)
{
	struct lockdag_session_key *row = guest_key_row(key);
	uint32_t with, before;

	if (!held) {
		wait_unheld(t, cond, key, mutex, type, site);
		return;
	}
	with = LOCKDAG_META_KEY(held->meta);
	before = lockdag_load_relaxed(&row->with);
	if (before == with + 1 || key & LOCKDAG_KEY_MANY)
		return;
	lockdag_store_relaxed(&row->with, with + 1);
	if (before && type != LOCKDAG_LOCK_GLIB_MUTEX)
		wait_two_mutexes(t, cond, key, mutex, with, site);
}

/* glibc's semaphore: value in the low half, threads that wait in the high one. Who was posted to and
 * has not yet come back is among them. */
static bool wait_semaphore(const void *sem)
{
	uint64_t word = lockdag_load_relaxed((const uint64_t *)sem);

	return word >> 32 > (uint32_t)word;
}

void guest_misuse_waiters(struct lockdag_block *t, const void *event, enum lockdag_lock_type type,
	uint32_t key, struct guest_site site)
{
	bool cond = type == LOCKDAG_LOCK_CONDITION;
	struct guest_misuse m = guest_misuse_of(cond ? LOCKDAG_MISUSE_COND_DESTROY_WAITER
						     : LOCKDAG_MISUSE_SEM_DESTROY_WAITER,
		event, key, site);

	if (cond ? !wait_unsignalled(event) : !wait_semaphore(event))
		return;
	m.other = guest_find_waiter(t, event, NULL, NULL);
	if (m.other.thread != LOCKDAG_NONE)
		guest_misuse_write(t, &m);
}
