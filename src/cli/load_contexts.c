/* SPDX-License-Identifier: MIT
 *
 * session -> model: what a thread's context is besides its locks. Signal handlers, and what can be
 * interrupted by them; processes that began as a fork among other threads.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "cli/load.h"

/* ------------------------------------------------------------------ signal handlers */

/* "SIGUSR1 handler", "SIGRTMIN+3 handler" */
static void contexts_name(uint32_t signal, char *buffer, size_t size)
{
	const char *word = sigabbrev_np((int)signal);

	if (word)
		snprintf(buffer, size, "SIG%s handler", word);
	else if (signal >= (uint32_t)SIGRTMIN)
		snprintf(buffer, size, "SIGRTMIN+%u handler", signal - (uint32_t)SIGRTMIN);
	else
		snprintf(buffer, size, "signal %u handler", signal);
}

/* The handler's lock, made when it is first asked for. */
static int contexts_handler(
	struct cli_loaded *l, uint32_t process, uint32_t signal, struct cli_handler **ret_handler)
{
	struct lockdag_birth birth = {
		.type = LOCKDAG_LOCK_HANDLER, .how = LOCKDAG_BIRTH_FIRST, .stack = LOCKDAG_NONE};
	struct lockdag_lock lock = {.process = process, .value = 1};
	struct cli_handler *row;
	char name[64];
	int r;

	for (size_t i = 0; i < l->handlers.n; i++) {
		if (l->handlers.items[i].process == process &&
			l->handlers.items[i].signal == signal) {
			*ret_handler = &l->handlers.items[i];
			return 0;
		}
	}
	contexts_name(signal, name, sizeof(name));
	birth.name = birth.key = name;
	r = lockdag_model_add_birth(l->model, &birth);
	if (r < 0)
		return r;
	lock.birth = (uint32_t)r;
	r = lockdag_model_add_lock(l->model, &lock);
	row = r < 0 ? NULL : lockdag_vec_push(&l->handlers);
	if (!row)
		return r < 0 ? r : -ENOMEM;
	*row = (struct cli_handler){process, signal, (uint32_t)r, false};
	*ret_handler = row;
	return 0;
}

int cli_load_handler(struct cli_loaded *l, uint32_t process, uint32_t signal, uint32_t *ret_lock)
{
	struct cli_handler *handler;
	int r = contexts_handler(l, process, signal, &handler);

	if (r == 0)
		*ret_lock = handler->lock;
	return r;
}

static int contexts_orphan(struct cli_loaded *l, uint32_t process)
{
	bool *orphan = cli_source_known(&l->orphans, process);

	if (!orphan)
		return -ENOMEM;
	*orphan = true;
	return 0;
}

int cli_load_context(
	struct cli_loaded *l, const struct lockdag_item_acquire *item, struct lockdag_acquire *row)
{
	uint32_t process = l->model->threads.items[row->thread].process;
	struct cli_handler *handler;
	int r = 0;

	row->flags &= ~(uint32_t)(LOCKDAG_ACQUIRE_HANDLER | LOCKDAG_ACQUIRE_DIRECTED);
	row->handler = LOCKDAG_NONE;
	if (item->context & LOCKDAG_CONTEXT_ORPHAN) {
		r = contexts_orphan(l, process);
		cli_load_mark(l, row->lock);
	}
	if (r < 0 || !item->handler || item->handler > 64)
		return r;
	r = contexts_handler(l, process, item->handler, &handler);
	if (r < 0)
		return r;
	handler->waits |= !(row->flags & LOCKDAG_ACQUIRE_TRY);
	row->handler = handler->lock;
	row->flags |= LOCKDAG_ACQUIRE_HANDLER;
	if (item->context & LOCKDAG_CONTEXT_DIRECTED)
		row->flags |= LOCKDAG_ACQUIRE_DIRECTED;
	cli_load_mark(l, row->lock);
	return 0;
}

int cli_load_interrupted(struct cli_loaded *l, const struct lockdag_item_acquire *item, int r)
{
	struct cli_interrupted *row;

	if (!item->signals)
		return r;
	row = lockdag_vec_push(&l->interrupted);
	if (!row)
		return -ENOMEM;
	*row = (struct cli_interrupted){(uint32_t)r, item->signals};
	return r;
}

