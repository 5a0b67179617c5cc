/* SPDX-License-Identifier: MIT
 *
 * Locks that a program has annotated for ThreadSanitizer: __tsan_mutex_* (sanitizer/tsan_interface.h)
 * and AnnotateRWLock*. They are locks of the program's own making, told in other words. A program
 * that was built for TSan has the real functions in libtsan, which are called, too.
 */
#include <errno.h>

#include "guest/hooks_event.h"
#include "guest/misuse.h"

/* The flags of sanitizer/tsan_interface.h that matter here. */
enum {
	TSAN_LINKER_INIT = 1 << 0, /* static, with a destructor that does nothing */
	TSAN_WRITE_REENTRANT = 1 << 1,
	TSAN_READ_REENTRANT = 1 << 2,
	TSAN_READ = 1 << 3,
	TSAN_TRY = 1 << 4,
	TSAN_TRY_FAILED = 1 << 5,
	TSAN_ALL_LEVELS = 1 << 6,	/* post_lock: recursion tells how many */
	TSAN_UNLOCK_ALL_LEVELS = 1 << 7 /* pre_unlock: returns how many */
};

/* From the flags of a creation to those of a key. */
enum { TSAN_KEPT_SHIFT = 4 };
_Static_assert(TSAN_WRITE_REENTRANT << TSAN_KEPT_SHIFT == LOCKDAG_KEY_WRITE_REENTRANT &&
		TSAN_READ_REENTRANT << TSAN_KEPT_SHIFT == LOCKDAG_KEY_READ_REENTRANT,
	"both have two bits side by side");

/* The real function, or NULL where there is no TSan; looked for once. TSan is always linked: whoever
 * looks further finds this library again. */
static void *tsan_real(void **cache, const char *name)
{
	void *found = lockdag_load_relaxed(cache);
	int saved = errno;

	if (LOCKDAG_UNLIKELY(!found)) {
		found = guest_find(name, NULL, 0);
		found = found ? found : cache; /* nowhere */
		lockdag_store_relaxed(cache, found);
		errno = saved;
	}
	return found == cache ? NULL : found;
}

