/* SPDX-License-Identifier: MIT
 *
 * Who waits for whom, for programs: docs/report-json.md.
 */
#include "report/render.h"
#include "report/values.h"

#include <errno.h>

static json_t *still_where(const char *text)
{
	return report_json_text(text);
}

static json_t *still_name(const struct lockdag_standstill *s, uint32_t thread)
{
	return thread < s->threads.n ? report_json_text(s->threads.items[thread].name) : json_null();
}

static json_t *still_pid(const struct lockdag_standstill *s, uint32_t process)
{
	return process < s->processes.n ? json_integer(s->processes.items[process].pid)
					: json_null();
}

/* The thread that is named as the one who can end the wait: owner, joined thread. */
static uint32_t still_owner(
	const struct lockdag_standstill *s, const struct lockdag_still_thread *t)
{
	for (uint32_t i = 0; i < t->n_rescuers && t->rescuers + i < s->rescuers.n; i++) {
		const struct lockdag_rescuer *r = &s->rescuers.items[t->rescuers + i];

		if (r->exact && r->who == LOCKDAG_RESCUER_THREAD && r->index < s->threads.n)
			return r->index;
	}
	return LOCKDAG_NONE;
}

static json_t *still_ended_by(
	const struct lockdag_standstill *s, const struct lockdag_rescuer *r, int *err)
{
	static const char *const words[] = {"thread", "process", "outside", "handler", "gone"};
	json_t *o = json_object();
	bool thread = r->who == LOCKDAG_RESCUER_THREAD && r->index < s->threads.n;
	bool process = r->who == LOCKDAG_RESCUER_PROCESS && r->index < s->processes.n;

	report_json_put(o, "who", json_string(words[r->who]), err);
	if (thread)
		report_json_put(o, "tid", json_integer(s->threads.items[r->index].tid), err);
	if (process)
		report_json_put(o, "pid", json_integer(s->processes.items[r->index].pid), err);
	report_json_put(o, "exact", json_boolean(r->exact), err);
	if (r->words)
		report_json_put(o, "words", report_json_text(r->words), err);
	return o;
}

static void still_wait_lock(const struct lockdag_standstill *s,
	const struct lockdag_still_thread *t, json_t *o, int *err)
{
	const struct lockdag_still_lock *lock =
		t->lock < s->locks.n ? &s->locks.items[t->lock] : NULL;
	uint32_t owner = still_owner(s, t);
	char name[256];

	if (lock) {
		report_json_put(o, "lock", report_json_text(lock->name), err);
	} else if (t->joins < s->threads.n) {
		lockdag_standstill_thread_name(s, t->joins, name, sizeof(name));
		report_json_put(o, "lock", report_json_text(name), err);
	} else {
		report_json_put(o, "lock", report_json_text(t->what), err);
	}
	report_json_put(o, "type", lock ? report_json_text(lock->type) : json_null(), err);
	report_json_put(o, "address",
		lock && lock->address ? json_sprintf("0x%llx", (unsigned long long)lock->address)
				      : json_null(),
		err);
	report_json_put(o, "where", lock ? still_where(lock->where) : json_null(), err);
	report_json_put(o, "detail", lock ? report_json_text(lock->detail) : json_null(), err);
	report_json_put(o, "owner",
		owner != LOCKDAG_NONE	      ? json_integer(s->threads.items[owner].tid)
		: lock && lock->owner_tid > 0 ? json_integer(lock->owner_tid)
					      : json_null(),
		err);
	report_json_put(o, "owner_name", still_name(s, owner), err);
}

static json_t *still_wait(
	const struct lockdag_standstill *s, const struct lockdag_still_thread *t, int *err)
{
	json_t *o, *list;

	if (lockdag_wait_family(t->kind) == LOCKDAG_FAMILY_LIVE)
		return json_null();
	o = json_object();
	list = json_array();
	report_json_put(o, "kind", json_string(lockdag_wait_kind_word(t->kind)), err);
	report_json_put(o, "mode",
		t->kind == LOCKDAG_STILL_RWLOCK || t->kind == LOCKDAG_STILL_FILE_LOCK
			? json_string(t->mode == LOCKDAG_EXCLUSIVE ? "write" : "read")
			: json_null(),
		err);
	still_wait_lock(s, t, o, err);
	report_json_put(o, "timed", json_boolean(t->timed), err);
	report_json_put(o, "note", report_json_text(t->note), err);
	for (uint32_t i = 0; i < t->n_rescuers && t->rescuers + i < s->rescuers.n; i++)
		report_json_push(list, still_ended_by(s, &s->rescuers.items[t->rescuers + i], err), err);
	report_json_put(o, "ended_by", list, err);
	return o;
}

