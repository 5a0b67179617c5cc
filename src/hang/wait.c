/* SPDX-License-Identifier: MIT
 *
 * Rows of the standstill: processes, threads, what each waits for.
 */
#include "internal.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ------------------------------------------------------------------ finding rows */

uint32_t hang_find_process(const struct hang *h, int pid)
{
	for (size_t i = 0; i < h->processes.n; i++)
		if (h->processes.items[i].pid == pid)
			return (uint32_t)i;
	return LOCKDAG_NONE;
}

static int wait_by_tid(const void *a, const void *b)
{
	const struct hang_tid *x = a, *y = b;

	if (x->tid != y->tid)
		return x->tid < y->tid ? -1 : 1;
	return x->row < y->row ? -1 : x->row > y->row;
}

static int wait_index(struct hang *h)
{
	uint32_t row = 0;

	h->tids.n = h->ns_tids.n = 0;
	for (uint32_t i = 0; i < h->processes.n; i++) {
		struct hang_process *p = &h->processes.items[i];

		p->first_row = row;
		for (size_t k = 0; k < p->threads.n; k++, row++) {
			struct hang_tid *a = lockdag_vec_push(&h->tids);
			struct hang_tid *b = lockdag_vec_push(&h->ns_tids);

			if (!a || !b)
				return -ENOMEM;
			*a = (struct hang_tid){p->threads.items[k].tid, i, row};
			*b = (struct hang_tid){p->threads.items[k].ns_tid, i, row};
		}
	}
	if (h->tids.n) {
		qsort(h->tids.items, h->tids.n, sizeof(*h->tids.items), wait_by_tid);
		qsort(h->ns_tids.items, h->ns_tids.n, sizeof(*h->ns_tids.items), wait_by_tid);
	}
	return 0;
}

uint32_t hang_find_thread(const struct hang *h, uint32_t process, int tid, bool ns)
{
	const struct hang_tid *items = ns ? h->ns_tids.items : h->tids.items;
	size_t low = 0, high = h->tids.n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (items[middle].tid < tid)
			low = middle + 1;
		else
			high = middle;
	}
	for (; low < h->tids.n && items[low].tid == tid; low++)
		if (process == LOCKDAG_NONE || items[low].process == process)
			return items[low].row;
	return LOCKDAG_NONE;
}

int hang_lock_row(struct hang *h, uint32_t process, uint64_t address, const char *type,
	const char *name, uint32_t *ret)
{
	struct lockdag_still_lock *row;

	for (size_t i = 0; i < h->s->locks.n; i++) {
		row = &h->s->locks.items[i];
		if (!strcmp(row->type, type) &&
			(address ? row->address == address && row->process == process
				 : row->detail && name && !strcmp(row->detail, name))) {
			*ret = (uint32_t)i;
			return 0;
		}
	}
	row = lockdag_vec_push(&h->s->locks);
	if (!row)
		return -ENOMEM;
	*row = (struct lockdag_still_lock){.process = process,
		.address = address,
		.type = type,
		.name = lockdag_standstill_text(h->s, name),
		.owner = LOCKDAG_NONE};
	row->detail = address ? NULL : row->name;
	*ret = (uint32_t)h->s->locks.n - 1;
	return 0;
}

/* ------------------------------------------------------------------ one thread */

static int wait_memory(struct hang *h, uint32_t process, const struct hang_thread *t,
	const struct hang_wait *w, struct lockdag_still_thread *row)
{
	struct lockdag_still_lock *lock;
	int r;

	row->kind = w->kind;
	row->mode = w->mode;
	row->timed = w->timed;
	row->sure = row->sure && !w->over;
	row->what = w->what;
	if (w->kind != LOCKDAG_STILL_JOIN && w->address && w->type) {
		r = hang_lock_row(h, process, w->address, w->type, NULL, &row->lock);
		if (r < 0)
			return r;
		lock = &h->s->locks.items[row->lock];
		if (!lock->name && w->what)
			lock->name = w->what;
		if (!lock->name || (strstr(lock->name, " 0x") && !w->what))
			hang_name_lock(h, process, t, lock);
		lock->detail = w->detail ? w->detail : lock->detail;
		lock->owner_tid = (int)w->owner_tid;
		lock->readers = w->readers;
	}
	return hang_rescuers(h, process, t, w, row);
}