/* Is the acquisition's lock among those that it holds? */
static bool contexts_holds_own(const struct lockdag_model *m, const struct lockdag_acquire *a)
{
	for (uint32_t i = 0; i < a->n_held; i++) {
		const struct lockdag_held *h = &m->held.items[a->held + i];

		if (h->lock == a->lock && h->serial == a->serial)
			return true;
	}
	return false;
}

/* Whoever made the acquisition waits for the handler, with all that it holds then. */
static int contexts_interrupt(
	struct cli_loaded *l, uint32_t acquire, const struct cli_handler *handler)
{
	struct lockdag_held held[LOCKDAG_MAX_ITEM_HELD + 1];
	struct lockdag_acquire row = l->model->acquires.items[acquire];
	int r;

	memcpy(held, &l->model->held.items[row.held], row.n_held * sizeof(*held));
	if (!(row.flags & LOCKDAG_ACQUIRE_WAIT) && !contexts_holds_own(l->model, &row))
		held[row.n_held++] = (struct lockdag_held){
			row.lock, row.serial, row.mode, row.flags & LOCKDAG_ACQUIRE_TRY, row.stack};
	if (!row.n_held)
		return 0;
	for (uint32_t i = 0; i < row.n_held; i++)
		cli_load_mark(l, held[i].lock);
	row.lock = handler->lock;
	row.serial = 0;
	row.mode = LOCKDAG_EXCLUSIVE;
	row.flags = LOCKDAG_ACQUIRE_WAIT | (row.flags & LOCKDAG_ACQUIRE_HANDLER);
	row.timeout_ms = 0;
	row.monitor = LOCKDAG_NONE;
	r = lockdag_model_add_acquire(l->model, &row, held);
	return r < 0 ? r : 0;
}

int cli_load_interrupts(struct cli_loaded *l)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < l->interrupted.n; i++) {
		const struct cli_interrupted *x = &l->interrupted.items[i];
		uint32_t thread = l->model->acquires.items[x->acquire].thread;

		for (size_t k = 0; r == 0 && k < l->handlers.n; k++) {
			const struct cli_handler *h = &l->handlers.items[k];

			if (h->waits && h->process == l->model->threads.items[thread].process &&
				x->signals & UINT64_C(1) << (h->signal - 1))
				r = contexts_interrupt(l, x->acquire, h);
		}
	}
	return r;
}

/* ------------------------------------------------------------------ forks */

static int contexts_fork(struct cli_loaded *l, uint32_t process, uint64_t offset)
{
	struct lockdag_session_acquire item;
	struct lockdag_held held[LOCKDAG_MAX_ITEM_HELD];
	struct lockdag_fork row = {.process = process};
	int r;

	if (!lockdag_session_acquire_at(l->source->session, offset, &item) ||
		item.item.kind != LOCKDAG_ITEM_FORK)
		return 0;
	row.thread = cli_map_at(&l->threads, item.item.presence.thread);
	row.number = item.item.rule;
	row.phase = item.item.presence.first_phase;
	if (row.thread == LOCKDAG_NONE || l->model->threads.items[row.thread].process == process) {
		l->skipped++;
		return 0;
	}
	r = cli_load_held(l, &item, held, &row.n_held);
	if (r == 0)
		r = cli_load_stack(l, item.frames, item.item.n_frames, &row.stack);
	if (r == 0)
		r = lockdag_model_add_fork(l->model, &row, held);
	return r < 0 ? r : 0;
}

/* A child of an orphan may ask for what its grandparent's threads held: so all forks count when there
 * is one. */
int cli_load_forks(struct cli_loaded *l)
{
	struct lockdag_session_process row;
	int r = 0;

	for (uint32_t i = 0; l->orphans.n && r == 0 && i < l->processes.n; i++)
		if (l->processes.rows[i] != LOCKDAG_NONE &&
			lockdag_session_process(l->source->session, i, &row) && row.fork)
			r = contexts_fork(l, l->processes.rows[i], row.fork);
	return r;
}
