/* SPDX-License-Identifier: MIT
 *
 * Conditions: events with a mutex. It is not held during the wait, and taking it again is an
 * acquisition like any other (its edges are recorded before the wait, since it may never return).
 * Six of the functions have two versions with different code and different condition variables
 * (guest.map): each hook calls its own.
 *
 * Cancellation takes the mutex again and unwinds through here: a cleanup handler puts it back, the
 * one that needs no exceptions (and so no libgcc_s in the program).
 */
#include "guest/again.h"
#include "guest/loops.h"
#include "guest/misuse.h"

#include <dlfcn.h>

#define REAL(name) (guest_reals()->name)

void guest_cond_begin(struct guest_cond_wait *c, const void *cond, void *mutex,
	enum lockdag_lock_type type, unsigned flags, uint32_t timeout_ms, struct guest_site site)
{
	struct lockdag_block *t = guest_current();
	struct lockdag_held_slot *held = t ? guest_find_held(t, mutex) : NULL;
	uint32_t key, monitor = LOCKDAG_KEY_NONE;

	c->watched = c->signalled = false;
	c->ends = NULL;
	c->t = t;
	if (!t)
		return;
	if (t && guest_event_key(t, cond, LOCKDAG_LOCK_CONDITION, site, &key))
		guest_misuse_wait(t, cond, key, mutex, type, held, site);
	if (held) {
		monitor = LOCKDAG_KEY_ROW(LOCKDAG_META_KEY(held->meta));
		guest_loops_waits(t, held);
		guest_remove(t, held);
	}
	if (guest_event_key(t, cond, LOCKDAG_LOCK_CONDITION, site, &key)) {
		guest_event_wait(t, cond, key, monitor, flags, timeout_ms, 0, site);
		c->ends = guest_event_entry(cond, key);
		c->event = cond;
		c->wait = t->top->presence;
		if (c->ends)
			lockdag_store_relaxed(&c->ends->b, 0);
	}
	/* Not held, as far as we know: then it is not put back either. */
	if (held)
		c->watched = guest_wait_begin(
			&c->w, mutex, type, LOCKDAG_EXCLUSIVE, GUEST_REWAIT, 0, site);
	lockdag_store_relaxed(&t->waiting, ((uint64_t)cond & ~UINT64_C(3)) |
			(flags & GUEST_TIMED ? LOCKDAG_WAIT_OTHER : LOCKDAG_WAIT_EVENT));
}

void guest_cond_end(struct guest_cond_wait *c)
{
	if (LOCKDAG_UNLIKELY(guest_worker.under_way) && c->t)
		guest_workers_waited(c->t);
	if (c->signalled && c->ends)
		guest_record_ended(c->t, c->event, c->wait, lockdag_load_relaxed(&c->ends->b));
	if (c->watched)
		guest_wait_end(&c->w, true);
	else if (c->t)
		guest_event_waited(c->t);
	c->watched = false;
}

void guest_cond_signal(const void *cond, struct guest_site site)
{
	struct lockdag_block *t = guest_current();
	struct lockdag_hash_entry *entry;
	uint32_t key, last;

	if (!t || guest_signals_again(t, cond, site.ip) ||
		!guest_event_key(t, cond, LOCKDAG_LOCK_CONDITION, site, &key))
		return;
	last = guest_event_signal(t, cond, key, site);
	entry = guest_event_entry(cond, key);
	if (entry && lockdag_load_relaxed(&entry->b) != last)
		lockdag_store_relaxed(&entry->b, last);
	guest_keep_again(guest_agains.signals, t, cond, key, site.ip, 0);
}

static void cond_end(void *c)
{
	guest_cond_end(c);
}

#define COND_WAIT(cond, mutex, type, flags, timeout_ms, call)                                                         \
	do {                                                                                       \
		struct guest_cond_wait c_;                                                         \
		int r_;                                                                            \
                                                                                                   \
		guest_cond_begin(&c_, (cond), (mutex), (type), (flags), (timeout_ms),              \
			GUEST_SITE());                                                             \
		pthread_cleanup_push(cond_end, &c_);                                               \
		r_ = (call);                                                                       \
		c_.signalled = !r_;                                                                \
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
	COND_WAIT(c, m, LOCKDAG_LOCK_MUTEX, 0, 0, REAL(pthread_cond_wait)(c, m));
}
__asm__(".symver guest_cond_wait_new, pthread_cond_wait@@GLIBC_2.3.2");