static int wait_children(struct hang *h, uint32_t process, const struct hang_thread *t,
	struct lockdag_still_thread *row)
{
	struct hang_process *p = &h->processes.items[process];
	const struct hang_sample *s = &t->sample;
	bool waitid = hang_call_is_waitid(s->nr);
	int wanted = waitid ? (s->args[0] == 1 ? (int)s->args[1] : 0) : (int)s->args[0];
	int children[64];
	size_t n = p->core ? 0 : hang_proc_list_children(p, children, LOCKDAG_ARRAY_SIZE(children));
	int r = 0;

	row->kind = LOCKDAG_STILL_CHILD;
	row->what = "a child";
	if (wanted <= 0 && n == 1)
		wanted = children[0];
	if (wanted > 0) {
		row->what = lockdag_standstill_textf(h->s, "process %d", wanted);
		if (p->core)
			return hang_rescuer_add(h, row, LOCKDAG_RESCUER_OUTSIDE, 0, true,
				"of which a core file does not tell");
		return hang_rescuer_pid(h, row, wanted, "that is");
	}
	for (size_t i = 0; r == 0 && i < n && i < LOCKDAG_ARRAY_SIZE(children); i++)
		r = hang_rescuer_pid(h, row, children[i], "that is");
	if (r == 0 && (!n || n >= LOCKDAG_ARRAY_SIZE(children)))
		r = hang_rescuer_add(h, row, LOCKDAG_RESCUER_OUTSIDE, 0, true, NULL);
	return r;
}

/* A pipe has no name of its own; the variable that the call was given says more than a number. */
static int wait_file(struct hang *h, uint32_t process, const struct hang_thread *t,
	enum hang_call call, struct lockdag_still_thread *row)
{
	int r = hang_files_wait(h, process, t, call, row);
	struct lockdag_still_lock *lock;

	if (r == 0 && row->lock != LOCKDAG_NONE &&
		lockdag_wait_family(row->kind) == LOCKDAG_FAMILY_STREAM) {
		lock = &h->s->locks.items[row->lock];
		if (lock->name == lock->detail)
			hang_name_stream(h, process, t, lock);
	}
	return r;
}

static int wait_in_call(struct hang *h, uint32_t process, const struct hang_thread *t,
	struct lockdag_still_thread *row)
{
	enum hang_call call = hang_call(t->sample.nr);
	struct hang_wait w;
	char name[32];

	row->timed = hang_call_is_timed(&t->sample);
	switch (call) {
	case HANG_CALL_FUTEX:
		hang_futex(h, process, t, &w);
		hang_gil(h, process, &w);
		return wait_memory(h, process, t, &w, row);
	case HANG_CALL_CHILD:
		return wait_children(h, process, t, row);
	case HANG_CALL_SLEEP:
	case HANG_CALL_RESTART:
		row->kind = LOCKDAG_STILL_SLEEP;
		return 0;
	case HANG_CALL_SIGNAL:
		row->kind = LOCKDAG_STILL_SIGNAL;
		return 0;
	case HANG_CALL_FCNTL:
		if (!hang_call_is_setlkw(&t->sample))
			break;
		return wait_file(h, process, t, call, row);
	case HANG_CALL_READ:
	case HANG_CALL_WRITE:
	case HANG_CALL_RECEIVE:
	case HANG_CALL_SEND:
	case HANG_CALL_POLL:
	case HANG_CALL_SELECT:
	case HANG_CALL_EPOLL:
	case HANG_CALL_FLOCK:
		return wait_file(h, process, t, call, row);
	case HANG_CALL_ACCEPT:
	case HANG_CALL_CONNECT:
	case HANG_CALL_IPC:
		row->kind = LOCKDAG_STILL_READ;
		row->what = lockdag_standstill_textf(
			h->s, "%s()", hang_syscall_name(t->sample.nr, name, sizeof(name)));
		return 0;
	default:
		break;
	}
	row->kind = LOCKDAG_STILL_SYSTEM_CALL;
	row->what =
		lockdag_standstill_text(h->s, hang_syscall_name(t->sample.nr, name, sizeof(name)));
	return 0;
}

