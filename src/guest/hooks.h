/* SPDX-License-Identifier: MIT
 *
 * What the hooks_*.c share: the general hook, in parts.
 *
 *	struct guest_wait w;
 *	bool watched = guest_wait_begin(&w, lock, type, mode, flags, timeout_ms, GUEST_SITE());
 *	int r = real(lock);
 *	if (watched)
 *		guest_wait_end(&w, r == 0);
 */
#ifndef LOCKDAG_GUEST_HOOKS_H
#define LOCKDAG_GUEST_HOOKS_H

#include "guest/guest.h"

#define GUEST_SITE() ((struct guest_site){ GUEST_IP(), GUEST_SP() })

struct guest_wait {
	struct lockdag_block *t;
	void *lock;
	struct guest_site site;
	uint32_t key, timeout_ms;
	uint8_t mode, flags;
	bool relock; /* a recursive lock that is held already: only counted */
};

/* Before the real call: identifies the lock, records a new acquisition, announces the wait. false:
 * not watched. timeout_ms: with GUEST_TIMED. */
bool guest_wait_begin(struct guest_wait *w, void *lock, enum lockdag_lock_type type, unsigned mode,
	unsigned flags, uint32_t timeout_ms, struct guest_site site);
/* After it: got tells whether the lock is held now. */
void guest_wait_end(struct guest_wait *w, bool got);

/* A lock that no memory of the program's stands for: libc's own. */
struct guest_pseudo {
	void *object; /* an address where nothing can be, nor hooks_pipe.c's and hooks_pool.c's */
	enum lockdag_lock_type type;
	const char *name;
};
#define GUEST_PSEUDO(number, type, name)                                                           	{                                                                                          		(void *)(UINT64_C(6) << 60 | (number) << 4 | 4), (type), (name)                    	}
/* guest_wait_begin() of it. */
bool guest_pseudo_begin(struct guest_wait *w, const struct guest_pseudo *pseudo, unsigned flags,
	struct guest_site site);

/* Milliseconds from now to an absolute time; 0 when it is past or not known. */
uint32_t guest_until_ms(clockid_t clock, const struct timespec *until);

/* After a successful init; before a destroy; before an unlock. */
void guest_born(void *lock, enum lockdag_lock_type type, uint32_t value, struct guest_site site);
void guest_gone(void *lock, enum lockdag_lock_type type, struct guest_site site);
void guest_unlock(const void *lock, enum lockdag_lock_type type, struct guest_site site);

/* Round a condition wait that gives mutex up and takes it again (hooks_cond.c). */
struct guest_cond_wait {
	struct guest_wait w; /* taking the mutex again */
	struct lockdag_block *t;
	const void *event;
	struct lockdag_hash_entry *ends; /* where its signals say which one was the last, or NULL */
	uint32_t wait;			 /* the presence of the wait's record */
	bool watched, signalled;
};
void guest_cond_begin(struct guest_cond_wait *c, const void *cond, void *mutex,
	enum lockdag_lock_type type, unsigned flags, uint32_t timeout_ms, struct guest_site site);
/* Before a signal or broadcast. */
void guest_cond_signal(const void *cond, struct guest_site site);
/* The mutex is held again: on return, and when the thread is cancelled in the wait. */
void guest_cond_end(struct guest_cond_wait *c);

/* Writes a point of must-order (hooks_order.c); sp: of the hook's caller. */
void guest_point(struct lockdag_block *t, enum lockdag_point_what what, uint32_t key,
	uint32_t number, uint32_t first, uint32_t last, uint64_t sp);

/* The points of an event that may come about once, a future's value or a futex word: before who wakes its
 * waiters does so; after a wait for it. */
void guest_point_set(struct lockdag_block *t, uint32_t key, uint64_t sp);
void guest_point_got(struct lockdag_block *t, uint32_t key, uint64_t sp);

#define GUEST_OWNER_DEAD 130 /* EOWNERDEAD */

/* The result of an acquiring call: EOWNERDEAD comes with the lock. */
LOCKDAG_INLINE bool guest_acquired(int result)
{
	return result == 0 || result == GUEST_OWNER_DEAD;
}

/* An acquiring hook: `call` is the real call, which gives 0 for got. */
#define GUEST_ACQUIRE(lock, type, mode, flags, timeout_ms, call)                                   \
	do {                                                                                       \
		struct guest_wait w_;                                                              \
		bool watched_ = guest_wait_begin(                                                  \
			&w_, (lock), (type), (mode), (flags), (timeout_ms), GUEST_SITE());         \
		int r_ = (call);                                                                   \
                                                                                                   \
		if (watched_)                                                                      \
			guest_wait_end(&w_, guest_acquired(r_));                                   \
		if (LOCKDAG_UNLIKELY(r_ == GUEST_OWNER_DEAD))                                      \
			guest_inherited(lock);                                                     \
		return r_;                                                                         \
	} while (0)

#endif
