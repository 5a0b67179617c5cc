/* SPDX-License-Identifier: MIT
 *
 * Waits for events, and who ends them: a signaller, or a thread by its end. What either of them
 * asked for before that is asked for "under" the event as a lock's holder asks under the lock. So
 * that graph and filters see one kind of record, each row of a discharge becomes an *asking* behind
 * the model's acquisitions: number n_acquires + i, with a thread, phases, a held set.
 *
 * The one rule and its guards are DESIGN's (section 2): instance first, one monitor's conditions do
 * not depend on each other, another waker helps.
 */
#ifndef LOCKDAG_CORE_EVENTS_H
#define LOCKDAG_CORE_EVENTS_H

#include "core/classes.h"

struct events {
	const struct lockdag_model *m;
	const struct classes *classes;
	bool off; /* no waits in this run */
	struct asking {
		struct lockdag_acquire as; /* the row as an acquisition */
		uint32_t acquire;          /* the model's own record of it, or LOCKDAG_NONE */
		uint32_t discharge, row;
	} * more;
	uint32_t *first_more; /* of each discharge */
	size_t n_more;
	/* The lock row of each thread's end, where it is waited for under something; LOCKDAG_NONE.
	 */
	uint32_t *thread_end;
	/* Discharges by class and instance; those whose instance is not known come first. */
	struct waker {
		uint32_t class_id, discharge;
		bool known;
		struct instance instance;
	} * wakers;
	size_t n_wakers;
	uint32_t *ended; /* of each acquire of the model: lockdag_ended's discharge; NULL: there is none */
	struct monitor {
		uint32_t event, mutex;
	} * monitors; /* sorted */
	size_t n_monitors;
	/* Acquisitions of the threads that discharge something. */
	struct events_own {
		uint32_t thread, lock, acquire;
	} * own; /* sorted */
	size_t n_own;
	struct told *told; /* told.c's */
};

int events_init(
	struct events *ev, const struct lockdag_model *m, const struct classes *classes, bool off);
void events_done(struct events *ev);

/* What told.c looks things up in; after the monitors are known. 0 or -ENOMEM. */
int told_init(struct events *ev);
void told_done(struct events *ev);

/* The acquisitions of a lock by a thread: ev->own[the result .. ], as long as they are of both. */
size_t events_first_own(const struct events *ev, uint32_t thread, uint32_t lock);

static inline const struct lockdag_acquire *events_asking(const struct events *ev, uint32_t i)
{
	return i < ev->m->acquires.n ? &ev->m->acquires.items[i]
				     : &ev->more[i - ev->m->acquires.n].as;
}

/* What asking i stands under: its held row (of an acquisition: n_held is its own lock), or with held
 * LOCKDAG_NONE the event that its thread is to bring about (stack: the discharge's): of a handler's
 * acquisition, the handler's return. */
struct lockdag_held events_under(const struct events *ev, uint32_t i, uint32_t held);

static inline bool events_is_wait(const struct lockdag_acquire *a)
{
	return a->flags & LOCKDAG_ACQUIRE_WAIT;
}

static inline bool events_is_handler(const struct events *ev, uint32_t lock)
{
	return lock_birth(ev->m, lock)->type == LOCKDAG_LOCK_HANDLER;
}

/* May an asking under event e, by thread by, hold up the wait a? The same instance; the class alone
 * only where nobody is known to have discharged a's instance. */
bool events_meet(const struct events *ev, const struct lockdag_acquire *a,
	const struct lockdag_held *e, uint32_t by);

/* Which event it is: as instance_get(), but a thread's end is told by the thread's row. */
bool events_instance(const struct events *ev, uint32_t lock, uint64_t serial, uint32_t thread,
	struct instance *ret);

/* Are the two conditions waited for with one mutex? */
bool events_one_monitor(const struct events *ev, uint32_t a, uint32_t b);

/* The discharge that has ended the wait whenever it was seen to end, or LOCKDAG_NONE. */
static inline uint32_t events_ended(const struct events *ev, uint32_t acquire)
{
	return ev->ended && acquire < ev->m->acquires.n ? ev->ended[acquire] : LOCKDAG_NONE;
}

/* COUNT for a semaphore whose waits need no post, else LOCKDAG_RULED_NOT. */
enum lockdag_ruled events_semaphore(const struct events *ev, uint32_t lock);

/* Does the thread tell others under this lock that it is through with it? It takes the lock once, in
 * one way, signals a condition after that, and never waits with it: who joins it holding the lock
 * has read there that it is done. */
bool events_says_done(const struct events *ev, const struct lockdag_acquire *a);

/* The same for an item of a pool, or for another item of it that takes the lock: the last of them tells
 * whoever frees the pool that all are through with it. */
bool events_pool_done(
	const struct events *ev, const struct lockdag_acquire *a, const struct lockdag_held *pool);

/* Is row k of the discharge the wait that began its iteration: one that the thread always comes back to
 * with nothing held? What it waits for there is its next job, and who waits for that has asked for it:
 * an idle worker is nothing to wait for. */
bool events_opens(const struct events *ev, uint32_t discharge, uint32_t k);

/* Had the discharger announced under the lock of row k, by a condition of its own that is waited for with
 * that lock, that it is through with it? At the row's place, where the places are known; else it takes it
 * in one way, and never waits with it. */
bool events_was_announced(const struct events *ev, uint32_t discharge, uint32_t k);

/* Is the row of discharge d of another lock (or event) of its class than the one that the asking `acquire`
 * (with its row `held`, see events_under()) holds (or is to bring about), as far as both are known? That
 * keeps nobody of the cycle from his signal. */
bool events_asks_other(const struct events *ev, const struct lockdag_discharge *d,
	const struct lockdag_held *row, uint32_t acquire, uint32_t held);

/* The discharges that may end the wait a: ev->wakers[*ret_first .. *ret_end). None of a join or
 * barrier: those need one certain thread. */
void events_wakers(const struct events *ev, const struct lockdag_acquire *a, size_t *ret_first,
	size_t *ret_end);

#endif