/* Stopped by a signal while it waited for what is in memory: when it goes on it does so again, or finds that it
 * is there. */
static bool wait_is_suspended(const struct hang_thread *t)
{
	return t->sample.state == 'T' && hang_call(t->sample.nr) == HANG_CALL_FUTEX;
}

static int wait_thread(struct hang *h, uint32_t process, uint32_t thread, uint32_t row_number)
{
	const struct hang_process *p = &h->processes.items[process];
	const struct hang_thread *t = &p->threads.items[thread];
	struct lockdag_still_thread row = h->s->threads.items[row_number];
	struct hang_wait w;
	int r = 0;

	if (hang_spins(h, process, t, &w))
		r = wait_memory(h, process, t, &w, &row);
	else if (strchr("Tt", t->sample.state) && !p->core && !wait_is_suspended(t)) {
		row.kind = LOCKDAG_STILL_STOPPED;
		row.what = t->sample.state == 't' ? "by a debugger" : "by a signal";
	} else if (t->sample.state == 'Z' || t->sample.state == 'X') {
		row.kind = LOCKDAG_STILL_SYSTEM_CALL;
		row.what = "exit";
	} else if (t->sample.state == 'D') {
		row.kind = LOCKDAG_STILL_DISK;
		row.what = "on a device, or in vfork";
	} else if (t->sample.nr >= 0) {
		r = wait_in_call(h, process, t, &row);
		if (wait_is_suspended(t))
			row.note = "stopped by a signal meanwhile";
	} else {
		row.kind = t->sample.running || t->sample.state == 'R' ? LOCKDAG_STILL_RUNNING
								       : LOCKDAG_STILL_UNKNOWN;
	}
	h->s->threads.items[row_number] = row;
	if (r == 0 && row.kind == LOCKDAG_STILL_POLL && h->polled != LOCKDAG_STILL_POLL) {
		struct hang_poll *poll = lockdag_vec_push(&h->polls);

		if (!poll)
			return -ENOMEM;
		*poll = (struct hang_poll){row_number, h->polled};
	}
	return r;
}

/* ------------------------------------------------------------------ all */

static const char *wait_thread_name(struct hang *h, uint32_t process, const struct hang_thread *t)
{
	const struct hang_process *p = &h->processes.items[process];
	const char *entry;

	if (t->tid != p->pid && (!*t->name || !strcmp(t->name, p->name))) {
		entry = hang_entry(h, process, t);
		if (entry)
			return lockdag_standstill_text(h->s, entry);
	}
	if (t->tid == p->pid && p->threads.n > 1 && !strcmp(t->name, p->name))
		return "main";
	return *t->name ? lockdag_standstill_text(h->s, t->name) : NULL;
}

static int wait_process_rows(struct hang *h, uint32_t process)
{
	struct hang_process *p = &h->processes.items[process];
	struct lockdag_still_process *row = lockdag_vec_push(&h->s->processes);

	if (!row)
		return -ENOMEM;
	*row = (struct lockdag_still_process){.pid = p->pid,
		.name = *p->name ? lockdag_standstill_text(h->s, p->name) : NULL,
		.whole = p->whole};
	for (uint32_t i = 0; i < p->threads.n; i++) {
		const struct hang_thread *t = &p->threads.items[i];
		struct lockdag_still_thread *thread = lockdag_vec_push(&h->s->threads);
		int r;

		if (!thread)
			return -ENOMEM;
		*thread = (struct lockdag_still_thread){.process = process,
			.tid = t->tid,
			.name = wait_thread_name(h, process, t),
			.state = t->sample.state ? t->sample.state : '?',
			.since_ms = t->since_ms,
			.lock = LOCKDAG_NONE,
			.joins = LOCKDAG_NONE,
			.sure = t->sure};
		r = hang_describe(h, process, i, thread);
		if (r < 0)
			return r;
	}
	hang_runtime(h, process);
	return 0;
}

static void wait_reset(struct lockdag_standstill *s)
{
	s->processes.n = s->threads.n = s->locks.n = s->rescuers.n = s->held.n = 0;
}

