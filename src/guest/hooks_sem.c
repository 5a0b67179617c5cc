/* SPDX-License-Identifier: MIT
 *
 * Semaphores used as locks: initial value not 0, taken and posted by the same thread. One that
 * another thread posts while nobody here holds it is an event, and is not held by anybody: its key
 * says so (FOREIGN), for the judge too. Initial value 0, or none known: an event from the start.
 */
#include "guest/again.h"

#include <fcntl.h>
#include <stdarg.h>

#define REAL(name) (guest_reals()->name)

/* Not in the first place of the table; and one that processes share may have been initialised by another. */
static LOCKDAG_COLD bool sem_other_key(struct lockdag_block *t, sem_t *s, uint32_t *ret_key)
{
	const uint32_t *words = (const uint32_t *)s; /* the third: glibc's mark of a shared one */

	if (guest_lookup(s, LOCKDAG_LOCK_SEMAPHORE, ret_key))
		return true;
	return words[2] && guest_identify(t, s, LOCKDAG_LOCK_SEMAPHORE, false, LOCKDAG_NONE,
				   GUEST_SITE(), ret_key);
}

LOCKDAG_INLINE bool sem_key(struct lockdag_block *t, sem_t *s, uint32_t *ret_key)
{
	return t && (guest_plain_shadow(s, ret_key) || sem_other_key(t, s, ret_key));
}

/* Do the waiters of the semaphore hold it? One that was never seen to be initialised is no lock. */
LOCKDAG_INLINE bool sem_is_lock(uint32_t key)
{
	const struct lockdag_session_key *row = guest_key_row(key);

	return row->value && row->value != LOCKDAG_NONE &&
		!(lockdag_load_relaxed(&row->flags) & LOCKDAG_KEY_FOREIGN);
}

/* The thread is the only one so far that does this to the semaphore; once it is not, the row says so
 * for good. */
static void sem_only_one(struct lockdag_session_key *row, uint32_t *who, uint32_t thread,
	uint32_t flag)
{
	uint32_t there = lockdag_load_relaxed(who);

	if (there == thread + 1 || (!there && lockdag_cas_acq_rel(who, &there, thread + 1)))
		return;
	if (there != thread + 1 && !(lockdag_load_relaxed(&row->flags) & flag))
		lockdag_or_relaxed(&row->flags, flag);
}

/* Numbers the posts and waits of a semaphore from 0 that one thread posts and one waits for: the
 * n-th wait is over after the n-th post. false: there is nothing to number, or not any more. */
static bool sem_point(struct lockdag_block *t, uint32_t key, bool post, uint64_t sp)
{
	struct lockdag_session_key *row = guest_key_row(key);
	uint32_t *count, number;

	if (key & LOCKDAG_KEY_MANY || row->value)
		return false;
	if (post)
		sem_only_one(row, &row->poster, t->thread, LOCKDAG_KEY_POSTERS);
	else
		sem_only_one(row, &row->waiter, t->thread, LOCKDAG_KEY_WAITERS);
	count = post ? &row->n_posts : &row->n_waits;
	if (lockdag_load_relaxed(count) >= LOCKDAG_MAX_POINTS)
		return false;
	number = lockdag_add_relaxed(count, 1);
	if (post) {
		guest_point(t, LOCKDAG_POINT_SEM_POST, key, number, 0, t->phase, sp);
		t->phase++;
	} else {
		t->passed = ++t->phase;
		guest_point(t, LOCKDAG_POINT_SEM_WAIT, key, number, t->phase, t->phase, sp);
	}
	return true;
}

/* sem_wait and its like are cancellation points: a cancelled wait holds nothing, and its thread ends,
 * so nothing has to be undone. */
struct sem_waiting {
	struct guest_wait w;
	struct lockdag_block *t; /* NULL: nobody watches */
	sem_t *s;
	uint64_t ip;
	uint32_t key;
	bool lock, again; /* a wait without a time-out, and nothing had to be recorded */
};

static void sem_begin(struct sem_waiting *w, sem_t *s, unsigned flags, uint32_t timeout_ms,
	struct guest_site site)
{
	struct lockdag_block *t = guest_current();
	bool known = sem_key(t, s, &w->key);

	w->s = s;
	w->ip = site.ip;
	w->again = false;
	w->lock = known && sem_is_lock(w->key) &&
		guest_wait_begin(&w->w, s, LOCKDAG_LOCK_SEMAPHORE, LOCKDAG_EXCLUSIVE, flags,
			timeout_ms, site);
	if (!w->lock && !known && t && !(flags & GUEST_TRY))
		known = guest_event_key(t, s, LOCKDAG_LOCK_SEMAPHORE, site, &w->key);
	w->t = known ? t : NULL;
	if (!known || w->lock || flags & GUEST_TRY)
		return;
	w->again = guest_event_wait(t, s, w->key, LOCKDAG_KEY_NONE, flags, timeout_ms, 0, site) && !flags;
}

static int sem_end(struct sem_waiting *w, int r, uint64_t sp)
{
	if (!w->t)
		return r;
	if (w->lock)
		guest_wait_end(&w->w, r == 0);
	else
		guest_event_waited(w->t);
	if (r || w->lock)
		return r;
	if (!sem_point(w->t, w->key, false, sp) && w->again && w->t->top->lock == (uint64_t)w->s)
		guest_keep_again(guest_agains.waits, w->t, w->s, w->key, w->ip, w->t->top->presence);
	return r;
}

