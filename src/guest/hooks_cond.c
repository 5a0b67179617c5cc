/* SPDX-License-Identifier: MIT
 *
 * Condition waits, as far as the mutex goes: it is not held during the wait, and taking it again
 * is an acquisition like any other (its edges are recorded before the wait, since it may never
 * return). pthread_cond_wait and _timedwait have two versions with different code and different
 * condition variables (guest.map): each hook calls its own.
 *
 * Cancellation takes the mutex again and unwinds through here: a cleanup handler puts it back, the
 * one that needs no exceptions (and so no libgcc_s in the program).
 */
#include "guest/hooks.h"

#include <dlfcn.h>

#define REAL(name) (guest_reals()->name)

void guest_cond_begin(struct guest_cond_wait *c, const void *cond, void *mutex,
	enum lockdag_lock_type type, struct guest_site site)
{
	struct lockdag_block *t = guest_current();
	struct lockdag_held_slot *held = t ? guest_find_held(t, mutex) : NULL;

	c->watched = false;
	/* Not held, as far as we know: then it is not taken off and not put back. */
	if (!held)
		return;
	guest_remove(t, held);
	c->watched = guest_wait_begin(
		&c->w, mutex, type, LOCKDAG_EXCLUSIVE, GUEST_REWAIT, 0, site);
	lockdag_store_relaxed(&t->waiting, (uint64_t)cond | LOCKDAG_WAIT_OTHER);
}

void guest_cond_end(struct guest_cond_wait *c)
{
	if (c->watched)
		guest_wait_end(&c->w, true);
	c->watched = false;
}

static void cond_end(void *c)
{
	guest_cond_end(c);
}

#define COND_WAIT(cond, mutex, type, call)                                                         \
	do {                                                                                       \
		struct guest_cond_wait c_;                                                         \
		int r_;                                                                            \
                                                                                                   \
		guest_cond_begin(&c_, (cond), (mutex), (type), GUEST_SITE());                      \
		pthread_cleanup_push(cond_end, &c_);                                               \
		r_ = (call);                                                                       \
		pthread_cleanup_pop(1);                                                            \
		return r_;                                                                         \
	} while (0)

/* The 2.2.5 versions, for programs linked before 2002: an 8-byte condition variable. */
#define COND_OLD(name, type)                                                                       \
	({                                                                                         \
		static void *p_;                                                                   \
		if (!p_)                                                                           \
			p_ = dlvsym(RTLD_NEXT, name, "GLIBC_2.2.5");                               \
		(type) p_;                                                                         \
	})

GUEST_EXPORT int guest_cond_wait_new(pthread_cond_t *c, pthread_mutex_t *m);
GUEST_EXPORT int guest_cond_wait_new(pthread_cond_t *c, pthread_mutex_t *m)
{
	COND_WAIT(c, m, LOCKDAG_LOCK_MUTEX, REAL(pthread_cond_wait)(c, m));
}
__asm__(".symver guest_cond_wait_new, pthread_cond_wait@@GLIBC_2.3.2");

GUEST_EXPORT int guest_cond_wait_old(pthread_cond_t *c, pthread_mutex_t *m);
GUEST_EXPORT int guest_cond_wait_old(pthread_cond_t *c, pthread_mutex_t *m)
{
	typedef int (*wait)(pthread_cond_t *, pthread_mutex_t *);

	COND_WAIT(c, m, LOCKDAG_LOCK_MUTEX, COND_OLD("pthread_cond_wait", wait)(c, m));
}
__asm__(".symver guest_cond_wait_old, pthread_cond_wait@GLIBC_2.2.5");

GUEST_EXPORT int guest_cond_timedwait_new(
	pthread_cond_t *c, pthread_mutex_t *m, const struct timespec *until);
GUEST_EXPORT int guest_cond_timedwait_new(
	pthread_cond_t *c, pthread_mutex_t *m, const struct timespec *until)
{
	COND_WAIT(c, m, LOCKDAG_LOCK_MUTEX, REAL(pthread_cond_timedwait)(c, m, until));
}
__asm__(".symver guest_cond_timedwait_new, pthread_cond_timedwait@@GLIBC_2.3.2");

GUEST_EXPORT int guest_cond_timedwait_old(
	pthread_cond_t *c, pthread_mutex_t *m, const struct timespec *until);
GUEST_EXPORT int guest_cond_timedwait_old(
	pthread_cond_t *c, pthread_mutex_t *m, const struct timespec *until)
{
	typedef int (*wait)(pthread_cond_t *, pthread_mutex_t *, const struct timespec *);

	COND_WAIT(c, m, LOCKDAG_LOCK_MUTEX, COND_OLD("pthread_cond_timedwait", wait)(c, m, until));
}
__asm__(".symver guest_cond_timedwait_old, pthread_cond_timedwait@GLIBC_2.2.5");

GUEST_EXPORT int pthread_cond_clockwait(
	pthread_cond_t *c, pthread_mutex_t *m, clockid_t clock, const struct timespec *until)
{
	COND_WAIT(c, m, LOCKDAG_LOCK_MUTEX, REAL(pthread_cond_clockwait)(c, m, clock, until));
}

GUEST_EXPORT int cnd_wait(cnd_t *c, mtx_t *m)
{
	COND_WAIT(c, m, LOCKDAG_LOCK_C11_MUTEX, REAL(cnd_wait)(c, m));
}

GUEST_EXPORT int cnd_timedwait(
	cnd_t *restrict c, mtx_t *restrict m, const struct timespec *restrict until)
{
	COND_WAIT(c, m, LOCKDAG_LOCK_C11_MUTEX, REAL(cnd_timedwait)(c, m, until));
}
