/* SPDX-License-Identifier: MIT
 *
 * What a program does wrong with a lock (base/misuse_rules.def). Nothing here is on a fast path: a
 * misuse shows where the held stack does not agree with the call, or where a lock is seen for the first
 * time, initialised, destroyed or waited with. What is written down was seen in the lock itself: where
 * that leaves a doubt, nothing is.
 *
 *	misuse_write.c	the record, and who else holds or waits
 *	misuse.c	unlock, relock, what is held at the end
 *	misuse_life.c	init, destroy, first use, freed memory
 *	misuse_wait.c	conditions and semaphores
 *	misuse_assert.c	what the program asserts
 */
#ifndef LOCKDAG_GUEST_MISUSE_H
#define LOCKDAG_GUEST_MISUSE_H

#include "guest/hooks.h"

/* A thread of this process, as it holds a lock or waits for an event: its slot for that. */
struct guest_holder {
	uint32_t thread; /* LOCKDAG_NONE: nobody */
	struct lockdag_held_slot slot;
};

#define GUEST_NO_PLACE UINT64_MAX

struct guest_misuse {
	enum lockdag_misuse_rule rule;
	const void *lock;
	uint32_t key;		   /* of the lock */
	uint32_t with;		   /* key given with it, or LOCKDAG_KEY_NONE */
	struct guest_holder other; /* the other place; its slot's ip 0: none */
	uint32_t other_with;	   /* key given there, or LOCKDAG_KEY_NONE */
	uint64_t frame;		   /* the place, when it is not the caller of the hook: a frame, or
				      GUEST_NO_PLACE */
	struct guest_site site;
};

/* Nobody else, nothing given with it. */
struct guest_misuse guest_misuse_of(
	enum lockdag_misuse_rule rule, const void *lock, uint32_t key, struct guest_site site);
/* Writes it down, once for each rule, class and place. */
void guest_misuse_write(struct lockdag_block *t, const struct guest_misuse *m);
/* The same with a key that is looked up, or made. */
void guest_misuse_write_lock(
	struct lockdag_block *t, struct guest_misuse *m, enum lockdag_lock_type type);

/* Another thread of this process that holds lock; one that waits for event. */
struct guest_holder guest_find_holder(const struct lockdag_block *t, const void *lock);
struct guest_holder guest_find_waiter(
	const struct lockdag_block *t, const void *event, bool (*wanted)(const struct lockdag_held_slot *slot, const void *arg),
	const void *arg);
/* How often other threads of this process hold lock. */
uint32_t guest_count_holders(const struct lockdag_block *t, const void *lock);
/* Calls for every lock in low .. high that another thread of this process holds. */
void guest_find_held_within(struct lockdag_block *t, uint64_t low, uint64_t high,
	struct guest_site site, void (*call)(struct lockdag_block *t, uint32_t thread,
		const struct lockdag_held_slot *held, struct guest_site site));
/* Everything that this process takes is on its threads' held stacks, so far as is known. */
bool guest_misuse_all_watched(void);

/* Is the lock, looked at as it lies there, held by this thread? It must be memory that is in use. */
enum guest_looks { GUEST_LOOKS_FREE, GUEST_LOOKS_MINE, GUEST_LOOKS_OTHERS, GUEST_LOOKS_UNKNOWN };
enum guest_looks guest_look(const struct lockdag_block *t, const void *lock, enum lockdag_lock_type type);

/* An unlock of what this thread does not hold. */
void guest_misuse_unlock(struct lockdag_block *t, const void *lock, enum lockdag_lock_type type,
	struct guest_site site);
/* An unlock of a robust mutex whose owner had died when this thread took it. */
void guest_misuse_inherited(struct lockdag_block *t, const struct lockdag_held_slot *held,
	struct guest_site site);
/* The lock in the first free slot was asked for: is it held already? */
void guest_misuse_relock(struct lockdag_block *t);
/* Held locks in frames of this thread's stack that are gone. sp: of the caller now. */
void guest_misuse_frames(struct lockdag_block *t, struct guest_site site);
/* The thread ends; the program does, in this thread. */
void guest_misuse_thread_end(struct lockdag_block *t);
void guest_misuse_exit(struct lockdag_block *t);
/* exit is called: which of its locks the thread may have kept on purpose. */
void guest_misuse_exit_called(struct lockdag_block *t, struct guest_site site);

/* Assertions. modes: a bit for each enum lockdag_mode that will do. */
void guest_assert_held(struct lockdag_block *t, const void *lock, uint32_t key,
	enum lockdag_lock_type type, unsigned modes, struct guest_site site);
void guest_assert_not_held(
	struct lockdag_block *t, const void *lock, uint32_t key, struct guest_site site);
void guest_assert_none_held(struct lockdag_block *t, struct guest_site site);

/* Before an init; before a destroy; after the first use of a lock that has no identity. */
void guest_misuse_init(void *lock, enum lockdag_lock_type type, struct guest_site site);
void guest_misuse_destroy(struct lockdag_block *t, void *lock, enum lockdag_lock_type type,
	struct guest_site site);
/* What its memory says of a lock that is used without having an identity. */
struct guest_remains {
	uint32_t key; /* LOCKDAG_KEY_NONE: nothing */
	enum lockdag_misuse_rule rule; /* LOCKDAG_N_MISUSES: nothing wrong */
};
struct guest_remains guest_misuse_remains(
	const struct lockdag_block *t, const void *lock, enum lockdag_lock_type type);
/* low .. high is about to be given back. Every thread's locks are looked at when everybody is set. */
void guest_misuse_free(struct lockdag_block *t, uint64_t low, uint64_t high, bool everybody,
	struct guest_site site);

/* A condition is about to be waited for with mutex, which this thread holds in that slot (NULL: it does
 * not); it is about to be destroyed, or a semaphore is. */
void guest_misuse_wait(struct lockdag_block *t, const void *cond, uint32_t key, const void *mutex,
	enum lockdag_lock_type type, const struct lockdag_held_slot *held, struct guest_site site);
void guest_misuse_waiters(struct lockdag_block *t, const void *event, enum lockdag_lock_type type,
	uint32_t key, struct guest_site site);

#endif
