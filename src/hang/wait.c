/* SPDX-License-Identifier: MIT
 *
 * Rows of the standstill: processes, threads, what each waits for, who can end that.
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
	*row = (struct lockdag_still_lock){.process = process, .address = address, .type = type,
		.name = lockdag_standstill_text(h->s, name), .owner = LOCKDAG_NONE};
	row->detail = address ? NULL : row->name;
	*ret = (uint32_t)h->s->locks.n - 1;
	return 0;
}

/* ------------------------------------------------------------------ rescuers */

bool hang_has_handlers(const struct hang_process *p)
{
	/* The C library's own two, for cancellation and set*id(). */
	return p->caught & ~(UINT64_C(3) << 31);
}

static int wait_add(struct hang *h, struct lockdag_still_thread *row, enum lockdag_rescuer_who who,
	uint32_t index, bool exact, const char *words)
{
	for (uint32_t i = 0; i < row->n_rescuers; i++) {
		const struct lockdag_rescuer *r = &h->s->rescuers.items[row->rescuers + i];

		if (r->who == who && r->index == index && who <= LOCKDAG_RESCUER_PROCESS)
			return 0;
	}
	return lockdag_standstill_add_rescuer(h->s, row,
		&(struct lockdag_rescuer){
			.who = who, .index = index, .exact = exact, .words = words});
}

static int wait_want(struct hang *h, int pid)
{
	int *row;

	for (size_t i = 0; i < h->wanted.n; i++)
		if (h->wanted.items[i] == pid)
			return 0;
	row = lockdag_vec_push(&h->wanted);
	if (!row)
		return -ENOMEM;
	*row = pid;
	return 0;
}

int hang_rescuer_pid(struct hang *h, struct lockdag_still_thread *row, int pid, const char *words)
{
	uint32_t process = hang_find_process(h, pid);
	struct hang_process other = {0};
	char path[64], *text, state;
	int r;

	if (process != LOCKDAG_NONE)
		return wait_add(h, row, LOCKDAG_RESCUER_PROCESS, process, true, NULL);
	r = wait_want(h, pid);
	if (r < 0)
		return r;
	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	text = hang_slurp(path);
	if (!text || !hang_parse_stat(text, &other, &state))
		snprintf(other.name, sizeof(other.name), "process");
	free(text);
	return wait_add(h, row, LOCKDAG_RESCUER_OUTSIDE, (uint32_t)pid, true,
		lockdag_standstill_textf(h->s, "%s %s (%d), which was not looked at", words,
			other.name, pid));
}

/* A thread that is none of the process's: which process has it; 0: there is none. */
static int wait_process_of(int tid)
{
	char path[64], *text, *at;
	int pid = 0;

	snprintf(path, sizeof(path), "/proc/%d/status", tid);
	text = hang_slurp(path);
	at = text ? strstr(text, "Tgid:") : NULL;
	if (at)
		pid = atoi(at + 5);
	free(text);
	return pid;
}

/* The owner that is written in the lock is no thread of the process. */
static int wait_foreign_owner(struct hang *h, const struct hang_process *p,
	const struct hang_wait *w, struct lockdag_still_thread *row)
{
	uint32_t thread = w->shared ? hang_find_thread(h, LOCKDAG_NONE, (int)w->owner_tid, false)
				    : LOCKDAG_NONE;
	int pid = p->core ? 0 : wait_process_of((int)w->owner_tid);
	const char *words;

	if (thread != LOCKDAG_NONE)
		return wait_add(h, row, LOCKDAG_RESCUER_THREAD, thread, true, NULL);
	if (w->shared && pid)
		return hang_rescuer_pid(h, row, pid, "held by a thread of");
	if (w->shared && p->core)
		return wait_add(h, row, LOCKDAG_RESCUER_OUTSIDE, 0, true,
			"held by a thread of another process");
	if (pid && pid == p->ppid)
		words = lockdag_standstill_textf(h->s,
			"held by thread %u of the process that this one was forked from (%d): "
			"nobody can release it here",
			w->owner_tid, pid);
	else if ((int)w->owner_tid < p->pid && !p->core) /* older than the process itself */
		words = lockdag_standstill_textf(h->s,
			"held by thread %u when this process was forked: nobody can release it here",
			w->owner_tid);
	else
		words = lockdag_standstill_textf(h->s,
			"held by thread %u, which has ended without releasing it", w->owner_tid);
	return wait_add(h, row, LOCKDAG_RESCUER_GONE, 0, true, words);
}

static int wait_owner(struct hang *h, uint32_t process, const struct hang_wait *w,
	struct lockdag_still_thread *row)
{
	uint32_t owner = hang_find_thread(h, process, (int)w->owner_tid, true);

	if (owner == LOCKDAG_NONE)
		return wait_foreign_owner(h, &h->processes.items[process], w, row);
	if (row->kind == LOCKDAG_STILL_JOIN)
		row->joins = owner;
	else if (row->lock != LOCKDAG_NONE)
		h->s->locks.items[row->lock].owner = owner;
	return wait_add(h, row, LOCKDAG_RESCUER_THREAD, owner, true, NULL);
}

