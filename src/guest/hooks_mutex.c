/* SPDX-License-Identifier: MIT
 *
 * pthread mutexes and spinlocks. pthread_mutex_lock is the hottest hook there is: its steady state
 * is written out here, everything else goes the general way.
 */
#include "guest/misuse.h"

#define REAL(name) (guest_reals()->name)

static LOCKDAG_COLD int mutex_general(pthread_mutex_t *m, unsigned flags,
	int (*real)(pthread_mutex_t *), struct guest_site site)
{
	struct guest_wait w;
	bool watched = guest_wait_begin(
		&w, m, LOCKDAG_LOCK_MUTEX, LOCKDAG_EXCLUSIVE, flags, 0, site);
	int r = real(m);

	if (watched)
		guest_wait_end(&w, guest_acquired(r));
	if (r == GUEST_OWNER_DEAD)
		guest_inherited(m);
	return r;
}

/* A lock that shares its key with others; else the general way. */
static __attribute__((noinline)) int mutex_lock_special(pthread_mutex_t *m, uint64_t ip, uint64_t sp)
{
	struct lockdag_block *t = guest_ready();
	uint32_t key;
	int r;

	if (!t || !guest_word_key(m, GUEST_MUTEX_WORD, &key) || key & LOCKDAG_KEY_RECURSIVE)
		return mutex_general(
			m, 0, REAL(pthread_mutex_lock), (struct guest_site){ ip, sp });
	guest_before(t, m, key, LOCKDAG_EXCLUSIVE, ip, sp, GUEST_MUTEX_SERIAL);
	r = guest_real.pthread_mutex_lock(m);
	guest_after(t, m, LOCKDAG_LOCK_MUTEX, LOCKDAG_EXCLUSIVE, ip, sp, guest_acquired(r));
	return r;
}

GUEST_EXPORT int pthread_mutex_lock(pthread_mutex_t *m)
{
	struct lockdag_block *t = guest_ready();
	uint32_t key;
	int r;

	lockdag_prefetch_for_write(m);
	if (LOCKDAG_UNLIKELY(!t || !guest_plain_word(m, GUEST_MUTEX_WORD, &key)))
		return mutex_lock_special(m, GUEST_IP(), GUEST_SP());
	guest_before_plain(t, m, key, LOCKDAG_EXCLUSIVE, GUEST_IP(), GUEST_SP());
	r = guest_real.pthread_mutex_lock(m);
	guest_after(t, m, LOCKDAG_LOCK_MUTEX, LOCKDAG_EXCLUSIVE, GUEST_IP(), GUEST_SP(),
		guest_acquired(r));
	return r;
}

GUEST_EXPORT int pthread_mutex_unlock(pthread_mutex_t *m)
{
	struct lockdag_block *t = guest_ready();

	if (LOCKDAG_UNLIKELY(!t)) {
		guest_unlock(m, LOCKDAG_LOCK_MUTEX, GUEST_SITE());
		return REAL(pthread_mutex_unlock)(m);
	}
	guest_release(t, m, LOCKDAG_LOCK_MUTEX);
	return guest_real.pthread_mutex_unlock(m);
}

GUEST_EXPORT int pthread_mutex_trylock(pthread_mutex_t *m)
{
	struct lockdag_block *t = guest_ready();
	uint32_t key;
	int r;

	if (LOCKDAG_UNLIKELY(!t || !guest_word_key(m, GUEST_MUTEX_WORD, &key) ||
			    key & LOCKDAG_KEY_RECURSIVE))
		return mutex_general(m, GUEST_TRY, REAL(pthread_mutex_trylock), GUEST_SITE());
	r = guest_real.pthread_mutex_trylock(m);
	if (guest_acquired(r))
		guest_tried(t, m, key, LOCKDAG_EXCLUSIVE, GUEST_IP(), GUEST_SP(), GUEST_MUTEX_SERIAL);
	return r;
}

GUEST_EXPORT int pthread_mutex_timedlock(pthread_mutex_t *m, const struct timespec *until)
{
	GUEST_ACQUIRE(m, LOCKDAG_LOCK_MUTEX, LOCKDAG_EXCLUSIVE, GUEST_TIMED,
		guest_until_ms(CLOCK_REALTIME, until), REAL(pthread_mutex_timedlock)(m, until));
}

