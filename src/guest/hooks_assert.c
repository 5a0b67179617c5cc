/* SPDX-License-Identifier: MIT
 *
 * include/lockdag/lockdag.h: what a program says about locks of any kind: that one is held or not, could
 * be taken here, is taken at a level or under another one, comes before another one.
 */
#include "guest/misuse.h"

/* The public header's names. */
GUEST_EXPORT void lockdag_guest_assert(const void *lock, int kind, int what);
GUEST_EXPORT void lockdag_guest_might_lock(const void *lock, int kind, int mode);
GUEST_EXPORT void lockdag_guest_next(
	const void *lock, int kind, unsigned level, const void *outer, int outer_kind);
GUEST_EXPORT void lockdag_guest_order(const char *before, const char *after);

/* Its enumerations. */
enum { ASSERT_ANY, ASSERT_MUTEX, ASSERT_RWLOCK };
enum { ASSERT_HELD, ASSERT_HELD_READ, ASSERT_HELD_WRITE, ASSERT_NOT_HELD, ASSERT_NONE_HELD };

#define ASSERT_WRITE_MODES (1u << LOCKDAG_EXCLUSIVE)
#define ASSERT_READ_MODES (1u << LOCKDAG_READ | 1u << LOCKDAG_READ_RECURSIVE)
#define ASSERT_MAX_LEVEL 63

struct assert_lock {
	struct lockdag_block *t;
	enum lockdag_lock_type type;
	uint32_t key;
};

/* Finds the lock, or makes its identity: of any kind only where that does no harm. */
static bool assert_find(
	struct assert_lock *a, const void *lock, int kind, bool any, struct guest_site site)
{
	a->t = guest_current();
	a->type = kind == ASSERT_MUTEX	  ? LOCKDAG_LOCK_MUTEX
		  : kind == ASSERT_RWLOCK ? LOCKDAG_LOCK_RWLOCK
					  : LOCKDAG_LOCK_OWN;
	if (!a->t || !lock)
		return false;
	if (kind == ASSERT_ANY ? guest_lookup_any(lock, &a->key) : guest_lookup(lock, a->type, &a->key)) {
		a->type = guest_class_row(guest_key_row(a->key)->class_id)->type;
		return true;
	}
	return (kind != ASSERT_ANY || any || guest_has_name(lock)) &&
		guest_identify(a->t, (void *)(uintptr_t)lock, a->type, false, 1, site, &a->key);
}

static void assert_is_held(struct assert_lock *a, const void *lock, int what, struct guest_site site)
{
	static const unsigned modes[] = { ASSERT_WRITE_MODES | ASSERT_READ_MODES, ASSERT_READ_MODES,
		ASSERT_WRITE_MODES };

	guest_assert_held(a->t, lock, a->key, a->type, modes[what], site);
}

void lockdag_guest_assert(const void *lock, int kind, int what)
{
	const struct guest_site site = GUEST_SITE();
	struct assert_lock a;

	if (what == ASSERT_NONE_HELD) {
		a.t = guest_current();
		if (a.t)
			guest_assert_none_held(a.t, site);
		return;
	}
	if (!assert_find(&a, lock, kind, true, site))
		return;
	if (what == ASSERT_NOT_HELD)
		guest_assert_not_held(a.t, lock, a.key, site);
	else if (what >= ASSERT_HELD && what <= ASSERT_HELD_WRITE)
		assert_is_held(&a, lock, what, site);
}

static unsigned assert_mode(const void *lock, enum lockdag_lock_type type, int mode)
{
	const pthread_rwlock_t *rw = lock;

	if (mode <= 0 || mode >= LOCKDAG_N_MODES)
		return LOCKDAG_EXCLUSIVE;
	if (type != LOCKDAG_LOCK_RWLOCK)
		return (unsigned)mode;
	return rw->__data.__flags == PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP
		? LOCKDAG_READ
		: LOCKDAG_READ_RECURSIVE;
}

/* Recorded as asked for; nothing waits, and nothing is held after it. */
void lockdag_guest_might_lock(const void *lock, int kind, int mode)
{
	const struct guest_site site = GUEST_SITE();
	struct assert_lock a;

	if (!assert_find(&a, lock, kind, false, site) ||
		(a.key & LOCKDAG_KEY_RECURSIVE && guest_find_held(a.t, lock)))
		return;
	guest_ask(a.t, (void *)(uintptr_t)lock, a.key, assert_mode(lock, a.type, mode), 0, 0, 0, site.ip,
		site.sp, GUEST_LOOK_UP);
}

/* outer: the lock that all of its class are taken under; NULL: there is none. */
void lockdag_guest_next(
	const void *lock, int kind, unsigned level, const void *outer, int outer_kind)
{
	const struct guest_site site = GUEST_SITE();
	struct lockdag_block *t = guest_current();
	struct assert_lock a;

	(void)kind;
	if (!t || !lock || level > ASSERT_MAX_LEVEL)
		return;
	if (outer && !guest_find_held(t, outer)) {
		if (assert_find(&a, outer, outer_kind, true, site))
			assert_is_held(&a, outer, ASSERT_HELD, site);
		return;
	}
	if (level || outer)
		guest_next(t, lock, level, outer ? GUEST_NEST : 0);
}

static void assert_declare(struct lockdag_block *t, uint64_t before, uint64_t after)
{
	struct lockdag_writer *w = &guest_process.writer;
	uint64_t tag = lockdag_hash_mix(before << 32 ^ after ^ UINT64_C(0x6f72646572) << 24) | 1;
	struct lockdag_item_declared *item;
	struct lockdag_hash_entry *e;
	bool is_new;

	e = lockdag_write_set(w, lockdag_session_layout.tag_set, tag, &is_new);
	if (!e || !is_new)
		return;
	item = lockdag_write_item(w, guest_thread_row(t->thread), &t->chunk, sizeof(*item));
	if (!item)
		return;
	*item = (struct lockdag_item_declared){
		.kind = LOCKDAG_ITEM_DECLARED, .size = sizeof(*item), .before = before, .after = after };
	lockdag_write_publish(w, t->chunk, sizeof(*item));
	lockdag_write_news(w);
}

void lockdag_guest_order(const char *before, const char *after)
{
	struct lockdag_block *t = guest_current();
	uint64_t first, second;

	if (!t || !before || !after || !guest_busy_begin(t, GUEST_SP()))
		return;
	first = guest_text(before);
	second = guest_text(after);
	if (first && second)
		assert_declare(t, first, second);
	guest_busy_end(t);
}