/* The writer who is first in the queue of the rwlock waits at its phase word. */
static uint32_t wait_first_writer(const struct hang *h, uint32_t process, uint64_t address,
	const struct hang_thread *but)
{
	const struct hang_process *p = &h->processes.items[process];

	for (size_t i = 0; i < p->threads.n; i++) {
		const struct hang_thread *t = &p->threads.items[i];

		if (t != but && hang_call(t->sample.nr) == HANG_CALL_FUTEX &&
			t->sample.args[0] == address + 8 && (uint32_t)t->sample.args[2] == 2)
			return p->first_row + (uint32_t)i;
	}
	return LOCKDAG_NONE;
}

/* Who is in the routine of a once control, or initialises a static variable: a thread with a frame
 * of the same function that does not wait itself, and with the control among its registers. */
static bool wait_runs(struct hang *h, uint32_t process, const struct hang_thread *t,
	const struct hang_wait *w, const struct hang_primitive *prim, const char *caller)
{
	for (size_t i = 1; i < t->n_frames; i++) {
		const struct hang_frame *f = &t->frames[i];
		uint32_t first;
		size_t n = hang_symbolize(h, process, f->pc, true, &first);
		const char *name = n ? h->frames.items[first + n - 1].function : NULL;

		if (w->kind == LOCKDAG_STILL_GUARD) {
			if (name && caller && !strcmp(name, caller))
				return true;
			continue;
		}
		for (size_t k = 0; k < n; k++) {
			name = h->frames.items[first + k].function;
			if (name && strstr(name, prim->function) &&
				(f->rbx == w->address || f->rbp == w->address ||
					f->r12 == w->address || f->r13 == w->address ||
					f->r14 == w->address || f->r15 == w->address))
				return true;
		}
	}
	return false;
}

static uint32_t wait_runner(struct hang *h, uint32_t process, const struct hang_thread *but,
	const struct hang_wait *w)
{
	const struct hang_process *p = &h->processes.items[process];
	uint32_t found = LOCKDAG_NONE, first;
	struct hang_primitive prim, other;
	const char *caller = NULL;
	size_t own = hang_own_frame(p, but), n;

	hang_primitive(h, process, but, &prim);
	if (own < but->n_frames) {
		n = hang_symbolize(h, process, but->frames[own].pc, true, &first);
		caller = n ? h->frames.items[first + n - 1].function : NULL;
	}
	for (size_t i = 0; i < p->threads.n; i++) {
		const struct hang_thread *t = &p->threads.items[i];

		if (t == but && w->kind == LOCKDAG_STILL_GUARD)
			continue;
		hang_primitive(h, process, t, &other);
		if (t != but && other.kind == w->kind && t->sample.args[0] == w->address)
			continue;
		if (!wait_runs(h, process, t, w, &prim, caller))
			continue;
		if (found != LOCKDAG_NONE)
			return LOCKDAG_NONE;
		found = p->first_row + (uint32_t)i;
	}
	return found;
}

/* What a session knows: who holds it for reading, who signalled it before. */
static int wait_facts(struct hang *h, uint32_t process, const struct hang_wait *w,
	struct lockdag_still_thread *row, size_t *ret_n)
{
	const struct hang_process *p = &h->processes.items[process];
	char wakers[256] = "", name[128];
	size_t used = 0;
	int r = 0;

	*ret_n = 0;
	for (size_t i = 0; r == 0 && i < h->options->n_facts; i++) {
		const struct lockdag_hang_fact *f = &h->options->facts[i];
		uint32_t thread;

		if (f->pid != p->pid || f->address != w->address)
			continue;
		thread = hang_find_thread(h, process, f->tid, false);
		if (f->waker && used < sizeof(wakers)) {
			if (thread != LOCKDAG_NONE)
				lockdag_standstill_thread_name(h->s, thread, name, sizeof(name));
			else
				snprintf(name, sizeof(name), "thread %d (ended)", f->tid);
			used += (size_t)snprintf(wakers + used, sizeof(wakers) - used, "%s%s",
				used ? ", " : "woken before by ", name);
		} else if (!f->waker && thread != LOCKDAG_NONE) {
			r = wait_add(h, row, LOCKDAG_RESCUER_THREAD, thread, true, NULL);
			++*ret_n;
		}
	}
	if (*wakers)
		row->note = lockdag_standstill_text(h->s, wakers);
	return r;
}

/* No owner is known: it is left to all threads of the process, where nobody else has the lock. */
static int wait_left(struct hang *h, uint32_t process, const struct hang_wait *w,
	struct lockdag_still_thread *row)
{
	const struct hang_process *p = &h->processes.items[process];
	bool by_handler = w->kind == LOCKDAG_STILL_SEMAPHORE || w->kind == LOCKDAG_STILL_FUTEX;
	int r;