/* "bank.c:12 move()" */
static const char *wait_place(struct hang *h, uint32_t process, uint64_t ip)
{
	const struct lockdag_frame *f;
	const char *file;
	uint32_t first;

	if (!ip || !hang_symbolize(h, process, ip, true, &first))
		return NULL;
	f = &h->frames.items[first];
	file = f->file ? strrchr(f->file, '/') : NULL;
	if (f->file)
		return lockdag_standstill_textf(h->s, "%s:%u%s%s%s", file ? file + 1 : f->file,
			f->line, f->function ? " " : "", f->function ? f->function : "",
			f->function ? "()" : "");
	return f->function ? lockdag_standstill_textf(h->s, "%s()", f->function) : NULL;
}

static int wait_add_held(
	struct hang *h, uint32_t thread, uint32_t lock, enum lockdag_mode mode, const char *where)
{
	struct lockdag_still_held *row;

	for (size_t i = 0; i < h->s->held.n; i++) {
		row = &h->s->held.items[i];
		if (row->thread == thread && row->lock == lock) {
			row->where = where ? where : row->where;
			return 0;
		}
	}
	row = lockdag_vec_push(&h->s->held);
	if (!row)
		return -ENOMEM;
	*row = (struct lockdag_still_held){thread, lock, mode, where};
	return 0;
}

/* By the locks themselves, and by a session. */
static int wait_held(struct hang *h)
{
	int r = 0;

	for (uint32_t i = 0; r == 0 && i < h->s->locks.n; i++) {
		const struct lockdag_still_lock *lock = &h->s->locks.items[i];

		if (lock->owner != LOCKDAG_NONE)
			r = wait_add_held(h, lock->owner, i, LOCKDAG_EXCLUSIVE, NULL);
		for (size_t k = 0; r == 0 && lock->address && k < h->options->n_facts; k++) {
			const struct lockdag_hang_fact *f = &h->options->facts[k];
			uint32_t thread;

			if (f->waker || f->address != lock->address ||
				f->pid != h->processes.items[lock->process].pid)
				continue;
			thread = hang_find_thread(h, lock->process, f->tid, false);
			if (thread != LOCKDAG_NONE)
				r = wait_add_held(
					h, thread, i, f->mode, wait_place(h, lock->process, f->ip));
		}
	}
	return r;
}

/* Does another thread wait for a lock that this one has? */
static bool wait_is_waited_for(const struct lockdag_standstill *s, uint32_t thread)
{
	for (uint32_t i = 0; i < s->threads.n; i++) {
		const struct lockdag_still_thread *t = &s->threads.items[i];

		if (i != thread && t->lock != LOCKDAG_NONE && s->locks.items[t->lock].owner == thread &&
			lockdag_wait_family(t->kind) == LOCKDAG_FAMILY_LOCK)
			return true;
	}
	return false;
}

/* An event loop may wait for good, and its pipe is there to be woken by. But one that has a lock which another
 * thread waits for is no idle one; and where only its own process can wake it, it waits for that as a reader
 * does. */
static void wait_polls(struct hang *h)
{
	for (size_t i = 0; i < h->polls.n; i++) {
		struct lockdag_still_thread *t = &h->s->threads.items[h->polls.items[i].row];
		bool own = t->n_rescuers > 0;

		for (uint32_t k = 0; k < t->n_rescuers; k++) {
			const struct lockdag_rescuer *r = &h->s->rescuers.items[t->rescuers + k];

			own = own && r->who == LOCKDAG_RESCUER_PROCESS && r->index == t->process;
		}
		if (own && wait_is_waited_for(h->s, h->polls.items[i].row))
			t->kind = h->polls.items[i].kind;
	}
}

int hang_wait_rows(struct hang *h)
{
	int r;

	wait_reset(h->s);
	h->wanted.n = h->polls.n = 0;
	r = hang_files_open(h);
	if (r == 0)
		r = wait_index(h);
	for (uint32_t i = 0; r == 0 && i < h->processes.n; i++)
		r = wait_process_rows(h, i);
	for (uint32_t i = 0, row = 0; r == 0 && i < h->processes.n; i++)
		for (uint32_t k = 0; r == 0 && k < h->processes.items[i].threads.n; k++, row++)
			r = wait_thread(h, i, k, row);
	if (r == 0)
		wait_polls(h);
	return r == 0 ? wait_held(h) : r;
}
