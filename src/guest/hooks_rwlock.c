/* SPDX-License-Identifier: MIT
 *
 * pthread rwlocks. Whether a read lock waits behind a queued writer is read from the lock itself.
 */
#include "guest/misuse.h"

#define REAL(name) (guest_reals()->name)

LOCKDAG_INLINE unsigned rwlock_read_mode(const pthread_rwlock_t *rw)
{
	return rw->__data.__flags == PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP
		? LOCKDAG_READ
		: LOCKDAG_READ_RECURSIVE;
}

static __attribute__((noinline)) int rwlock_general(pthread_rwlock_t *rw, unsigned mode,
	int (*real)(pthread_rwlock_t *), struct guest_site site)
{
	struct lockdag_block *t = guest_ready();
	struct guest_wait w;
	bool watched;
	uint32_t key;
	int r;

	if (t && guest_word_key(rw, GUEST_RWLOCK_WORD, &key)) { /* it shares its key with others */
		guest_before(t, rw, key, mode, site.ip, site.sp, GUEST_RWLOCK_SERIAL);
		r = real(rw);
		guest_after(t, rw, LOCKDAG_LOCK_RWLOCK, mode, site.ip, site.sp, r == 0);
		return r;
	}
	watched = guest_wait_begin(&w, rw, LOCKDAG_LOCK_RWLOCK, mode, 0, 0, site);
	r = real(rw);
	if (watched)
		guest_wait_end(&w, r == 0);
	return r;
}

/* The steady state, as in pthread_mutex_lock. */
LOCKDAG_INLINE int rwlock_lock(pthread_rwlock_t *rw, struct lockdag_block *t, unsigned mode,
	int (*real)(pthread_rwlock_t *), struct guest_site site)
{
	uint32_t key;
	int r;

	if (LOCKDAG_UNLIKELY(!guest_plain_word(rw, GUEST_RWLOCK_WORD, &key)))
		return rwlock_general(rw, mode, real, site);
	guest_before_plain(t, rw, key, mode, site.ip, site.sp);
	r = real(rw);
	guest_after(t, rw, LOCKDAG_LOCK_RWLOCK, mode, site.ip, site.sp, r == 0);
	return r;
}

GUEST_EXPORT int pthread_rwlock_rdlock(pthread_rwlock_t *rw)
{
	struct lockdag_block *t = guest_ready();

	if (LOCKDAG_UNLIKELY(!t))
		return rwlock_general(
			rw, rwlock_read_mode(rw), REAL(pthread_rwlock_rdlock), GUEST_SITE());
	return rwlock_lock(
		rw, t, rwlock_read_mode(rw), guest_real.pthread_rwlock_rdlock, GUEST_SITE());
}

GUEST_EXPORT int pthread_rwlock_wrlock(pthread_rwlock_t *rw)
{
	struct lockdag_block *t = guest_ready();

	if (LOCKDAG_UNLIKELY(!t))
		return rwlock_general(
			rw, LOCKDAG_EXCLUSIVE, REAL(pthread_rwlock_wrlock), GUEST_SITE());
	return rwlock_lock(rw, t, LOCKDAG_EXCLUSIVE, guest_real.pthread_rwlock_wrlock, GUEST_SITE());
}

GUEST_EXPORT int pthread_rwlock_unlock(pthread_rwlock_t *rw)
{
	struct lockdag_block *t = guest_ready();

	if (LOCKDAG_UNLIKELY(!t)) {
		guest_unlock(rw, LOCKDAG_LOCK_RWLOCK, GUEST_SITE());
		return REAL(pthread_rwlock_unlock)(rw);
	}
	guest_release(t, rw, LOCKDAG_LOCK_RWLOCK);
	return guest_real.pthread_rwlock_unlock(rw);
}

GUEST_EXPORT int pthread_rwlock_tryrdlock(pthread_rwlock_t *rw)
{
	GUEST_ACQUIRE(rw, LOCKDAG_LOCK_RWLOCK, rwlock_read_mode(rw), GUEST_TRY, 0,
		REAL(pthread_rwlock_tryrdlock)(rw));
}

GUEST_EXPORT int pthread_rwlock_trywrlock(pthread_rwlock_t *rw)
{
	GUEST_ACQUIRE(rw, LOCKDAG_LOCK_RWLOCK, LOCKDAG_EXCLUSIVE, GUEST_TRY, 0,
		REAL(pthread_rwlock_trywrlock)(rw));
}

GUEST_EXPORT int pthread_rwlock_timedrdlock(pthread_rwlock_t *rw, const struct timespec *until)
{
	GUEST_ACQUIRE(rw, LOCKDAG_LOCK_RWLOCK, rwlock_read_mode(rw), GUEST_TIMED,
		guest_until_ms(CLOCK_REALTIME, until), REAL(pthread_rwlock_timedrdlock)(rw, until));
}

GUEST_EXPORT int pthread_rwlock_timedwrlock(pthread_rwlock_t *rw, const struct timespec *until)
{
	GUEST_ACQUIRE(rw, LOCKDAG_LOCK_RWLOCK, LOCKDAG_EXCLUSIVE, GUEST_TIMED,
		guest_until_ms(CLOCK_REALTIME, until), REAL(pthread_rwlock_timedwrlock)(rw, until));
}

GUEST_EXPORT int pthread_rwlock_clockrdlock(
	pthread_rwlock_t *rw, clockid_t clock, const struct timespec *until)
{
	GUEST_ACQUIRE(rw, LOCKDAG_LOCK_RWLOCK, rwlock_read_mode(rw), GUEST_TIMED,
		guest_until_ms(clock, until), REAL(pthread_rwlock_clockrdlock)(rw, clock, until));
}

GUEST_EXPORT int pthread_rwlock_clockwrlock(
	pthread_rwlock_t *rw, clockid_t clock, const struct timespec *until)
{
	GUEST_ACQUIRE(rw, LOCKDAG_LOCK_RWLOCK, LOCKDAG_EXCLUSIVE, GUEST_TIMED,
		guest_until_ms(clock, until), REAL(pthread_rwlock_clockwrlock)(rw, clock, until));
}

GUEST_EXPORT int pthread_rwlock_init(pthread_rwlock_t *rw, const pthread_rwlockattr_t *attributes)
{
	const struct guest_site site = GUEST_SITE();
	int r;

	guest_misuse_init(rw, LOCKDAG_LOCK_RWLOCK, site);
	r = REAL(pthread_rwlock_init)(rw, attributes);

	if (!r)
		guest_born(rw, LOCKDAG_LOCK_RWLOCK, 1, site);
	return r;
}

GUEST_EXPORT int pthread_rwlock_destroy(pthread_rwlock_t *rw)
{
	guest_gone(rw, LOCKDAG_LOCK_RWLOCK, GUEST_SITE());
	return REAL(pthread_rwlock_destroy)(rw);
}