	if (w->shared)
		return wait_add(h, row, LOCKDAG_RESCUER_OUTSIDE, 0, false,
			"which other processes may share");
	r = wait_add(h, row, LOCKDAG_RESCUER_PROCESS, process, false, NULL);
	if (r == 0 && by_handler && hang_has_handlers(p))
		r = wait_add(h, row, LOCKDAG_RESCUER_HANDLER, 0, false, NULL);
	return r;
}

static int wait_rescuers(struct hang *h, uint32_t process, const struct hang_thread *t,
	const struct hang_wait *w, struct lockdag_still_thread *row)
{
	uint32_t thread = LOCKDAG_NONE;
	size_t n;
	int r;

	if (w->owned)
		return wait_owner(h, process, w, row);
	r = wait_facts(h, process, w, row, &n);
	if (r < 0 || n) {
		/* All readers have to leave. Who is not known for sure may be one of them. */
		row->all = w->readers == n && w->kind == LOCKDAG_STILL_RWLOCK;
		return r;
	}
	if (w->behind_writer)
		thread = wait_first_writer(h, process, w->address, t);
	else if (w->kind == LOCKDAG_STILL_ONCE || w->kind == LOCKDAG_STILL_GUARD)
		thread = wait_runner(h, process, t, w);
	if (thread == LOCKDAG_NONE)
		return wait_left(h, process, w, row);
	if (row->lock != LOCKDAG_NONE && !w->behind_writer)
		h->s->locks.items[row->lock].owner = thread;
	return wait_add(h, row, LOCKDAG_RESCUER_THREAD, thread, true, NULL);
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
	return wait_rescuers(h, process, t, w, row);
}

static int wait_children(struct hang *h, uint32_t process, const struct hang_thread *t,
	struct lockdag_still_thread *row)
{
	struct hang_process *p = &h->processes.items[process];
	const struct hang_sample *s = &t->sample;
	bool waitid = hang_call_is_waitid(s->nr);
	int wanted = waitid ? (s->args[0] == 1 ? (int)s->args[1] : 0) : (int)s->args[0];
	int children[64];
	size_t n = hang_proc_list_children(p, children, LOCKDAG_ARRAY_SIZE(children));
	int r = 0;

	row->kind = LOCKDAG_STILL_CHILD;
	row->what = "a child";
	if (wanted <= 0 && n == 1)
		wanted = children[0];
	if (wanted > 0) {
		row->what = lockdag_standstill_textf(h->s, "process %d", wanted);
		return hang_rescuer_pid(h, row, wanted, "that is");
	}
	for (size_t i = 0; r == 0 && i < n && i < LOCKDAG_ARRAY_SIZE(children); i++)
		r = hang_rescuer_pid(h, row, children[i], "that is");
	if (r == 0 && (!n || n >= LOCKDAG_ARRAY_SIZE(children)))
		r = wait_add(h, row, LOCKDAG_RESCUER_OUTSIDE, 0, true, NULL);
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
		row->what = lockdag_standstill_textf(h->s, "%s()",
			hang_syscall_name(t->sample.nr, name, sizeof(name)));
		return 0;
	default:
		break;
	}
	row->kind = LOCKDAG_STILL_SYSTEM_CALL;
	row->what = lockdag_standstill_text(
		h->s, hang_syscall_name(t->sample.nr, name, sizeof(name)));
	return 0;
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
	else if (strchr("Tt", t->sample.state) && !p->core) {
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
	} else {
		row.kind = t->sample.running || t->sample.state == 'R' ? LOCKDAG_STILL_RUNNING
								       : LOCKDAG_STILL_UNKNOWN;
	}
	h->s->threads.items[row_number] = row;
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
		*thread = (struct lockdag_still_thread){.process = process, .tid = t->tid,
			.name = wait_thread_name(h, process, t),
			.state = t->sample.state ? t->sample.state : '?', .since_ms = t->since_ms,
			.lock = LOCKDAG_NONE, .joins = LOCKDAG_NONE, .sure = t->sure};
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
		return lockdag_standstill_textf(h->s, "%s:%u%s%s%s", file ? file + 1 : f->file, f->line,
			f->function ? " " : "", f->function ? f->function : "",
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
				r = wait_add_held(h, thread, i, f->mode,
					wait_place(h, lock->process, f->ip));
		}
	}
	return r;
}

int hang_wait_rows(struct hang *h)
{
	int r;

	wait_reset(h->s);
	h->wanted.n = 0;
	r = hang_files_open(h);
	if (r == 0)
		r = wait_index(h);
	for (uint32_t i = 0; r == 0 && i < h->processes.n; i++)
		r = wait_process_rows(h, i);
	for (uint32_t i = 0, row = 0; r == 0 && i < h->processes.n; i++)
		for (uint32_t k = 0; r == 0 && k < h->processes.items[i].threads.n; k++, row++)
			r = wait_thread(h, i, k, row);
	return r == 0 ? wait_held(h) : r;
}
