/* SPDX-License-Identifier: MIT */
#include "guest/misuse.h"

#include <limits.h>

#include "guest/unwind.h"

enum {
	MISUSE_KIND_TYPE = 3,	 /* of a glibc mutex's kind: recursive, error-checking ... */
	MISUSE_KIND_ROBUST = 0x10,
	MISUSE_KIND_PROTECT = 0x40,
	MISUSE_KIND_ALL = 0x3ff,
	MISUSE_RW_WRITER = 2, /* of a glibc rwlock's readers: a writer has it */
	MISUSE_SPIN_FREE = 1,
};

/* ------------------------------------------------------------------ what a lock says of itself */

static enum guest_looks misuse_look_mutex(const struct lockdag_block *t, const pthread_mutex_t *m)
{
	int kind = lockdag_load_relaxed(&m->__data.__kind);
	int owner = lockdag_load_relaxed(&m->__data.__owner);

	if (kind & ~MISUSE_KIND_ALL || kind & MISUSE_KIND_PROTECT)
		return GUEST_LOOKS_UNKNOWN;
	if (!lockdag_load_relaxed(&m->__data.__lock))
		return GUEST_LOOKS_FREE;
	if (owner == t->tid || owner == (int)t->forker_tid)
		return GUEST_LOOKS_MINE;
	return owner > 0 ? GUEST_LOOKS_OTHERS : GUEST_LOOKS_UNKNOWN;
}

static enum guest_looks misuse_look_rwlock(
	const struct lockdag_block *t, const pthread_rwlock_t *rw)
{
	unsigned readers = lockdag_load_relaxed(&rw->__data.__readers);
	int writer = lockdag_load_relaxed(&rw->__data.__cur_writer);

	if (!(readers >> 3) && !(readers & MISUSE_RW_WRITER))
		return GUEST_LOOKS_FREE;
	if (writer)
		return writer == t->tid || writer == (int)t->forker_tid ? GUEST_LOOKS_MINE
									: GUEST_LOOKS_OTHERS;
	return GUEST_LOOKS_UNKNOWN; /* readers have no names */
}

enum guest_looks guest_look(
	const struct lockdag_block *t, const void *lock, enum lockdag_lock_type type)
{
	switch (type) {
	case LOCKDAG_LOCK_MUTEX:
	case LOCKDAG_LOCK_C11_MUTEX:
		return misuse_look_mutex(t, lock);
	case LOCKDAG_LOCK_RWLOCK:
		return misuse_look_rwlock(t, lock);
	case LOCKDAG_LOCK_SPINLOCK:
		return lockdag_load_relaxed((const int *)lock) == MISUSE_SPIN_FREE
			? GUEST_LOOKS_FREE
			: GUEST_LOOKS_UNKNOWN;
	case LOCKDAG_LOCK_GLIB_MUTEX:
		return lockdag_load_relaxed((const int *)lock) ? GUEST_LOOKS_UNKNOWN
							       : GUEST_LOOKS_FREE;
	default:
		return GUEST_LOOKS_UNKNOWN;
	}
}

/* Does the lock's type tell its caller of a wrong unlock, by an error that POSIX promises? */
static bool misuse_is_told(const void *lock, enum lockdag_lock_type type)
{
	const pthread_mutex_t *m = lock;

	if (type == LOCKDAG_LOCK_MUTEX || type == LOCKDAG_LOCK_C11_MUTEX)
		return m->__data.__kind & MISUSE_KIND_ROBUST ||
			(m->__data.__kind & MISUSE_KIND_TYPE) == PTHREAD_MUTEX_ERRORCHECK_NP ||
			(m->__data.__kind & MISUSE_KIND_TYPE) == PTHREAD_MUTEX_RECURSIVE_NP;
	return false;
}

/* ------------------------------------------------------------------ unlock */

LOCKDAG_COLD void guest_misuse_unlock(struct lockdag_block *t, const void *lock,
	enum lockdag_lock_type type, struct guest_site site)
{
	struct guest_misuse m =
		guest_misuse_of(LOCKDAG_MISUSE_UNLOCK_UNLOCKED, lock, 0, site);
	enum guest_looks looks;

