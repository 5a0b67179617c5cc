/* SPDX-License-Identifier: MIT
 *
 * Pools of workers that a program has made itself: threads of one kind that wait for one event with
 * nothing held, which others signal (the queue's). Work that queues more work to its own pool and waits
 * for it can keep all workers waiting. That it can come to that is learned here, as docs/evidence.md
 * ("Pools") has it; then the waits are recorded once more, as what holds a worker of the pool and as
 * what has to wait for one. Until then nothing of this is on record.
 */
#ifndef LOCKDAG_GUEST_WORKERS_H
#define LOCKDAG_GUEST_WORKERS_H

#include "guest/guest.h"

#pragma GCC visibility push(hidden)

enum { GUEST_WORKERS_FRAMES = LOCKDAG_MAX_FRAMES };

struct guest_worker_stack {
	uint32_t n; /* 0: none, or too deep */
	struct guest_stack_frame frames[GUEST_WORKERS_FRAMES]; /* outermost first */
};

/* Of this thread alone. */
struct guest_worker {
	uint64_t dull;	      /* key + 1 of an event that it has met, and that is no queue's for good */
	uint32_t watch;	      /* acquisitions yet to be looked at; 0: nobody is interested */
	uint32_t asked_queue; /* since it last queued something: of the pool's own lock, */
	uint32_t asked_other; /* and of others, or waits */
	uint32_t asked_last;  /* row of the lock that it asked for last */
	uint32_t queued_last; /* the pool that it last queued to, as somebody from outside: number + 1 */
	uint32_t budget_used; /* how often it has been watched */
	uint32_t waited;      /* for anything, ever */
	uint64_t waited_at;   /* the pool's time when it last did */
	const void *future;   /* the word of a future that it is about to wait for */
	uint32_t learns;      /* the pool whose lock it takes next: number + 1 */
	uint32_t queued;      /* the work it runs has queued to its own pool: number + 1 */
	uint32_t counted;     /* since it was idle, a wait of its work has been counted */
	uint64_t queued_at;   /* the pool's time then */
	uint32_t runs;	      /* an item of this pool of GLib's: number + 1 */
	uint32_t under_way;   /* a wait that has something to do when it is over: */
	uint32_t idle;	      /* for work of this pool: number + 1, or */
	void *open;	      /* for what it has queued */
	uint32_t back_pool;   /* it came back from its last wait for work of this pool, number + 1, */
	uint64_t back_at;     /* at this time of it */
	struct guest_worker_stack stack; /* where it queued it */
	/* that wait */
	const void *event;
	uint32_t key, monitor, flags, timeout_ms;
	struct guest_site site;
};
extern __thread struct guest_worker guest_worker __attribute__((tls_model("initial-exec")));

/* The thread may wait here for something that is no queue's. */
LOCKDAG_INLINE void guest_workers_waits_elsewhere(void)
{
	guest_worker.asked_other++;
	guest_worker.waited = 1;
}

extern uint32_t guest_workers_n_waits; /* of work for what it has queued, under way now */

/* Before a wait for the event, and after it. */
void guest_workers_wait_slow(struct lockdag_block *t, const void *event, uint32_t key,
	uint32_t monitor, unsigned flags, uint32_t timeout_ms, struct guest_site site);
void guest_workers_waited(struct lockdag_block *t);

LOCKDAG_INLINE void guest_workers_wait(struct lockdag_block *t, const void *event, uint32_t key,
	uint32_t monitor, unsigned flags, uint32_t timeout_ms, struct guest_site site)
{
	struct guest_worker *w = &guest_worker;

	if (LOCKDAG_UNLIKELY(w->dull != key + UINT64_C(1) || w->queued || w->queued_last)) {
		guest_workers_wait_slow(t, event, key, monitor, flags, timeout_ms, site);
		return;
	}
	guest_workers_waits_elsewhere();
	w->waited_at = UINT64_MAX;
}

/* Before a signal, with or without a waiter. */
void guest_workers_signal_slow(
	struct lockdag_block *t, const void *event, uint32_t key, struct guest_site site);

LOCKDAG_INLINE void guest_workers_signal(
	struct lockdag_block *t, const void *event, uint32_t key, struct guest_site site)
{
	if (LOCKDAG_UNLIKELY(guest_worker.dull != key + UINT64_C(1) ||
		    lockdag_load_relaxed(&guest_workers_n_waits)))
		guest_workers_signal_slow(t, event, key, site);
}

/* A pool of GLib's that runs at most n items at a time (n > 0), known by its object: its number + 1, or 0. Then
 * what is pushed to it, and the items that it runs; and what changes its size. */
uint32_t guest_workers_pool(void *object, uint32_t n);
void guest_workers_push(struct lockdag_block *t, uint32_t pool);
void guest_workers_run(struct lockdag_block *t, uint32_t pool);
void guest_workers_ran(void);
void guest_workers_resized(uint32_t pool);
/* The acquisition in slot was looked at the slow way. */
void guest_workers_asked(
	const struct lockdag_block *t, const struct lockdag_held_slot *slot, struct lockdag_cache_slot *cache);

#pragma GCC visibility pop

#endif
