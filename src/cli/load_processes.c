/* SPDX-License-Identifier: MIT
 *
 * session -> model: ends of processes, and the order that they make. A process is known to its parent by its
 * id. It may have several rows: as a fork, and as each program that it became.
 */
#include <errno.h>
#include <stdlib.h>

#include "base/text.h"
#include "cli/load.h"

#define PROCESSES_MAX_DEPTH 64

static int processes_compare(const void *a, const void *b)
{
	const struct cli_pid *x = a, *y = b;

	if (x->pid != y->pid)
		return x->pid < y->pid ? -1 : 1;
	return x->row < y->row ? -1 : x->row > y->row;
}

static size_t processes_first(const struct cli_loaded *l, int32_t pid)
{
	size_t low = 0, high = l->pids.n;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (l->pids.items[middle].pid < pid)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* The rows of all processes by their ids, each with its first thread. */
static int processes_find(struct cli_loaded *l)
{
	struct lockdag_session_process process;
	struct lockdag_session_thread thread;
	uint32_t *first = malloc((l->processes.n + 1) * sizeof(*first));
	int r = first ? 0 : -ENOMEM;

	l->pids_known = true;
	for (uint32_t i = 0; r == 0 && i < l->processes.n; i++)
		first[i] = LOCKDAG_NONE;
	for (uint32_t i = 0; r == 0 && i < l->threads.n; i++)
		if (l->threads.rows[i] != LOCKDAG_NONE &&
			lockdag_session_thread(l->source->session, i, &thread) &&
			thread.process < l->processes.n &&
			first[thread.process] == LOCKDAG_NONE &&
			thread.flags & (LOCKDAG_THREAD_MAIN | LOCKDAG_THREAD_FORKED))
			first[thread.process] = i;
	for (uint32_t i = 0; r == 0 && i < l->processes.n; i++) {
		struct cli_pid *row;

		if (first[i] == LOCKDAG_NONE ||
			!lockdag_session_process(l->source->session, i, &process))
			continue;
		row = lockdag_vec_push(&l->pids);
		if (row)
			*row = (struct cli_pid){process.pid, process.parent_pid, i, process.parent,
				l->threads.rows[first[i]], process.gone};
		else
			r = -ENOMEM;
	}
	if (r == 0 && l->pids.n)
		qsort(l->pids.items, l->pids.n, sizeof(*l->pids.items), processes_compare);
	free(first);
	return r;
}

/* Is the row a child of that process? */
static bool processes_is_child(
	const struct cli_loaded *l, const struct cli_pid *row, uint32_t parent)
{
	struct lockdag_session_process process;

	if (row->parent != LOCKDAG_NONE)
		return row->parent == parent;
	return lockdag_session_process(l->source->session, parent, &process) &&
	       process.pid == row->parent_pid;
}

/* How many generations of processes stand above it: an end waits for ends further down. */
static unsigned processes_depth(const struct cli_loaded *l, const struct cli_pid *row)
{
	unsigned depth = 0;

	for (; depth < PROCESSES_MAX_DEPTH; depth++) {
		size_t i = processes_first(l, row->parent_pid);

		if (i >= l->pids.n || l->pids.items[i].pid != row->parent_pid ||
			l->pids.items[i].row >= row->row)
			break;
		row = &l->pids.items[i];
	}
	return depth;
}

/* The lock that stands for the ends of all children of one generation. */
static int processes_lock(struct cli_loaded *l, unsigned depth, uint32_t *ret_lock)
{
	struct lockdag_birth birth = {.type = LOCKDAG_LOCK_PROCESS,
		.attributes = LOCKDAG_LOCK_SHARED,
		.how = LOCKDAG_BIRTH_FIRST,
		.stack = LOCKDAG_NONE,
		.name = "child_exit"};
	struct lockdag_lock lock = {.flags = LOCKDAG_LOCK_MANY, .value = 1};
	struct cli_child_end *end;
	char *key;
	int r;

	for (size_t i = 0; i < l->child_ends.n; i++)
		if (l->child_ends.items[i].depth == depth) {
			*ret_lock = l->child_ends.items[i].lock;
			return 0;
		}
	key = lockdag_textf("child_exit:%u", depth);
	end = lockdag_vec_push(&l->child_ends);
	birth.key = key;
	r = key && end ? lockdag_model_add_birth(l->model, &birth) : -ENOMEM;
	free(key);
	if (r < 0)
		return r;
	lock.birth = (uint32_t)r;
	r = lockdag_model_add_lock(l->model, &lock);
	if (r < 0)
		return r;
	*end = (struct cli_child_end){depth, (uint32_t)r};
	*ret_lock = (uint32_t)r;
	return 0;
}

int cli_load_child_ended(
	struct cli_loaded *l, uint32_t parent, uint64_t serial, bool *ret_ended)
{
	int32_t pid = (int32_t)(serial & UINT32_MAX);
	int r = l->pids_known ? 0 : processes_find(l);

	for (size_t i = r < 0 ? l->pids.n : processes_first(l, pid);
		i < l->pids.n && l->pids.items[i].pid == pid; i++)
		if (processes_is_child(l, &l->pids.items[i], parent))
			*ret_ended = l->pids.items[i].gone == LOCKDAG_GONE_ENDED;
	return r;
}

int cli_load_child_end(struct cli_loaded *l, uint32_t parent, uint64_t serial, unsigned number,
	uint32_t *ret_lock, uint64_t *ret_serial)
{
	int32_t pid = (int32_t)(serial & UINT32_MAX);
	int r = l->pids_known ? 0 : processes_find(l);

	*ret_lock = LOCKDAG_NONE;
	for (size_t i = r < 0 ? l->pids.n : processes_first(l, pid);
		i < l->pids.n && l->pids.items[i].pid == pid; i++) {
		if (!processes_is_child(l, &l->pids.items[i], parent) || number--)
			continue;
		*ret_serial = (uint64_t)l->pids.items[i].thread + 1;
		return processes_lock(l, processes_depth(l, &l->pids.items[i]), ret_lock);
	}
	return r;
}

/* ------------------------------------------------------------------ order */

/* A program that a process became by exec comes after what the process was before. */
static void processes_become(struct cli_loaded *l)
{
	for (size_t i = 1; i < l->pids.n; i++) {
		const struct cli_pid *before = &l->pids.items[i - 1], *row = &l->pids.items[i];
		struct lockdag_thread *thread = &l->model->threads.items[row->thread];

		if (before->pid != row->pid || row->parent != LOCKDAG_NONE ||
			thread->parent != LOCKDAG_NONE)
			continue;
		thread->parent = before->thread;
		thread->create_phase = INT32_MAX; /* behind all of it */
	}
}

/* All threads of the process were over when it had been waited for; what it was before an exec is
 * over when it becomes the next program. */
static int processes_over(struct cli_loaded *l, const struct lockdag_item_point *p, uint32_t *by)
{
	struct lockdag_session_thread waiter;
	int32_t pid = (int32_t)p->number;

	if (!lockdag_session_thread(l->source->session, p->thread, &waiter))
		return 0;
	for (size_t i = processes_first(l, pid); i < l->pids.n && l->pids.items[i].pid == pid; i++)
		if (processes_is_child(l, &l->pids.items[i], waiter.process))
			by[l->pids.items[i].row] = (uint32_t)(p - l->reaped.items);
	return 0;
}

int cli_load_reaped(struct cli_loaded *l)
{
	uint32_t *by;
	int r = l->reaped.n && !l->pids_known ? processes_find(l) : 0;

	if (r < 0 || !l->reaped.n)
		return r;
	by = malloc((l->processes.n + 1) * sizeof(*by));
	if (!by)
		return -ENOMEM;
	for (uint32_t i = 0; i < l->processes.n; i++)
		by[i] = LOCKDAG_NONE;
	processes_become(l);
	for (size_t i = 0; i < l->reaped.n; i++)
		processes_over(l, &l->reaped.items[i], by);
	for (uint32_t i = 0; i < l->threads.n; i++) {
		struct lockdag_session_thread from;
		struct lockdag_thread *to;

		if (l->threads.rows[i] == LOCKDAG_NONE ||
			!lockdag_session_thread(l->source->session, i, &from) ||
			from.process >= l->processes.n || by[from.process] == LOCKDAG_NONE)
			continue;
		to = &l->model->threads.items[l->threads.rows[i]];
		if (to->joiner != LOCKDAG_NONE)
			continue;
		to->joiner =
			cli_map_at(&l->threads, l->reaped.items[by[from.process]].thread);
		to->join_phase = l->reaped.items[by[from.process]].first;
	}
	free(by);
	return 0;
}