GUEST_EXPORT int guest_cond_wait_old(pthread_cond_t *c, pthread_mutex_t *m);
GUEST_EXPORT int guest_cond_wait_old(pthread_cond_t *c, pthread_mutex_t *m)
{
	typedef int (*wait)(pthread_cond_t *, pthread_mutex_t *);

	COND_WAIT(c, m, LOCKDAG_LOCK_MUTEX, 0, 0, COND_OLD("pthread_cond_wait", wait)(c, m));
}
__asm__(".symver guest_cond_wait_old, pthread_cond_wait@GLIBC_2.2.5");

GUEST_EXPORT int guest_cond_timedwait_new(
	pthread_cond_t *c, pthread_mutex_t *m, const struct timespec *until);
GUEST_EXPORT int guest_cond_timedwait_new(
	pthread_cond_t *c, pthread_mutex_t *m, const struct timespec *until)
{
	COND_WAIT(c, m, LOCKDAG_LOCK_MUTEX, GUEST_TIMED, guest_until_ms(CLOCK_REALTIME, until),
		REAL(pthread_cond_timedwait)(c, m, until));
}
__asm__(".symver guest_cond_timedwait_new, pthread_cond_timedwait@@GLIBC_2.3.2");

GUEST_EXPORT int guest_cond_timedwait_old(
	pthread_cond_t *c, pthread_mutex_t *m, const struct timespec *until);
GUEST_EXPORT int guest_cond_timedwait_old(
	pthread_cond_t *c, pthread_mutex_t *m, const struct timespec *until)
{
	typedef int (*wait)(pthread_cond_t *, pthread_mutex_t *, const struct timespec *);

	COND_WAIT(c, m, LOCKDAG_LOCK_MUTEX, GUEST_TIMED, guest_until_ms(CLOCK_REALTIME, until),
		COND_OLD("pthread_cond_timedwait", wait)(c, m, until));
}
__asm__(".symver guest_cond_timedwait_old, pthread_cond_timedwait@GLIBC_2.2.5");

GUEST_EXPORT int pthread_cond_clockwait(
	pthread_cond_t *c, pthread_mutex_t *m, clockid_t clock, const struct timespec *until)
{
	COND_WAIT(c, m, LOCKDAG_LOCK_MUTEX, GUEST_TIMED, guest_until_ms(clock, until),
		REAL(pthread_cond_clockwait)(c, m, clock, until));
}

GUEST_EXPORT int cnd_wait(cnd_t *c, mtx_t *m)
{
	COND_WAIT(c, m, LOCKDAG_LOCK_C11_MUTEX, 0, 0, REAL(cnd_wait)(c, m));
}

GUEST_EXPORT int cnd_timedwait(
	cnd_t *restrict c, mtx_t *restrict m, const struct timespec *restrict until)
{
	COND_WAIT(c, m, LOCKDAG_LOCK_C11_MUTEX, GUEST_TIMED, guest_until_ms(CLOCK_REALTIME, until),
		REAL(cnd_timedwait)(c, m, until));
}

/* ------------------------------------------------------------------ signal, init, destroy */

