/* SPDX-License-Identifier: MIT
 *
 * Who can end a wait for something in memory.
 */
#include "internal.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool hang_has_handlers(const struct hang_process *p)
{
	if (p->core)
		return p->imports & HANG_MAY_HANDLE;
	if (p->only_interrupt)
		return false;
	/* The C library's own two, for cancellation and set*id(). */
	return p->caught & ~(UINT64_C(3) << 31);
}

int hang_rescuer_add(struct hang *h, struct lockdag_still_thread *row, enum lockdag_rescuer_who who,
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

static int rescue_want(struct hang *h, int pid)
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
		return hang_rescuer_add(h, row, LOCKDAG_RESCUER_PROCESS, process, true, NULL);
	r = rescue_want(h, pid);
	if (r < 0)
		return r;
	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	text = hang_slurp(path);
	if (!text || !hang_parse_stat(text, &other, &state))
		snprintf(other.name, sizeof(other.name), "process");
	free(text);
	return lockdag_standstill_add_rescuer(h->s, row,
		&(struct lockdag_rescuer){.who = LOCKDAG_RESCUER_OUTSIDE,
			.exact = true,
			.tid = pid,
			.words = lockdag_standstill_textf(h->s,
				"%s %s (%d), which was not looked at", words, other.name, pid)});
}

/* A thread that is none of the process's: which process has it; 0: there is none. */
static int rescue_process_of(int tid)
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

/* Has process pid the same memory? */
static bool rescue_is_sharer(struct hang_process *p, int pid)
{
	hang_proc_sharers(p);
	for (size_t i = 0; pid && i < p->sharers.n; i++)
		if (p->sharers.items[i] == pid)
			return true;
	return false;
}

/* The owner that is written in the lock is no thread of the process. */
static int rescue_foreign_owner(struct hang *h, struct hang_process *p, const struct hang_wait *w,
	struct lockdag_still_thread *row)
{
	int pid = p->core ? 0 : rescue_process_of((int)w->owner_tid);
	bool shared = w->shared || rescue_is_sharer(p, pid);
	uint32_t thread = shared ? hang_find_thread(h, LOCKDAG_NONE, (int)w->owner_tid, false)
				 : LOCKDAG_NONE;
	const char *words;

	if (thread != LOCKDAG_NONE)
		return hang_rescuer_add(h, row, LOCKDAG_RESCUER_THREAD, thread, true, NULL);
	if (shared && pid)
		return hang_rescuer_pid(h, row, pid, "held by a thread of");
	if (w->shared && p->core)
		return hang_rescuer_add(h, row, LOCKDAG_RESCUER_OUTSIDE, 0, true,
			"held by a thread of another process");
	if (pid && pid == p->ppid)
		words = lockdag_standstill_textf(h->s,
			"held by thread %u of the process that this one was forked from (%d): "
			"nobody can release it here",
			w->owner_tid, pid);
	else if ((int)w->owner_tid < p->pid && !p->core) /* older than the process itself */
		words = lockdag_standstill_textf(h->s,
			"held by thread %u when this process was forked: nobody can release it "
			"here",
			w->owner_tid);
	else
		words = lockdag_standstill_textf(h->s,
			"held by thread %u, which has ended without releasing it", w->owner_tid);
	return hang_rescuer_add(h, row, LOCKDAG_RESCUER_GONE, 0, true, words);
}

static int rescue_owner(struct hang *h, uint32_t process, const struct hang_wait *w,
	struct lockdag_still_thread *row)
{
	uint32_t owner = hang_find_thread(h, process, (int)w->owner_tid, true);

	if (owner == LOCKDAG_NONE)
		return rescue_foreign_owner(h, &h->processes.items[process], w, row);
	if (row->kind == LOCKDAG_STILL_JOIN)
		row->joins = owner;
	else if (row->lock != LOCKDAG_NONE)
		h->s->locks.items[row->lock].owner = owner;
	return hang_rescuer_add(h, row, LOCKDAG_RESCUER_THREAD, owner, true, NULL);
}

/* The writer who is first in the queue of the rwlock waits at its phase word. */
static uint32_t rescue_first_writer(
	const struct hang *h, uint32_t process, uint64_t address, const struct hang_thread *but)
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
static bool rescue_runs(struct hang *h, uint32_t process, const struct hang_thread *t,
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

static uint32_t rescue_runner(
	struct hang *h, uint32_t process, const struct hang_thread *but, const struct hang_wait *w)
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
		if (!rescue_runs(h, process, t, w, &prim, caller))
			continue;
		if (found != LOCKDAG_NONE)
			return LOCKDAG_NONE;
		found = p->first_row + (uint32_t)i;
	}
	return found;
}

/* What a session knows: who holds it for reading, who signalled it before. */
static int rescue_facts(struct hang *h, uint32_t process, const struct hang_wait *w,
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
			r = hang_rescuer_add(h, row, LOCKDAG_RESCUER_THREAD, thread, true, NULL);
			++*ret_n;
		}
	}
	if (*wakers)
		row->note = lockdag_standstill_text(h->s, wakers);
	return r;
}

/* No owner is known: it is left to all threads of the process, where nobody else has the lock. */
static int rescue_left(struct hang *h, uint32_t process, const struct hang_wait *w,
	struct lockdag_still_thread *row)
{
	struct hang_process *p = &h->processes.items[process];
	bool by_handler = w->kind == LOCKDAG_STILL_SEMAPHORE || w->kind == LOCKDAG_STILL_FUTEX;
	int r;

	if (w->shared)
		return hang_rescuer_add(h, row, LOCKDAG_RESCUER_OUTSIDE, 0, false,
			"which other processes may share");
	r = hang_rescuer_add(h, row, LOCKDAG_RESCUER_PROCESS, process, false, NULL);
	hang_proc_sharers(p);
	for (size_t i = 0; r == 0 && i < p->sharers.n; i++)
		r = hang_rescuer_pid(h, row, p->sharers.items[i], "whose memory is that of");
	if (r == 0 && p->core && p->imports & HANG_MAY_CLONE)
		r = hang_rescuer_add(h, row, LOCKDAG_RESCUER_OUTSIDE, 0, false,
			"which the program can have shared with another process by clone()");
	if (r == 0 && by_handler && hang_has_handlers(p))
		r = hang_rescuer_add(h, row, LOCKDAG_RESCUER_HANDLER, 0, false, NULL);
	return r;
}

int hang_rescuers(struct hang *h, uint32_t process, const struct hang_thread *t,
	const struct hang_wait *w, struct lockdag_still_thread *row)
{
	uint32_t thread = LOCKDAG_NONE;
	size_t n;
	int r;

	if (w->owned)
		return rescue_owner(h, process, w, row);
	r = rescue_facts(h, process, w, row, &n);
	if (r < 0 || n) {
		/* All readers have to leave. Who is not known for sure may be one of them. */
		row->all = w->readers == n && w->kind == LOCKDAG_STILL_RWLOCK;
		return r;
	}
	if (w->behind_writer)
		thread = rescue_first_writer(h, process, w->address, t);
	else if (w->kind == LOCKDAG_STILL_ONCE || w->kind == LOCKDAG_STILL_GUARD)
		thread = rescue_runner(h, process, t, w);
	if (thread == LOCKDAG_NONE)
		return rescue_left(h, process, w, row);
	if (row->lock != LOCKDAG_NONE && !w->behind_writer)
		h->s->locks.items[row->lock].owner = thread;
	return hang_rescuer_add(h, row, LOCKDAG_RESCUER_THREAD, thread, true, NULL);
}
