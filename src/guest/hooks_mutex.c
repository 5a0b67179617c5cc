/* SPDX-License-Identifier: MIT
 *
 * pthread mutexes and spinlocks. pthread_mutex_lock is the hottest hook there is: its steady state
 * is written out here, everything else goes the general way.
 */
#include "guest/hooks.h"

#define REAL(name) (guest_reals()->name)

static LOCKDAG_COLD int mutex_lock_general(pthread_mutex_t *m, struct guest_site site)
{
	struct guest_wait w;
	bool watched = guest_wait_begin(
		&w, m, LOCKDAG_LOCK_MUTEX, LOCKDAG_EXCLUSIVE, 0, 0, site);
	int r = REAL(pthread_mutex_lock)(m);

	if (watched)
		guest_wait_end(&w, guest_acquired(r));
	return r;
}

GUEST_EXPORT int pthread_mutex_lock(pthread_mutex_t *m)
{
	struct lockdag_block *t = guest_tls.block;
	uint64_t word;
	int r;

	if (LOCKDAG_UNLIKELY(!t || !guest_wipe->alive))
		return mutex_lock_general(m, GUEST_SITE());
	word = lockdag_load_relaxed((uint64_t *)m + GUEST_MUTEX_WORD);
	if (LOCKDAG_UNLIKELY(word >> 32 != guest_check(m) || (word & LOCKDAG_KEY_SPECIAL)))
		return mutex_lock_general(m, GUEST_SITE());
	guest_ask(t, m, (uint32_t)word, LOCKDAG_EXCLUSIVE, 0, 0, 0, GUEST_IP(), GUEST_SP());
	lockdag_store_relaxed(&t->waiting, (uint64_t)m);
	r = guest_real.pthread_mutex_lock(m);
	lockdag_store_relaxed(&t->waiting, 0);
	if (LOCKDAG_UNLIKELY(!guest_acquired(r)))
		return r;
	if (LOCKDAG_LIKELY(t->top->lock == (uint64_t)m))
		guest_push(t);
	else
		guest_push_again(
			t, m, (uint32_t)word, LOCKDAG_EXCLUSIVE, GUEST_IP(), GUEST_SP());
	return r;
}

GUEST_EXPORT int pthread_mutex_unlock(pthread_mutex_t *m)
{
	struct lockdag_block *t = guest_tls.block;

	if (LOCKDAG_UNLIKELY(!t || !guest_wipe->alive)) {
		guest_unlock(m);
		return REAL(pthread_mutex_unlock)(m);
	}
	guest_release(t, m);
	return guest_real.pthread_mutex_unlock(m);
}

GUEST_EXPORT int pthread_mutex_trylock(pthread_mutex_t *m)
{
	GUEST_ACQUIRE(m, LOCKDAG_LOCK_MUTEX, LOCKDAG_EXCLUSIVE, GUEST_TRY, 0,
		REAL(pthread_mutex_trylock)(m));
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
	int r = REAL(pthread_mutex_init)(m, attributes);

	if (!r)
		guest_born(m, LOCKDAG_LOCK_MUTEX, 1, site);
	return r;
}

GUEST_EXPORT int pthread_mutex_destroy(pthread_mutex_t *m)
{
	/* Before the real call: afterwards the memory may be somebody else's. A refused destroy costs
	 * the lock its identity, not its validity. */
	guest_gone(m, LOCKDAG_LOCK_MUTEX);
	return REAL(pthread_mutex_destroy)(m);
}

/* ------------------------------------------------------------------ spinlocks */

GUEST_EXPORT int pthread_spin_lock(pthread_spinlock_t *s)
{
	GUEST_ACQUIRE((void *)s, LOCKDAG_LOCK_SPINLOCK, LOCKDAG_EXCLUSIVE, 0, 0,
		REAL(pthread_spin_lock)(s));
}

GUEST_EXPORT int pthread_spin_trylock(pthread_spinlock_t *s)
{
	GUEST_ACQUIRE((void *)s, LOCKDAG_LOCK_SPINLOCK, LOCKDAG_EXCLUSIVE, GUEST_TRY, 0,
		REAL(pthread_spin_trylock)(s));
}

GUEST_EXPORT int pthread_spin_unlock(pthread_spinlock_t *s)
{
	guest_unlock((const void *)s);
	return REAL(pthread_spin_unlock)(s);
}

GUEST_EXPORT int pthread_spin_init(pthread_spinlock_t *s, int shared)
{
	const struct guest_site site = GUEST_SITE();
	int r = REAL(pthread_spin_init)(s, shared);

	if (!r)
		guest_born((void *)s, LOCKDAG_LOCK_SPINLOCK, 1, site);
	return r;
}

GUEST_EXPORT int pthread_spin_destroy(pthread_spinlock_t *s)
{
	guest_gone((void *)s, LOCKDAG_LOCK_SPINLOCK);
	return REAL(pthread_spin_destroy)(s);
}
