/* SPDX-License-Identifier: MIT
 *
 * The filters of docs/evidence.md: may these observations stand in one deadlock? Each takes the
 * records alone, and each has its row in that table.
 */
#ifndef LOCKDAG_CORE_FILTERS_H
#define LOCKDAG_CORE_FILTERS_H

#include "core/classes.h"
#include "core/graph.h"
#include "core/order.h"

#define FILTERS_SHORT_MS 10000 /* a wait that ends by itself before this is no deadlock */

struct evidence {
	const struct lockdag_model *m;
	const struct classes *classes;
	struct order order;
	bool *sole; /* of each lock: the only one of its class in its process */
	struct filters_role {
		uint32_t process, thread;
		const char *role;
	} * roles; /* threads with a role, sorted by process and role */
	size_t n_roles;
	/* Of each process that began as a fork: the thread that forked it, and the one that goes on in
	 * it. LOCKDAG_NONE: it is none, or became another program. */
	uint32_t *forker, *goes_on;
	/* Locks that stand guard over whole threads, by thread; first_guard has one more. NULL:
	 * there are none. */
	struct filters_guard {
		struct lockdag_held row;
		uint32_t holder; /* the thread that holds it */
	} * guards;
	uint32_t *first_guard;
	/* How many threads use each semaphore, sorted by lock; made when first asked for. */
	struct filters_use {
		uint32_t lock, thread;
	} * uses;
	size_t n_uses;
	bool uses_known, uses_failed;
	/* Roles that were seen twice at once: 0 not asked for yet, 1 no, 2 yes; of each thread. */
	unsigned char *role_twice;
};

int evidence_init(struct evidence *e, const struct lockdag_model *m, const struct classes *classes);
void evidence_done(struct evidence *e);

/* Does a wait in mode asked stand behind a holder in mode held? */
enum filters_joint { JOINT_FREE, JOINT_BLOCKS, JOINT_NEEDS_WRITER };
enum filters_joint filters_joint(enum lockdag_mode asked, enum lockdag_mode held);
/* Is the held row a file's lock whose owner, a process or an open file description, is the one that
 * asks? Such locks never wait for each other, whatever their modes and threads. */
bool filters_one_owner(const struct lockdag_model *m, uint32_t lock, uint64_t serial,
	const struct lockdag_held *held);

/* A lock that both acquisitions hold and cannot hold at once, or LOCKDAG_NONE. one_process: the
 * two are thought of as of one process, though they may have been seen in two. */
uint32_t filters_gate(const struct evidence *e, const struct lockdag_acquire *a,
	const struct lockdag_acquire *b, bool one_process);

/* How many threads at once may hold the semaphore of the row, by its initial value; 0: the row is none
 * of a semaphore that counts and is released by its holders alone. One place is a gate's. */
uint32_t filters_room(const struct lockdag_model *m, const struct lockdag_held *row);

/* How many rows of the lock stand among what the acquisition holds. */
uint32_t filters_holds(
	const struct lockdag_model *m, const struct lockdag_acquire *a, uint32_t lock);

/* Must a be over before b starts? */
bool filters_ordered(
	struct evidence *e, const struct lockdag_acquire *a, const struct lockdag_acquire *b);

/* Do the two go on by turns, round by round? See LOCKDAG_ACQUIRE_ROUNDS. */
bool filters_take_turns(
	struct evidence *e, const struct lockdag_acquire *a, const struct lockdag_acquire *b);

/* Can threads of different processes (or runs) stand for two threads of one, by their roles? */
bool filters_roles_differ(struct evidence *e, uint32_t thread_a, uint32_t thread_b);

/* Is one thread's process a fork, over any number of forks, of the other's, while neither process has had
 * a thread of the other one's role besides the thread that was forked? Then what fork returned tells
 * the two apart: they do what they do in the two processes, not in one. */
bool filters_forked_apart(const struct evidence *e, uint32_t thread_a, uint32_t thread_b);

/* Is one of two acquisitions of different processes ordered, in its own, with all threads of the
 * other one's role? (DESIGN 5.6: not ordered in any run that has both) */
bool filters_roles_ordered(
	struct evidence *e, const struct lockdag_acquire *a, const struct lockdag_acquire *b);

/* Why the two cannot be at once; LOCKDAG_RULED_NOT: they can. private_joint: they meet at a lock
 * that processes do not share. */
enum lockdag_ruled filters_pair(struct evidence *e, const struct lockdag_acquire *a,
	const struct lockdag_acquire *b, bool private_joint);

/* Does the acquisition's wait end by itself soon? */
bool filters_times_out(const struct lockdag_acquire *a);

/* Is a semaphore no lock: EVENT, COUNT or LOCKDAG_RULED_NOT. */
enum lockdag_ruled filters_semaphore(struct evidence *e, uint32_t lock);

/* Number of threads that hold or ask for a lock (semaphores only). */
size_t filters_users(struct evidence *e, uint32_t lock);

/* Does the acquisition wait at all, given what its thread holds already? */
bool filters_waits(const struct lockdag_model *m, const struct lockdag_acquire *a);

/* Did held row number k of the acquisition wait, given the rows before it? */
bool filters_held_waits(const struct lockdag_model *m, const struct lockdag_acquire *a, uint32_t k);

#endif
