/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdlib.h>

#include "base/hash.h"
#include "cli/process.h"
#include "cli/stopped.h"
#include "cli/waits.h"

void cli_waits_done(struct cli_waits *waits)
{
	lockdag_vec_clear(&waits->waiters);
	lockdag_vec_clear(&waits->holdings);
}

/* ------------------------------------------------------------------ reading */

/* Is what threads hold of this lock true, and is its wait one for its holder? Not when others
 * release it; and a semaphore is a lock only with a single unit. */
static bool waits_trust(const struct cli_source *source, uint32_t key, bool *ret_semaphore)
{
	struct lockdag_session_class class;
	struct lockdag_session_key row;

	if (!lockdag_session_key(source->session, LOCKDAG_KEY_ROW(key), &row) ||
		!lockdag_session_class(source->session, row.class_id, &class))
		return false;
	*ret_semaphore = class.type == LOCKDAG_LOCK_SEMAPHORE;
	return !(row.flags & LOCKDAG_KEY_FOREIGN) && (!*ret_semaphore || row.value == 1);
}

static struct cli_place waits_place(const struct cli_source *source, uint32_t process,
	const struct lockdag_held_slot *slot, uint64_t address)
{
	uint32_t key = LOCKDAG_META_KEY(slot->meta);
	struct cli_place place = {.process = process, .address = address};
	struct lockdag_session_class class;
	struct lockdag_session_key row;

	if (key & LOCKDAG_KEY_OWNED)
		place.owner = slot->extra;
	if (key & LOCKDAG_KEY_MANY ||
		!lockdag_session_key(source->session, LOCKDAG_KEY_ROW(key), &row) ||
		!lockdag_session_class(source->session, row.class_id, &class) ||
		!(class.attributes & LOCKDAG_LOCK_SHARED))
		return place;
	place.process = LOCKDAG_NONE;
	place.address = LOCKDAG_KEY_ROW(key);
	return place;
}

uint64_t cli_waits_signature(const struct lockdag_session_live *live)
{
	uint64_t hash = lockdag_hash_mix(live->waiting ^ live->event << 8 ^ live->depth);

	for (uint32_t i = 0; i < live->depth; i++) {
		hash = lockdag_hash_mix(hash ^ live->held[i].lock);
		hash = lockdag_hash_mix(hash ^ live->held[i].ip) ^ live->held[i].meta;
	}
	return hash;
}

static int waits_add_holdings(struct cli_waits *waits, const struct cli_source *source,
	const struct lockdag_session_live *live, uint32_t waiter)
{
	uint32_t process = waits->waiters.items[waiter].process;
	struct cli_holding *h;
	bool semaphore;

	for (uint32_t i = 0; i < live->depth; i++) {
		if (!waits_trust(source, LOCKDAG_META_KEY(live->held[i].meta), &semaphore))
			continue;
		h = lockdag_vec_push(&waits->holdings);
		if (!h)
			return -ENOMEM;
		*h = (struct cli_holding){
			waits_place(source, process, &live->held[i], live->held[i].lock),
			LOCKDAG_META_MODE(live->held[i].meta), false, waiter};
	}
	if (LOCKDAG_META_MODE(live->asked.meta) != LOCKDAG_EXCLUSIVE ||
		live->wait_kind != LOCKDAG_WAIT_LOCK)
		return 0;
	h = lockdag_vec_push(&waits->holdings);
	if (!h)
		return -ENOMEM;
	*h = (struct cli_holding){waits_place(source, process, &live->asked, live->waiting),
		LOCKDAG_EXCLUSIVE, true, waiter};
	return 0;
}

/* Does it wait for the end of a child? A signal's handler would end that wait. */
static bool waits_for_child(const struct lockdag_session_live *live, int32_t pid)
{
	return live->wait_kind == LOCKDAG_WAIT_OTHER && (uint32_t)live->event == LOCKDAG_KEY_NONE &&
	       live->waiting == LOCKDAG_CHILD_ADDRESS(live->event >> 32) &&
	       !cli_stopped_has_handlers(pid);
}

/* Is the thread all there is of its process? */
static bool waits_is_alone(
	const struct cli_source *source, uint32_t thread, const struct lockdag_session_thread *of)
{
	uint32_t n = lockdag_session_n_threads(source->session);
	struct lockdag_session_thread row;

	for (uint32_t i = 0; i < n; i++)
		if (i != thread && lockdag_session_thread(source->session, i, &row) &&
			row.process == of->process && !(row.flags & LOCKDAG_THREAD_ENDED))
			return false;
	return true;
}

/* A process whose only thread is stuck does not come to its end. */
static int waits_add_end(struct cli_waits *waits, int32_t pid, uint32_t waiter)
{
	struct cli_holding *h = lockdag_vec_push(&waits->holdings);

	if (!h)
		return -ENOMEM;
	*h = (struct cli_holding){.place = {.process = LOCKDAG_NONE,
					  .address = LOCKDAG_CHILD_ADDRESS(pid)},
		.mode = LOCKDAG_EXCLUSIVE,
		.waiter = waiter};
	return 0;
}