#define SEM_WAIT(s, flags, timeout_ms, call)                                                       \
	do {                                                                                       \
		struct sem_waiting w_;                                                             \
                                                                                                   \
		sem_begin(&w_, (s), (flags), (timeout_ms), GUEST_SITE());                          \
		return sem_end(&w_, (call), GUEST_SP());                                           \
	} while (0)

GUEST_EXPORT int sem_wait(sem_t *s)
{
	struct lockdag_block *t = guest_ready();
	uint32_t key;
	int r;

	if (t && guest_waits_again(t, s, GUEST_SITE())) {
		r = guest_real.sem_wait(s);
		lockdag_store_relaxed(&t->waiting, 0);
		return r;
	}
	if (!sem_key(t, s, &key) || !sem_is_lock(key))
		SEM_WAIT(s, 0, 0, REAL(sem_wait)(s));
	guest_before(t, s, key, LOCKDAG_EXCLUSIVE, GUEST_IP(), GUEST_SP(), GUEST_LOOK_UP);
	r = guest_real.sem_wait(s);
	guest_after(t, s, LOCKDAG_LOCK_SEMAPHORE, LOCKDAG_EXCLUSIVE, GUEST_IP(), GUEST_SP(), r == 0);
	return r;
}

GUEST_EXPORT int sem_trywait(sem_t *s)
{
	SEM_WAIT(s, GUEST_TRY, 0, REAL(sem_trywait)(s));
}

GUEST_EXPORT int sem_timedwait(sem_t *s, const struct timespec *until)
{
	SEM_WAIT(s, GUEST_TIMED, guest_until_ms(CLOCK_REALTIME, until),
		REAL(sem_timedwait)(s, until));
}

GUEST_EXPORT int sem_clockwait(sem_t *s, clockid_t clock, const struct timespec *until)
{
	SEM_WAIT(s, GUEST_TIMED, guest_until_ms(clock, until),
		REAL(sem_clockwait)(s, clock, until));
}

/* Async-signal-safe, as the real one. */
GUEST_EXPORT int sem_post(sem_t *s)
{
	struct lockdag_block *t = guest_current();
	uint32_t key;
	bool known;

	if (!t)
		return REAL(sem_post)(s);
	if (guest_signals_again(t, s, GUEST_IP()))
		return guest_real.sem_post(s);
	known = sem_key(t, s, &key);
	if (known && sem_is_lock(key)) {
		if (guest_find_held(t, s))
			guest_release(t, s, LOCKDAG_N_LOCK_TYPES);
		else
			lockdag_or_relaxed(&guest_key_row(key)->flags, LOCKDAG_KEY_FOREIGN);
	} else if (known || guest_event_key(t, s, LOCKDAG_LOCK_SEMAPHORE, GUEST_SITE(), &key)) {
		guest_event_signal(t, s, key, GUEST_SITE());
		if (!sem_point(t, key, true, GUEST_SP()))
			guest_keep_again(guest_agains.signals, t, s, key, GUEST_IP(), 0);
	}
	return guest_real.sem_post(s);
}

GUEST_EXPORT int sem_init(sem_t *s, int shared, unsigned value)
{
	const struct guest_site site = GUEST_SITE();
	int r = REAL(sem_init)(s, shared, value);

	if (!r)
		guest_born(s, LOCKDAG_LOCK_SEMAPHORE, value, site);
	return r;
}

GUEST_EXPORT int sem_destroy(sem_t *s)
{
	guest_gone(s, LOCKDAG_LOCK_SEMAPHORE, GUEST_SITE());
	return REAL(sem_destroy)(s);
}

/* ------------------------------------------------------------------ named ones
 *
 * One in all processes, like what else is in shared memory. Its class is born where it is used first, for
 * there it is called by its variable; the value is that of its creation. */

#define SEM_NAMED 64

static struct sem_named {
	const sem_t *sem;
	uint32_t value;
} sem_named[SEM_NAMED];

uint32_t guest_sem_value(const void *sem)
{
	for (const struct sem_named *n = sem_named; n < sem_named + SEM_NAMED; n++)
		if (lockdag_load_acquire(&n->sem) == sem) /* pairs with: sem_opened */
			return n->value;
	return LOCKDAG_NONE;
}

static void sem_opened(const sem_t *s)
{
	for (struct sem_named *n = sem_named; n < sem_named + SEM_NAMED; n++) {
		if (n->sem && n->sem != s)
			continue;
		/* Who opens it first finds the value that it was made with. */
		n->value = lockdag_load_relaxed((const uint32_t *)s);
		lockdag_store_release(&n->sem, s); /* pairs with: guest_sem_value */
		return;
	}
}

GUEST_EXPORT sem_t *sem_open(const char *name, int flags, ...)
{
	mode_t mode = 0;
	unsigned value = 0;
	sem_t *s;

	if (flags & O_CREAT) {
		va_list ap;

		va_start(ap, flags);
		mode = va_arg(ap, mode_t);
		value = va_arg(ap, unsigned);
		va_end(ap);
	}
	s = REAL(sem_open)(name, flags, mode, value);
	if (s != SEM_FAILED && guest_ready())
		sem_opened(s);
	return s;
}

/* Something else may be at its address soon; the semaphore is what it was. */
GUEST_EXPORT int sem_close(sem_t *s)
{
	if (guest_ready())
		guest_forget(s);
	for (struct sem_named *n = sem_named; n < sem_named + SEM_NAMED; n++)
		if (n->sem == s)
			lockdag_store_relaxed(&n->sem, NULL);
	return REAL(sem_close)(s);
}