GUEST_EXPORT int pthread_mutex_clocklock(
	pthread_mutex_t *m, clockid_t clock, const struct timespec *until)
{
	GUEST_ACQUIRE(m, LOCKDAG_LOCK_MUTEX, LOCKDAG_EXCLUSIVE, GUEST_TIMED,
		guest_until_ms(clock, until), REAL(pthread_mutex_clocklock)(m, clock, until));
}

GUEST_EXPORT int pthread_mutex_init(pthread_mutex_t *m, const pthread_mutexattr_t *attributes)
{
	const struct guest_site site = GUEST_SITE();
	int r;

	guest_misuse_init(m, LOCKDAG_LOCK_MUTEX, site);
	r = REAL(pthread_mutex_init)(m, attributes);

	if (!r)
		guest_born(m, LOCKDAG_LOCK_MUTEX, 1, site);
	return r;
}

GUEST_EXPORT int pthread_mutex_destroy(pthread_mutex_t *m)
{
	/* Before the real call: afterwards the memory may be somebody else's. A refused destroy costs
	 * the lock its identity, not its validity. */
	guest_gone(m, LOCKDAG_LOCK_MUTEX, GUEST_SITE());
	return REAL(pthread_mutex_destroy)(m);
}

/* ------------------------------------------------------------------ spinlocks */

static LOCKDAG_COLD int spin_lock_general(pthread_spinlock_t *s, struct guest_site site)
{
	struct guest_wait w;
	bool watched = guest_wait_begin(
		&w, (void *)s, LOCKDAG_LOCK_SPINLOCK, LOCKDAG_EXCLUSIVE, 0, 0, site);
	int r = REAL(pthread_spin_lock)(s);

	if (watched)
		guest_wait_end(&w, r == 0);
	return r;
}

GUEST_EXPORT int pthread_spin_lock(pthread_spinlock_t *s)
{
	struct lockdag_block *t = guest_ready();
	void *lock = (void *)s;
	uint32_t key;
	int r;

	if (LOCKDAG_UNLIKELY(!t || !guest_plain_shadow(lock, &key)))
		return spin_lock_general(s, GUEST_SITE());
	guest_before(t, lock, key, LOCKDAG_EXCLUSIVE, GUEST_IP(), GUEST_SP(), GUEST_LOOK_UP);
	r = guest_real.pthread_spin_lock(s);
	guest_after(t, lock, LOCKDAG_LOCK_SPINLOCK, LOCKDAG_EXCLUSIVE, GUEST_IP(), GUEST_SP(), r == 0);
	return r;
}

GUEST_EXPORT int pthread_spin_trylock(pthread_spinlock_t *s)
{
	GUEST_ACQUIRE((void *)s, LOCKDAG_LOCK_SPINLOCK, LOCKDAG_EXCLUSIVE, GUEST_TRY, 0,
		REAL(pthread_spin_trylock)(s));
}

GUEST_EXPORT int pthread_spin_unlock(pthread_spinlock_t *s)
{
	struct lockdag_block *t = guest_ready();

	if (LOCKDAG_UNLIKELY(!t)) {
		guest_unlock((const void *)s, LOCKDAG_LOCK_SPINLOCK, GUEST_SITE());
		return REAL(pthread_spin_unlock)(s);
	}
	guest_release(t, (const void *)s, LOCKDAG_LOCK_SPINLOCK);
	return guest_real.pthread_spin_unlock(s);
}

GUEST_EXPORT int pthread_spin_init(pthread_spinlock_t *s, int shared)
{
	const struct guest_site site = GUEST_SITE();
	int r;

	guest_misuse_init((void *)s, LOCKDAG_LOCK_SPINLOCK, site);
	r = REAL(pthread_spin_init)(s, shared);

	if (!r)
		guest_born((void *)s, LOCKDAG_LOCK_SPINLOCK, 1, site);
	return r;
}

GUEST_EXPORT int pthread_spin_destroy(pthread_spinlock_t *s)
{
	guest_gone((void *)s, LOCKDAG_LOCK_SPINLOCK, GUEST_SITE());
	return REAL(pthread_spin_destroy)(s);
}