static json_t *still_holds(const struct lockdag_standstill *s, uint32_t thread, int *err)
{
	json_t *list = json_array();

	for (size_t i = 0; i < s->held.n; i++)
		if (s->held.items[i].thread == thread && s->held.items[i].lock < s->locks.n)
			report_json_push(list, report_json_text(s->locks.items[s->held.items[i].lock].name), err);
	return list;
}

static json_t *still_thread_json(const struct lockdag_standstill *s, uint32_t thread, int *err)
{
	const struct lockdag_still_thread *t = &s->threads.items[thread];
	const char state[] = {t->state, 0};
	json_t *o = json_object(), *stack = json_array();
	char doing[640];

	lockdag_standstill_doing(s, thread, doing, sizeof(doing));
	report_json_put(o, "tid", json_integer(t->tid), err);
	report_json_put(o, "pid", still_pid(s, t->process), err);
	report_json_put(o, "name", report_json_text(t->name), err);
	report_json_put(o, "state", json_string(state), err);
	report_json_put(o, "since_ms", t->since_ms >= 0 ? json_integer(t->since_ms) : json_null(), err);
	report_json_put(o, "does", report_json_text(doing), err);
	report_json_put(o, "waits_for", still_wait(s, t, err), err);
	report_json_put(o, "holds", still_holds(s, thread, err), err);
	report_json_put(o, "stuck", json_boolean(t->stuck), err);
	report_json_put(o, "certain", json_boolean(t->sure), err);
	for (size_t i = 0; i < t->n_frames; i++)
		report_json_push(stack, report_json_frame(&t->frames[i], err), err);
	report_json_put(o, "stack", stack, err);
	return o;
}

static json_t *still_cycle(
	const struct lockdag_standstill *s, const struct lockdag_still_cycle *c, int *err)
{
	json_t *o = json_object(), *threads = json_array(), *locks = json_array();

	for (size_t i = 0; i < c->n; i++) {
		const struct lockdag_still_thread *t = &s->threads.items[c->steps[i].thread];
		char name[256];

		report_json_push(threads, json_integer(t->tid), err);
		if (t->lock < s->locks.n) {
			report_json_push(locks, report_json_text(s->locks.items[t->lock].name), err);
		} else {
			if (t->joins < s->threads.n)
				lockdag_standstill_thread_name(s, t->joins, name, sizeof(name));
			report_json_push(locks, report_json_text(t->joins < s->threads.n ? name : t->what), err);
		}
	}
	report_json_put(o, "threads", threads, err);
	report_json_put(o, "locks", locks, err);
	report_json_put(o, "kind", json_string(c->events_only ? "events" : "deadlock"), err);
	return o;
}

static json_t *still_processes(const struct lockdag_standstill *s, int *err)
{
	json_t *list = json_array();

	for (size_t i = 0; i < s->processes.n; i++) {
		const struct lockdag_still_process *p = &s->processes.items[i];
		json_t *o = json_object();

		report_json_put(o, "pid", json_integer(p->pid), err);
		report_json_put(o, "name", report_json_text(p->name), err);
		report_json_put(o, "runtime", report_json_text(p->runtime), err);
		report_json_put(o, "whole", json_boolean(p->whole), err);
		report_json_push(list, o, err);
	}
	return list;
}

void report_json_standstill(const struct lockdag_standstill *s, json_t *o, int *err)
{
	json_t *threads = json_array(), *cycles = json_array();

	report_json_put(o, "verdict", json_string(lockdag_verdict_word(s->verdict)), err);
	report_json_put(o, "sentence", report_json_text(s->sentence), err);
	report_json_put(o, "processes", still_processes(s, err), err);
	for (uint32_t i = 0; i < s->threads.n; i++)
		report_json_push(threads, still_thread_json(s, i, err), err);
	report_json_put(o, "threads", threads, err);
	for (size_t i = 0; i < s->cycles.n; i++)
		report_json_push(cycles, still_cycle(s, &s->cycles.items[i], err), err);
	report_json_put(o, "cycles", cycles, err);
}