#define TSAN_REAL(name)                                                                            \
	({                                                                                         \
		static void *cache_;                                                               \
                                                                                                   \
		(__typeof__(&name))tsan_real(&cache_, #name);                          \
	})

#define TSAN_FORWARD(name, ...)                                                                    \
	do {                                                                                       \
		__typeof__(&name) real_ = TSAN_REAL(name);                                         \
                                                                                                   \
		if (real_)                                                                         \
			real_(__VA_ARGS__);                                                        \
	} while (0)

static unsigned tsan_mode(unsigned flags)
{
	if (!(flags & TSAN_READ))
		return LOCKDAG_EXCLUSIVE;
	return flags & TSAN_READ_REENTRANT ? LOCKDAG_READ_RECURSIVE : LOCKDAG_READ;
}

/* The lock's key. What its creation said about recursion is kept with it; locks made at one place are
 * made alike, so that they may share this. *flags: gets it. */
static bool tsan_key(struct lockdag_block *t, void *lock, unsigned *flags, struct guest_site site,
	uint32_t *ret_key)
{
	const unsigned kept = TSAN_WRITE_REENTRANT | TSAN_READ_REENTRANT;
	struct lockdag_session_key *row;
	unsigned known;

	if (!guest_event_key(t, lock, LOCKDAG_LOCK_OWN, site, ret_key))
		return false;
	row = guest_key_row(*ret_key);
	known = lockdag_load_relaxed(&row->flags) >> TSAN_KEPT_SHIFT & kept;
	if (*flags & kept & ~known)
		lockdag_store_relaxed(&row->flags,
			lockdag_load_relaxed(&row->flags) | (*flags & kept) << TSAN_KEPT_SHIFT);
	*flags |= known;
	return true;
}

static void tsan_create(void *lock, unsigned flags, struct guest_site site)
{
	struct lockdag_block *t = guest_current();
	uint32_t key;

	guest_born(lock, LOCKDAG_LOCK_OWN, 1, site);
	if (t)
		tsan_key(t, lock, &flags, site, &key);
}

/* The slot of a lock that this thread has alone already and may take again. */
static struct lockdag_held_slot *tsan_relocked(struct lockdag_block *t, const void *lock, unsigned flags)
{
	return (flags & TSAN_WRITE_REENTRANT) && !(flags & TSAN_READ) ? guest_find_held(t, lock) : NULL;
}

/* A try is recorded only once it has the lock. */
static void tsan_before(void *lock, unsigned flags, struct guest_site site)
{
	struct lockdag_block *t = guest_current();
	uint32_t key;

	if (!t || flags & TSAN_TRY || !tsan_key(t, lock, &flags, site, &key))
		return;
	if (!tsan_relocked(t, lock, flags))
		guest_before(t, lock, key, tsan_mode(flags), site.ip, site.sp, GUEST_LOOK_UP);
}

/* levels: how often it is held now, more than once where a wait had given up several. */
static void tsan_after(void *lock, unsigned flags, unsigned levels, struct guest_site site)
{
	struct lockdag_block *t = guest_current();
	struct lockdag_held_slot *held;
	uint32_t key;

	if (!t || !tsan_key(t, lock, &flags, site, &key))
		return;
	held = tsan_relocked(t, lock, flags);
	if (held) {
		held->meta += LOCKDAG_META_ONE * levels;
		return;
	}
	if (flags & TSAN_TRY) {
		guest_tried(t, lock, key, tsan_mode(flags), site.ip, site.sp, GUEST_LOOK_UP);
	} else {
		if (lockdag_load_relaxed(&t->waiting) != (uint64_t)lock) /* announced only now */
			guest_before(t, lock, key, tsan_mode(flags), site.ip, site.sp, GUEST_LOOK_UP);
		guest_after(t, lock, LOCKDAG_LOCK_OWN, tsan_mode(flags), site.ip, site.sp, true);
	}
	held = levels > 1 ? guest_find_held(t, lock) : NULL;
	if (held)
		held->meta += LOCKDAG_META_ONE * (levels - 1);
}

/* How many levels were held, all given up. */
static int tsan_release_all(const void *lock)
{
	struct lockdag_block *t = guest_current();
	int levels = 0;

	for (; t && guest_find_held(t, lock); levels++)
		guest_release(t, lock, LOCKDAG_N_LOCK_TYPES);
	return levels;
}

/* ------------------------------------------------------------------ __tsan_mutex_* */

GUEST_EXPORT void __tsan_mutex_create(void *lock, unsigned flags);
GUEST_EXPORT void __tsan_mutex_destroy(void *lock, unsigned flags);
GUEST_EXPORT void __tsan_mutex_pre_lock(void *lock, unsigned flags);
GUEST_EXPORT void __tsan_mutex_post_lock(void *lock, unsigned flags, int recursion);
GUEST_EXPORT int __tsan_mutex_pre_unlock(void *lock, unsigned flags);
GUEST_EXPORT void __tsan_mutex_post_unlock(void *lock, unsigned flags);

void __tsan_mutex_create(void *lock, unsigned flags)
{
	tsan_create(lock, flags, GUEST_SITE());
	TSAN_FORWARD(__tsan_mutex_create, lock, flags);
}

void __tsan_mutex_destroy(void *lock, unsigned flags)
{
	if (!(flags & TSAN_LINKER_INIT))
		guest_gone(lock, LOCKDAG_LOCK_OWN, GUEST_SITE());
	TSAN_FORWARD(__tsan_mutex_destroy, lock, flags);
}

void __tsan_mutex_pre_lock(void *lock, unsigned flags)
{
	tsan_before(lock, flags, GUEST_SITE());
	TSAN_FORWARD(__tsan_mutex_pre_lock, lock, flags);
}

void __tsan_mutex_post_lock(void *lock, unsigned flags, int recursion)
{
	TSAN_FORWARD(__tsan_mutex_post_lock, lock, flags, recursion);
	if (!(flags & TSAN_TRY_FAILED))
		tsan_after(lock, flags,
			flags & TSAN_ALL_LEVELS && recursion > 1 ? (unsigned)recursion : 1, GUEST_SITE());
}

int __tsan_mutex_pre_unlock(void *lock, unsigned flags)
{
	__typeof__(&__tsan_mutex_pre_unlock) real = TSAN_REAL(__tsan_mutex_pre_unlock);
	int levels = 0;

	if (flags & TSAN_UNLOCK_ALL_LEVELS)
		levels = tsan_release_all(lock);
	else
		guest_unlock(lock, LOCKDAG_N_LOCK_TYPES, GUEST_SITE());
	return real ? real(lock, flags) : levels;
}

void __tsan_mutex_post_unlock(void *lock, unsigned flags)
{
	TSAN_FORWARD(__tsan_mutex_post_unlock, lock, flags);
}

/* Round what a lock does inside that is not part of its own operation: other locks that it takes there are
 * asked for like any others, and post_lock announces its own again (tsan_after). So there is nothing to
 * do but to hand these on; a program that finds one of the functions calls all. Nor do the annotations of
 * happens-before (__tsan_acquire, AnnotateHappensBefore ...) say anything here: whoever comes after a
 * release need not have waited for it. They are not taken from TSan at all. */
#define TSAN_PASS(name)                                                                            \
	GUEST_EXPORT void name(void *lock, unsigned flags);                                        \
	GUEST_EXPORT void name(void *lock, unsigned flags)                                         \
	{                                                                                          \
		TSAN_FORWARD(name, lock, flags);                                                   \
	}

TSAN_PASS(__tsan_mutex_pre_signal)
TSAN_PASS(__tsan_mutex_post_signal)
TSAN_PASS(__tsan_mutex_pre_divert)
TSAN_PASS(__tsan_mutex_post_divert)

GUEST_EXPORT void __tsan_check_no_mutexes_held(void);

void __tsan_check_no_mutexes_held(void)
{
	struct lockdag_block *t = guest_current();

	if (t)
		guest_assert_none_held(t, GUEST_SITE());
	TSAN_FORWARD(__tsan_check_no_mutexes_held);
}

GUEST_EXPORT void AnnotateThreadName(const char *file, int line, const char *name);

void AnnotateThreadName(const char *file, int line, const char *name)
{
	if (guest_current() && name)
		guest_thread_named(pthread_self(), name);
	TSAN_FORWARD(AnnotateThreadName, file, line, name);
}

/* ------------------------------------------------------------------ AnnotateRWLock*
 *
 * These come after the fact, without a word about tries: taken for an acquisition that may wait, as
 * TSan takes them. */

GUEST_EXPORT void AnnotateRWLockCreate(const char *file, int line, const volatile void *lock);
GUEST_EXPORT void AnnotateRWLockCreateStatic(const char *file, int line, const volatile void *lock);
GUEST_EXPORT void AnnotateRWLockDestroy(const char *file, int line, const volatile void *lock);
GUEST_EXPORT void AnnotateRWLockAcquired(
	const char *file, int line, const volatile void *lock, long is_write);
GUEST_EXPORT void AnnotateRWLockReleased(
	const char *file, int line, const volatile void *lock, long is_write);

void AnnotateRWLockCreate(const char *file, int line, const volatile void *lock)
{
	tsan_create((void *)(uintptr_t)lock, 0, GUEST_SITE());
	TSAN_FORWARD(AnnotateRWLockCreate, file, line, lock);
}

/* May be said again at each use of the lock, so that it is no birth. */
void AnnotateRWLockCreateStatic(const char *file, int line, const volatile void *lock)
{
	TSAN_FORWARD(AnnotateRWLockCreateStatic, file, line, lock);
}

void AnnotateRWLockDestroy(const char *file, int line, const volatile void *lock)
{
	guest_gone((void *)(uintptr_t)lock, LOCKDAG_LOCK_OWN, GUEST_SITE());
	TSAN_FORWARD(AnnotateRWLockDestroy, file, line, lock);
}

void AnnotateRWLockAcquired(const char *file, int line, const volatile void *lock, long is_write)
{
	TSAN_FORWARD(AnnotateRWLockAcquired, file, line, lock, is_write);
	tsan_after((void *)(uintptr_t)lock, is_write ? 0 : TSAN_READ, 1, GUEST_SITE());
}

void AnnotateRWLockReleased(const char *file, int line, const volatile void *lock, long is_write)
{
	guest_unlock((void *)(uintptr_t)lock, LOCKDAG_N_LOCK_TYPES, GUEST_SITE());
	TSAN_FORWARD(AnnotateRWLockReleased, file, line, lock, is_write);
}
