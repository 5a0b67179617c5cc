/* SPDX-License-Identifier: MIT
 *
 * What workers*.c share: the pools and the waits of their work. Changed under workers_lock() alone.
 */
#ifndef LOCKDAG_GUEST_WORKERS_TABLE_H
#define LOCKDAG_GUEST_WORKERS_TABLE_H

#include "guest/workers.h"

#pragma GCC visibility push(hidden)

enum {
	WORKERS_POOLS = 128,
	WORKERS_INDEX = 4096,
	WORKERS_SUBMITTERS = 16,
	WORKERS_WAITS = 64,
	WORKERS_TRIES = 4096,
	WORKERS_WATCH = 256,  /* acquisitions looked at after something was queued */
	WORKERS_BUDGET = 64,  /* times that a thread is watched */
	WORKERS_LOOKS = 4096, /* stacks taken in all */
	WORKERS_TIME = 4096,  /* a pool's, after which it is none if no work has waited */
};

struct workers_submitter {
	uint32_t thread; /* row + 1; 0: free */
	uint32_t n;	 /* what it has queued in all */
	uint32_t now;	 /* queued with nothing in between that it could have learned of their end by */
	uint32_t most;
	uint32_t gated; /* with a lock or a semaphore's place held, besides the queue's lock */
	uint32_t waited; /* for something, before it queued its first: others may let it */
	uint32_t rows;	 /* threads that there were when it queued its last, */
	uint64_t time;	 /* and the pool's time */
};

struct workers_pool {
	uint32_t key; /* of the queue's event, bits and all; LOCKDAG_KEY_NONE: GLib's */
	void *object; /* of a pool of GLib's, */
	uint32_t fixed; /* how many items it runs at once, */
	uint32_t ran[WORKERS_SUBMITTERS]; /* and threads that have run some: rows + 1 */
	uint32_t queue_lock; /* row of its lock + 1, or 0 */
	uint64_t routine, site, caller; /* of its workers; routine 0: none has waited yet */
	uint32_t first_rows; /* threads that there were when work came first; later workers: it grows */
	uint32_t external;   /* pieces of work from outside, */
	uint32_t nested;     /* and such as waited for what they had queued to it */
	uint32_t capacity;   /* how many from outside can be there at once, */
	uint32_t one_each;   /* and if who queues one always waits for it */
	uint32_t no;	     /* it is no such pool */
	uint32_t plain;	     /* who waits runs no work of the queue meanwhile: seen with work in it */
	uint32_t reached;
	uint64_t time;
	struct workers_submitter submitters[WORKERS_SUBMITTERS];
	struct guest_worker_stack idle; /* where its workers wait */
};

/* A wait of work for what it has queued. */
struct workers_wait {
	uint32_t pool; /* number + 1; 0: free */
	uint32_t thread;
	const void *event;
	uint64_t since, queued_at;
	uint32_t counts, by_worker, unseen;
};

extern struct workers_pool workers_pools[WORKERS_POOLS];
extern uint32_t workers_n;
extern uint32_t workers_lost; /* something was missed: nothing is said any more */
extern struct workers_wait workers_waits[WORKERS_WAITS];

bool workers_lock(void);
void workers_unlock(void);
struct workers_pool *workers_find(uint32_t key);
bool workers_may_add(uint32_t key);
struct workers_pool *workers_add(uint32_t key);
uint32_t workers_number(const struct workers_pool *p);
bool workers_has_run(const struct workers_pool *p, const struct lockdag_session_thread *row);
bool workers_is_row(const struct workers_pool *p, const struct lockdag_session_thread *row);
bool workers_is_worker(const struct workers_pool *p, const struct lockdag_block *t);
bool workers_is_alive(const struct lockdag_session_thread *row);
uint32_t workers_count(const struct workers_pool *p);
void workers_look(const struct lockdag_block *t, struct guest_worker_stack *ret);
bool workers_is_nested(const struct workers_pool *p, const struct guest_worker_stack *wait);

#pragma GCC visibility pop

#endif
