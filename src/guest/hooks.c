/* SPDX-License-Identifier: MIT
 *
 * The general hook in parts, for locks that are not the hottest: see struct guest_wait.
 */
#include "guest/misuse.h"

uint32_t guest_until_ms(clockid_t clock, const struct timespec *until)
{
	struct timespec now;
	int64_t ms;

	if (!until || clock_gettime(clock, &now))
		return 0;
	ms = (until->tv_sec - now.tv_sec) * 1000 + (until->tv_nsec - now.tv_nsec) / 1000000;
	return ms < 0 ? 0 : ms > INT32_MAX ? INT32_MAX : (uint32_t)ms;
}

static void hooks_ask(struct guest_wait *w)
{
	guest_ask(w->t, w->lock, w->key, w->mode, w->flags, w->timeout_ms,
		0, w->site.ip, w->site.sp, GUEST_LOOK_UP);
}

bool guest_wait_begin(struct guest_wait *w, void *lock, enum lockdag_lock_type type, unsigned mode,
	unsigned flags, uint32_t timeout_ms, struct guest_site site)
{
	struct lockdag_block *t = guest_current();

	if (!t)
		return false;
	*w = (struct guest_wait){ .t = t, .lock = lock, .site = site, .timeout_ms = timeout_ms,
		.mode = (uint8_t)mode, .flags = (uint8_t)flags };
	if (!guest_lookup(lock, type, &w->key) &&
		!guest_identify(t, lock, type, false, 1, site, &w->key))
		return false;
	w->relock = (w->key & LOCKDAG_KEY_RECURSIVE) && guest_find_held(t, lock);
	if (w->relock || flags & GUEST_TRY) /* a try never waits: it is recorded once it holds */
		return true;
	hooks_ask(w);
	lockdag_store_relaxed(&t->waiting,
		(uint64_t)lock | (flags & GUEST_TIMED ? LOCKDAG_WAIT_TIMED : LOCKDAG_WAIT_LOCK));
	return true;
}

void guest_wait_end(struct guest_wait *w, bool got)
{
	struct lockdag_block *t = w->t;

	struct lockdag_held_slot *held;

	lockdag_store_relaxed(&t->waiting, 0);
	if (!got)
		return;
	held = w->relock ? guest_find_held(t, w->lock) : NULL;
	if (held) {
		held->meta += LOCKDAG_META_ONE;
		return;
	}
	/* A try is recorded only now; and a signal handler may have used the slot meanwhile. */
	if (w->flags & GUEST_TRY || t->top->lock != (uint64_t)w->lock)
		hooks_ask(w);
	guest_push(t);
}

bool guest_pseudo_begin(struct guest_wait *w, const struct guest_pseudo *pseudo, unsigned flags,
	struct guest_site site)
{
	struct lockdag_block *t = guest_current();
	uint32_t key;

	if (!t)
		return false;
	if (!guest_lookup(pseudo->object, pseudo->type, &key))
		guest_name(pseudo->object, pseudo->name);
	return guest_wait_begin(
		w, pseudo->object, pseudo->type, LOCKDAG_EXCLUSIVE, flags, 0, site);
}

void guest_born(void *lock, enum lockdag_lock_type type, uint32_t value, struct guest_site site)
{
	struct lockdag_block *t = guest_current();
	uint32_t key;

	if (t)
		guest_identify(t, lock, type, true, value, site, &key);
}

void guest_gone(void *lock, enum lockdag_lock_type type, struct guest_site site)
{
	struct lockdag_block *t = guest_current();

	if (!t)
		return;
	guest_misuse_destroy(t, lock, type, site);
	/* Destroyed while held: its memory may be gone from now on. */
	while (guest_find_held(t, lock))
		guest_release_other(t, lock);
	guest_destroy(lock, type, site.ip);
}

void guest_unlock(const void *lock, enum lockdag_lock_type type, struct guest_site site)
{
	struct lockdag_block *t = guest_current();

	struct lockdag_held_slot *top = t ? t->top - 1 : NULL;

	if (t && top->lock == (uint64_t)lock && !(top->meta >> 48))
		t->top = top;
	else if (t)
		guest_release_slow(t, lock, type, site.ip, site.sp);
	else
		lockdag_store_relaxed(&guest_process.strangers, 1);
}