static int waits_add(struct cli_waits *waits, const struct cli_source *source, uint32_t thread,
	const struct lockdag_session_live *live, bool dead_only)
{
	struct lockdag_session_process process;
	struct lockdag_session_thread row;
	struct cli_waiter *w;
	bool semaphore = false, child;
	int r;

	if (!lockdag_session_thread(source->session, thread, &row) ||
		!lockdag_session_process(source->session, row.process, &process))
		return 0;
	child = waits_for_child(live, process.pid);
	if (!child && (live->wait_kind != LOCKDAG_WAIT_LOCK ||
			      !waits_trust(source, LOCKDAG_META_KEY(live->asked.meta), &semaphore)))
		return 0;
	if (dead_only && cli_process_is_running(process.pid))
		return 0;
	w = lockdag_vec_push(&waits->waiters);
	if (!w)
		return -ENOMEM;
	*w = (struct cli_waiter){
		.thread = thread,
		.process = row.process,
		.pid = process.pid,
		.tid = live->tid,
		.place = child ? (struct cli_place){LOCKDAG_NONE, live->waiting, 0}
			       : waits_place(source, row.process, &live->asked, live->waiting),
		.mode = LOCKDAG_META_MODE(live->asked.meta),
		.semaphore = semaphore,
		.signature = cli_waits_signature(live),
		.next = LOCKDAG_NONE,
	};
	r = waits_add_holdings(waits, source, live, (uint32_t)waits->waiters.n - 1);
	if (r == 0 && row.flags & (LOCKDAG_THREAD_MAIN | LOCKDAG_THREAD_FORKED) &&
		waits_is_alone(source, thread, &row))
		r = waits_add_end(waits, process.pid, (uint32_t)waits->waiters.n - 1);
	return r;
}

static int waits_by_place(const struct cli_place *x, const struct cli_place *y)
{
	if (x->process != y->process)
		return x->process < y->process ? -1 : 1;
	return (x->address > y->address) - (x->address < y->address);
}

static int waits_compare(const void *a, const void *b)
{
	const struct cli_holding *x = a, *y = b;
	int order = waits_by_place(&x->place, &y->place);

	if (order)
		return order;
	return x->waiter < y->waiter ? -1 : x->waiter > y->waiter;
}

int cli_waits_read(struct cli_waits *waits, const struct cli_source *source, bool dead_only)
{
	uint32_t n = lockdag_session_n_threads(source->session);
	struct lockdag_session_live *live = malloc(sizeof(*live));
	int r = live ? 0 : -ENOMEM;

	*waits = (struct cli_waits){0};
	for (uint32_t i = 0; r == 0 && i < n; i++)
		if (lockdag_session_live(source->session, i, live) && live->waiting)
			r = waits_add(waits, source, i, live, dead_only);
	free(live);
	if (r == 0 && waits->holdings.n)
		qsort(waits->holdings.items, waits->holdings.n, sizeof(*waits->holdings.items),
			waits_compare);
	return r;
}

/* ------------------------------------------------------------------ solving */

/* Must w wait for the one that has h? */
static bool waits_for(const struct cli_waits *waits, uint32_t w, const struct cli_holding *h)
{
	const struct cli_waiter *waiter = &waits->waiters.items[w];

	if (!waits->waiters.items[h->waiter].stuck)
		return false;
	if (h->queued) /* only a reader that does not pass queued writers */
		return waiter->mode == LOCKDAG_READ && h->waiter != w;
	if (h->place.owner && h->place.owner == waiter->place.owner)
		return false;
	if (h->waiter == w && waiter->semaphore) /* somebody else may post it */
		return false;
	return waiter->mode == LOCKDAG_EXCLUSIVE || h->mode == LOCKDAG_EXCLUSIVE;
}

/* The first waiter that w waits for and that is stuck itself; LOCKDAG_NONE: there is none. */
static uint32_t waits_next(const struct cli_waits *waits, uint32_t w)
{
	const struct cli_waiter *waiter = &waits->waiters.items[w];
	const struct cli_holding wanted = {.place = waiter->place};
	size_t low = 0, high = waits->holdings.n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (waits_compare(&waits->holdings.items[middle], &wanted) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	for (; low < waits->holdings.n; low++) {
		const struct cli_holding *h = &waits->holdings.items[low];

		if (waits_by_place(&h->place, &waiter->place))
			break;
		if (waits_for(waits, w, h))
			return h->waiter;
	}
	return LOCKDAG_NONE;
}

void cli_waits_solve(struct cli_waits *waits)
{
	bool changed = true;

	for (size_t i = 0; i < waits->waiters.n; i++)
		waits->waiters.items[i].stuck = true;
	/* The largest set in which each waits for another: who waits for nobody in it goes on. */
	while (changed) {
		changed = false;
		for (uint32_t i = 0; i < waits->waiters.n; i++) {
			struct cli_waiter *w = &waits->waiters.items[i];

			if (!w->stuck)
				continue;
			w->next = waits_next(waits, i);
			if (w->next == LOCKDAG_NONE) {
				w->stuck = false;
				changed = true;
			}
		}
	}
}
