/* SPDX-License-Identifier: MIT
 *
 * The place where a thread looks for its next piece of work: it takes a mutex there with nothing held, and waits for a
 * condition of that mutex if there is nothing. An iteration begins there (hooks_event.h) whether or not there is
 * something: else what an earlier piece did would be evidence for a later one where the thread did not have to wait
 * between the two. It begins when the thread asks for anything else: what it signals before is of the piece before, since
 * the same function may take the mutex by the same helper to say that it is done.
 */
#ifndef LOCKDAG_GUEST_LOOPS_H
#define LOCKDAG_GUEST_LOOPS_H

#include "guest/guest.h"

#pragma GCC visibility push(hidden)

/* An acquisition with nothing held: its tag tells the mutex and where it is asked for, sp the frame. */
struct guest_loops_place {
	uint64_t tag, sp; /* 0: none */
};

enum { GUEST_LOOPS_SEEN = 8 };

/* Of this thread alone. */
struct guest_loops {
	struct guest_loops_place place; /* where it has waited */
	uint64_t wait;			/* the tag of that wait */
	uint32_t key;			/* of the mutex */
	uint32_t rounds;		/* how often it has come back there */
	uint32_t from;			/* the phase when it came back last */
	bool back;			/* it has asked for nothing else since, */
	bool other;			/* or it has */
	bool waits, again; /* it is about to wait there; and has been there before */
	/* Before it has ever waited: places of late, and whether it came there twice. */
	struct guest_loops_place seen[GUEST_LOOPS_SEEN];
	bool twice[GUEST_LOOPS_SEEN];
	uint32_t next, probes;
};
extern __thread struct guest_loops guest_loops __attribute__((tls_model("initial-exec")));

/* The slot is asked for, and not in the fast way: before it is recorded. May begin an iteration, or a phase. */
void guest_loops_asked(struct lockdag_block *t, const struct lockdag_held_slot *slot, uint64_t tag);
/* Before a wait for a condition whose mutex is held by this slot. */
void guest_loops_waits(struct lockdag_block *t, const struct lockdag_held_slot *mutex);
/* Before the wait itself, with nothing held, by its tag: has the thread come back to where it waits? */
LOCKDAG_INLINE bool guest_loops_again(uint64_t wait)
{
	struct guest_loops *l = &guest_loops;
	const bool again = l->again;

	if (l->waits)
		l->wait = wait;
	l->waits = l->again = false;
	return again;
}

#pragma GCC visibility pop

#endif