#define COND_SIGNAL(name)                                                                          \
	GUEST_EXPORT int guest_cond_##name##_new(pthread_cond_t *c);                               \
	GUEST_EXPORT int guest_cond_##name##_new(pthread_cond_t *c)                                \
	{                                                                                          \
		struct lockdag_block *t = guest_ready();                                           \
                                                                                                   \
		if (LOCKDAG_LIKELY(t && guest_signals_again(t, c, GUEST_IP())))                    \
			return guest_real.pthread_cond_##name(c);                                  \
		guest_cond_signal(c, GUEST_SITE());                                                \
		return REAL(pthread_cond_##name)(c);                                               \
	}                                                                                          \
	__asm__(".symver guest_cond_" #name "_new, pthread_cond_" #name "@@GLIBC_2.3.2");          \
                                                                                                   \
	GUEST_EXPORT int guest_cond_##name##_old(pthread_cond_t *c);                               \
	GUEST_EXPORT int guest_cond_##name##_old(pthread_cond_t *c)                                \
	{                                                                                          \
		typedef int (*real)(pthread_cond_t *);                                             \
                                                                                                   \
		guest_cond_signal(c, GUEST_SITE());                                                \
		return COND_OLD("pthread_cond_" #name, real)(c);                                   \
	}                                                                                          \
	__asm__(".symver guest_cond_" #name "_old, pthread_cond_" #name "@GLIBC_2.2.5")

COND_SIGNAL(signal);
COND_SIGNAL(broadcast);

GUEST_EXPORT int guest_cond_init_new(pthread_cond_t *c, const pthread_condattr_t *attributes);
GUEST_EXPORT int guest_cond_init_new(pthread_cond_t *c, const pthread_condattr_t *attributes)
{
	const struct guest_site site = GUEST_SITE();
	int r;

	guest_misuse_init(c, LOCKDAG_LOCK_CONDITION, site);
	r = REAL(pthread_cond_init)(c, attributes);

	if (!r)
		guest_born(c, LOCKDAG_LOCK_CONDITION, 1, site);
	return r;
}
__asm__(".symver guest_cond_init_new, pthread_cond_init@@GLIBC_2.3.2");

GUEST_EXPORT int guest_cond_init_old(pthread_cond_t *c, const pthread_condattr_t *attributes);
GUEST_EXPORT int guest_cond_init_old(pthread_cond_t *c, const pthread_condattr_t *attributes)
{
	typedef int (*real)(pthread_cond_t *, const pthread_condattr_t *);
	const struct guest_site site = GUEST_SITE();
	int r = COND_OLD("pthread_cond_init", real)(c, attributes);

	if (!r)
		guest_born(c, LOCKDAG_LOCK_CONDITION, 1, site);
	return r;
}
__asm__(".symver guest_cond_init_old, pthread_cond_init@GLIBC_2.2.5");

static void cond_gone(void *c, struct guest_site site)
{
	struct lockdag_block *t = guest_current();
	uint32_t key;

	if (t && guest_lookup(c, LOCKDAG_LOCK_CONDITION, &key))
		guest_misuse_waiters(t, c, LOCKDAG_LOCK_CONDITION, key, site);
	guest_gone(c, LOCKDAG_LOCK_CONDITION, site);
}

GUEST_EXPORT int guest_cond_destroy_new(pthread_cond_t *c);
GUEST_EXPORT int guest_cond_destroy_new(pthread_cond_t *c)
{
	cond_gone(c, GUEST_SITE());
	return REAL(pthread_cond_destroy)(c);
}
__asm__(".symver guest_cond_destroy_new, pthread_cond_destroy@@GLIBC_2.3.2");

GUEST_EXPORT int guest_cond_destroy_old(pthread_cond_t *c);
GUEST_EXPORT int guest_cond_destroy_old(pthread_cond_t *c)
{
	typedef int (*real)(pthread_cond_t *);

	guest_gone(c, LOCKDAG_LOCK_CONDITION, GUEST_SITE());
	return COND_OLD("pthread_cond_destroy", real)(c);
}
__asm__(".symver guest_cond_destroy_old, pthread_cond_destroy@GLIBC_2.2.5");

GUEST_EXPORT int cnd_init(cnd_t *c)
{
	const struct guest_site site = GUEST_SITE();
	int r;

	guest_misuse_init(c, LOCKDAG_LOCK_CONDITION, site);
	r = REAL(cnd_init)(c);

	if (r == thrd_success)
		guest_born(c, LOCKDAG_LOCK_CONDITION, 1, site);
	return r;
}

GUEST_EXPORT void cnd_destroy(cnd_t *c)
{
	cond_gone(c, GUEST_SITE());
	REAL(cnd_destroy)(c);
}

GUEST_EXPORT int cnd_signal(cnd_t *c)
{
	guest_cond_signal(c, GUEST_SITE());
	return REAL(cnd_signal)(c);
}

GUEST_EXPORT int cnd_broadcast(cnd_t *c)
{
	guest_cond_signal(c, GUEST_SITE());
	return REAL(cnd_broadcast)(c);
}
