/* SPDX-License-Identifier: MIT
 *
 * Which pools there are, who works in them, and what of a stack says what a thread does there.
 */
#include "guest/workers_table.h"

__thread struct guest_worker guest_worker __attribute__((tls_model("initial-exec")));

struct workers_pool workers_pools[WORKERS_POOLS];
uint32_t workers_n;
static uint16_t workers_index[WORKERS_INDEX]; /* by the event's key: number + 1 */
struct workers_wait workers_waits[WORKERS_WAITS];
uint32_t guest_workers_n_waits;
static uint32_t workers_looks;
static uint32_t workers_locked;
uint32_t workers_lost; /* something was missed: nothing is said any more */

/* A handler may come between. */
bool workers_lock(void)
{
	for (int i = 0; i < WORKERS_TRIES; i++) {
		uint32_t open = 0;

		if (lockdag_cas_acq_rel(&workers_locked, &open, 1))
			return true;
		__builtin_ia32_pause();
	}
	lockdag_store_relaxed(&workers_lost, 1);
	return false;
}

void workers_unlock(void)
{
	lockdag_store_release(&workers_locked, 0); /* pairs with: workers_lock */
}

/* ------------------------------------------------------------------ who is who */

struct workers_pool *workers_find(uint32_t key)
{
	uint16_t i = lockdag_load_relaxed(&workers_index[LOCKDAG_KEY_ROW(key) % WORKERS_INDEX]);

	return i && workers_pools[i - 1].key == key ? &workers_pools[i - 1] : NULL;
}

bool workers_may_add(uint32_t key)
{
	return !(key & LOCKDAG_KEY_MANY) && LOCKDAG_KEY_ROW(key) != LOCKDAG_KEY_NONE &&
		workers_n < WORKERS_POOLS && !workers_index[LOCKDAG_KEY_ROW(key) % WORKERS_INDEX];
}

/* An event that may turn out to be a queue's; NULL: it is one of many, or there is no room. */
struct workers_pool *workers_add(uint32_t key)
{
	uint16_t *i = &workers_index[LOCKDAG_KEY_ROW(key) % WORKERS_INDEX];
	struct workers_pool *p;

	if (!workers_may_add(key))
		return workers_find(key);
	p = &workers_pools[workers_n++];
	p->key = key;
	lockdag_store_relaxed(i, (uint16_t)workers_n);
	return p;
}

uint32_t workers_number(const struct workers_pool *p)
{
	return (uint32_t)(p - workers_pools) + 1;
}

static uint64_t workers_ip(uint64_t frame)
{
	uint32_t module = LOCKDAG_FRAME_MODULE(frame);

	return LOCKDAG_FRAME_OFFSET(frame) +
		(module == LOCKDAG_FRAME_NO_MODULE ? 0 : guest_module_row(module)->base);
}

/* One function: a loop that starts threads may have been unrolled. */
static bool workers_one_function(uint64_t frame, uint64_t other)
{
	return frame == other ||
		(frame && other && guest_same_function(workers_ip(frame), workers_ip(other)));
}

bool workers_has_run(const struct workers_pool *p, const struct lockdag_session_thread *row)
{
	for (uint32_t i = 0; i < WORKERS_SUBMITTERS; i++)
		if (p->ran[i] && guest_thread_row(p->ran[i] - 1) == row)
			return true;
	return false;
}

bool workers_is_row(const struct workers_pool *p, const struct lockdag_session_thread *row)
{
	if (p->fixed)
		return workers_has_run(p, row);
	return p->routine && row->process == guest_process.row && row->start_routine == p->routine &&
		workers_one_function(row->create_site, p->site) &&
		workers_one_function(row->create_caller, p->caller);
}

bool workers_is_worker(const struct workers_pool *p, const struct lockdag_block *t)
{
	if (p->fixed)
		return guest_worker.runs == workers_number(p);
	return workers_is_row(p, guest_thread_row(t->thread));
}

bool workers_is_alive(const struct lockdag_session_thread *row)
{
	return lockdag_load_relaxed(&row->block) && !(row->flags & LOCKDAG_THREAD_ENDED);
}

/* The pool's workers alive; 0: one of them was started after work had come. */
uint32_t workers_count(const struct workers_pool *p)
{
	uint32_t rows = lockdag_load_relaxed(&guest_process.writer.header->n_threads), n = 0;

	if (p->fixed)
		return p->fixed;

	for (uint32_t i = guest_process.first_thread; i < rows; i++) {
		const struct lockdag_session_thread *row = guest_thread_row(i);

		if (!workers_is_row(p, row))
			continue;
		if (i >= p->first_rows)
			return 0;
		n += workers_is_alive(row);
	}
	return n;
}

/* ------------------------------------------------------------------ stacks */

void workers_look(const struct lockdag_block *t, struct guest_worker_stack *ret)
{
	struct guest_stack_frame frames[GUEST_WORKERS_FRAMES];
	bool cut = false;
	size_t n = 0;

	ret->n = 0;
	if (lockdag_add_relaxed(&workers_looks, 1) < WORKERS_LOOKS)
		n = guest_unwind(t->stack_low, t->stack_high, frames, GUEST_WORKERS_FRAMES, NULL, &cut);
	if (cut || n == GUEST_WORKERS_FRAMES)
		return;
	for (size_t i = 0; i < n; i++)
		ret->frames[i] = frames[n - 1 - i];
	ret->n = (uint32_t)n;
}

/* How many callers both have, from the outermost one. */
static uint32_t workers_common(
	const struct guest_worker_stack *a, const struct guest_worker_stack *b, bool one_thread)
{
	uint32_t i = 0;

	while (i < a->n && i < b->n && a->frames[i].ip == b->frames[i].ip &&
		(!one_thread || a->frames[i].sp == b->frames[i].sp))
		i++;
	return i;
}

/* Does one piece of work, which the worker's loop has called, queue there and wait here? */
bool workers_is_nested(const struct workers_pool *p, const struct guest_worker_stack *wait)
{
	const struct guest_worker_stack *queued = &guest_worker.stack;
	uint32_t common;

	if (p->fixed)
		return true;
	common = workers_common(queued, wait, true);

	return wait->n && queued->n && p->idle.n && common > workers_common(&p->idle, wait, false) &&
		common < queued->n && common < wait->n &&
		guest_same_function(queued->frames[common].ip, wait->frames[common].ip);
}