	if (type >= LOCKDAG_N_LOCK_TYPES || misuse_is_told(lock, type))
		return;
	if (guest_misuse_remains(t, lock, type).rule == LOCKDAG_MISUSE_LOCK_COPIED) {
		guest_identify(t, (void *)(uintptr_t)lock, type, false, 1, site, &m.key); /* says so */
		return;
	}
	looks = guest_look(t, lock, type);
	if (looks == GUEST_LOOKS_FREE) {
		guest_misuse_write_lock(t, &m, type);
		return;
	}
	if (looks == GUEST_LOOKS_MINE ||
		(looks == GUEST_LOOKS_UNKNOWN && !guest_misuse_all_watched()))
		return;
	m.rule = LOCKDAG_MISUSE_UNLOCK_NOT_OWNER;
	m.other = guest_find_holder(t, lock);
	/* One reader more than is known of: that may be this thread. */
	if (type == LOCKDAG_LOCK_RWLOCK && looks == GUEST_LOOKS_UNKNOWN &&
		guest_count_holders(t, lock) !=
			lockdag_load_relaxed(&((const pthread_rwlock_t *)lock)->__data.__readers) >> 3)
		return;
	/* A fork child's locks name owners that are not of its process. */
	if (m.other.thread == LOCKDAG_NONE && (looks == GUEST_LOOKS_UNKNOWN ||
			guest_process_row(guest_process.row)->how == LOCKDAG_PROCESS_FORK))
		return;
	guest_misuse_write_lock(t, &m, type);
	/* Whoever took it does not have it any more. */
	if (!(m.key & LOCKDAG_KEY_MANY))
		lockdag_or_relaxed(&guest_key_row(m.key)->flags, LOCKDAG_KEY_FOREIGN);
}

/* A robust mutex that came from an owner that had died is released as it came. */
LOCKDAG_COLD void guest_misuse_inherited(struct lockdag_block *t,
	const struct lockdag_held_slot *held, struct guest_site site)
{
	const pthread_mutex_t *mutex = (const pthread_mutex_t *)held->lock;
	struct guest_misuse m = guest_misuse_of(LOCKDAG_MISUSE_ROBUST_INCONSISTENT, mutex,
		LOCKDAG_META_KEY(held->meta), site);

	if (GUEST_IS_NESTED(held->meta) ||
		lockdag_load_relaxed(&mutex->__data.__owner) != INT_MAX)
		return;
	m.other = (struct guest_holder){ t->thread, *held };
	guest_misuse_write(t, &m);
}

/* ------------------------------------------------------------------ relock */

/* Would asking for it in this mode wait for what the slot holds, and does the lock say so itself? */
static bool misuse_waits_for_itself(const struct lockdag_block *t,
	const struct lockdag_held_slot *held, const struct lockdag_held_slot *asked,
	enum lockdag_lock_type type)
{
	unsigned held_mode = LOCKDAG_META_MODE(held->meta);
	const void *lock = (const void *)held->lock;
	const pthread_mutex_t *m = lock;
	enum guest_looks looks = guest_look(t, lock, type);

	switch (type) {
	case LOCKDAG_LOCK_MUTEX:
	case LOCKDAG_LOCK_C11_MUTEX:
		return looks == GUEST_LOOKS_MINE &&
			(m->__data.__kind & MISUSE_KIND_TYPE) != PTHREAD_MUTEX_ERRORCHECK_NP &&
			(m->__data.__kind & MISUSE_KIND_TYPE) != PTHREAD_MUTEX_RECURSIVE_NP;
	case LOCKDAG_LOCK_RWLOCK:
		if (held_mode == LOCKDAG_EXCLUSIVE)
			return looks == GUEST_LOOKS_MINE;
		return LOCKDAG_META_MODE(asked->meta) == LOCKDAG_EXCLUSIVE &&
			looks == GUEST_LOOKS_UNKNOWN;
	case LOCKDAG_LOCK_SPINLOCK:
	case LOCKDAG_LOCK_GLIB_MUTEX:
		return looks == GUEST_LOOKS_UNKNOWN;
	case LOCKDAG_LOCK_GLIB_RW_LOCK:
		return held_mode == LOCKDAG_EXCLUSIVE ||
			LOCKDAG_META_MODE(asked->meta) == LOCKDAG_EXCLUSIVE;
	default:
		return false;
	}
}

