/* SPDX-License-Identifier: MIT
 *
 * C11 mutexes. glibc's mtx_lock does not go through pthread_mutex_lock's symbol, so these are hooks
 * of their own; a mtx_t is a pthread mutex inside.
 */
#include "guest/misuse.h"

#define REAL(name) (guest_reals()->name)

GUEST_EXPORT int mtx_init(mtx_t *m, int type)
{
	const struct guest_site site = GUEST_SITE();
	int r;

	guest_misuse_init(m, LOCKDAG_LOCK_C11_MUTEX, site);
	r = REAL(mtx_init)(m, type);

	if (r == thrd_success)
		guest_born(m, LOCKDAG_LOCK_C11_MUTEX, 1, site);
	return r;
}

GUEST_EXPORT void mtx_destroy(mtx_t *m)
{
	guest_gone(m, LOCKDAG_LOCK_C11_MUTEX, GUEST_SITE());
	REAL(mtx_destroy)(m);
}

static LOCKDAG_COLD int c11_lock_general(mtx_t *m, struct guest_site site)
{
	struct guest_wait w;
	bool watched = guest_wait_begin(
		&w, m, LOCKDAG_LOCK_C11_MUTEX, LOCKDAG_EXCLUSIVE, 0, 0, site);
	int r = REAL(mtx_lock)(m);

	if (watched)
		guest_wait_end(&w, r == thrd_success);
	return r;
}

GUEST_EXPORT int mtx_lock(mtx_t *m)
{
	struct lockdag_block *t = guest_ready();
	uint32_t key;
	int r;

	if (LOCKDAG_UNLIKELY(!t || !guest_word_key(m, GUEST_MUTEX_WORD, &key) ||
			    key & LOCKDAG_KEY_RECURSIVE))
		return c11_lock_general(m, GUEST_SITE());
	guest_before(t, m, key, LOCKDAG_EXCLUSIVE, GUEST_IP(), GUEST_SP(), GUEST_MUTEX_SERIAL);
	r = guest_real.mtx_lock(m);
	guest_after(t, m, LOCKDAG_LOCK_C11_MUTEX, LOCKDAG_EXCLUSIVE, GUEST_IP(), GUEST_SP(), r == thrd_success);
	return r;
}

GUEST_EXPORT int mtx_trylock(mtx_t *m)
{
	GUEST_ACQUIRE(m, LOCKDAG_LOCK_C11_MUTEX, LOCKDAG_EXCLUSIVE, GUEST_TRY, 0,
		REAL(mtx_trylock)(m));
}

GUEST_EXPORT int mtx_timedlock(mtx_t *restrict m, const struct timespec *restrict until)
{
	GUEST_ACQUIRE(m, LOCKDAG_LOCK_C11_MUTEX, LOCKDAG_EXCLUSIVE, GUEST_TIMED,
		guest_until_ms(CLOCK_REALTIME, until), REAL(mtx_timedlock)(m, until));
}

GUEST_EXPORT int mtx_unlock(mtx_t *m)
{
	guest_unlock(m, LOCKDAG_LOCK_C11_MUTEX, GUEST_SITE());
	return REAL(mtx_unlock)(m);
}