LOCKDAG_COLD void guest_misuse_relock(struct lockdag_block *t)
{
	const struct lockdag_held_slot asked = *t->top;
	const struct lockdag_held_slot *held = guest_find_held(t, (const void *)asked.lock);
	uint32_t key = LOCKDAG_META_KEY(asked.meta);
	struct guest_misuse m;

	guest_misuse_frames(t, (struct guest_site){ asked.ip, asked.sp });
	if (!held || key == LOCKDAG_KEY_NONE ||
		LOCKDAG_META_FLAGS(asked.meta) & (GUEST_TRY | GUEST_TIMED | GUEST_WAIT) ||
		!misuse_waits_for_itself(t, held, &asked,
			guest_class_row(guest_key_row(key)->class_id)->type))
		return;
	m = guest_misuse_of(LOCKDAG_MISUSE_RELOCK, (const void *)asked.lock, key,
		(struct guest_site){ asked.ip, asked.sp });
	m.other = (struct guest_holder){ t->thread, *held };
	guest_misuse_write(t, &m);
}

/* ------------------------------------------------------------------ held too long */

static void misuse_held(struct lockdag_block *t, enum lockdag_misuse_rule rule,
	const struct lockdag_held_slot *held, uint64_t frame, struct guest_site site)
{
	struct guest_misuse m = guest_misuse_of(
		rule, (const void *)held->lock, LOCKDAG_META_KEY(held->meta), site);

	m.other = (struct guest_holder){ t->thread, *held };
	m.frame = frame;
	guest_misuse_write(t, &m);
}

LOCKDAG_COLD void guest_misuse_frames(struct lockdag_block *t, struct guest_site site)
{
	if (site.sp < t->stack_low || site.sp >= t->stack_high)
		return; /* on a stack of its own */
	for (const struct lockdag_held_slot *held = t->held; held < t->top; held++)
		if (held->lock >= t->stack_low && held->lock < site.sp &&
			held->sp < site.sp && held->sp >= t->stack_low)
			misuse_held(t, LOCKDAG_MISUSE_FREE_HELD, held, 0, site);
}

/* Does somebody who holds such a lock have to give it back himself? */
static bool misuse_is_owned(const struct lockdag_block *t, const struct lockdag_held_slot *held)
{
	const struct lockdag_session_key *key = guest_key_row(LOCKDAG_META_KEY(held->meta));
	const struct lockdag_session_class *class = guest_class_row(key->class_id);

	if (lockdag_load_relaxed(&key->flags) & LOCKDAG_KEY_FOREIGN ||
		class->attributes & LOCKDAG_LOCK_ROBUST || guest_was_released(t, held))
		return false;
	switch (class->type) {
	case LOCKDAG_LOCK_MUTEX:
	case LOCKDAG_LOCK_C11_MUTEX:
	case LOCKDAG_LOCK_RWLOCK:
	case LOCKDAG_LOCK_SPINLOCK:
	case LOCKDAG_LOCK_GLIB_MUTEX:
	case LOCKDAG_LOCK_GLIB_REC_MUTEX:
	case LOCKDAG_LOCK_GLIB_RW_LOCK:
		return true;
	default:
		return false;
	}
}

static void misuse_end(struct lockdag_block *t, enum lockdag_misuse_rule rule, uint64_t frame)
{
	const struct guest_site site = GUEST_SITE();

	/* What a fork child has from its forker is the forker's to release. */
	for (const struct lockdag_held_slot *held = t->held + t->inherited; held < t->top; held++)
		if (!(held->meta & GUEST_PARKED) && misuse_is_owned(t, held))
			misuse_held(t, rule, held, frame, site);
}

void guest_misuse_thread_end(struct lockdag_block *t)
{
	misuse_end(t, LOCKDAG_MISUSE_THREAD_EXIT_HELD, guest_thread_row(t->thread)->start_routine
			? guest_thread_row(t->thread)->start_routine + 1 /* as a return address */
			: GUEST_NO_PLACE);
}

/* A lock may be kept on purpose, over a whole run or to park threads that wait for it. One that is taken by
 * the very call of a function that then calls exit was not meant to be held there. */
LOCKDAG_COLD void guest_misuse_exit_called(struct lockdag_block *t, struct guest_site site)
{
	for (struct lockdag_held_slot *held = t->held; held < t->top; held++)
		if (held->sp != site.sp || !guest_same_function(held->ip, site.ip))
			held->meta |= GUEST_PARKED;
}

void guest_misuse_exit(struct lockdag_block *t)
{
	misuse_end(t, LOCKDAG_MISUSE_EXIT_HELD,
		guest_process.exit_ip ? guest_frame(guest_process.exit_ip) : GUEST_NO_PLACE);
}
