/* SPDX-License-Identifier: MIT
 *
 * Who waits for whom, for people: the verdict in one line, then each thread: what it waits for, who
 * has that, where it is. Threads that do the same are told once.
 */
#include "report/render.h"
#include "report/values.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"

#define STILL_MAX_FRAMES 24 /* of a stack in text */
#define STILL_MAX_TIDS 8    /* of threads that do the same */

struct still {
	struct report *r;
	const struct lockdag_standstill *s;
	uint32_t *like; /* the thread whose text this one shares */
	uint32_t *n_like;
};

/* ------------------------------------------------------------------ alike */

static uint64_t still_hash(const struct lockdag_standstill *s, uint32_t thread)
{
	const struct lockdag_still_thread *t = &s->threads.items[thread];
	uint64_t hash = lockdag_hash_mix(
		(uint64_t)t->kind << 32 ^ t->lock ^ (uint64_t)t->joins << 40 ^ t->process);

	for (size_t i = 0; i < t->n_frames; i++)
		hash = lockdag_hash_mix(hash ^ t->frames[i].offset) + t->frames[i].line;
	return t->n_frames ? hash : hash + thread + 1;
}

static int still_group(struct still *g)
{
	size_t n = g->s->threads.n, size = 16;
	uint64_t *hash;
	uint32_t *slots;

	while (size < 2 * n)
		size *= 2;
	hash = calloc(n + 1, sizeof(*hash));
	slots = calloc(size, sizeof(*slots));
	g->like = calloc(n + 1, sizeof(*g->like));
	g->n_like = calloc(n + 1, sizeof(*g->n_like));
	for (uint32_t i = 0; hash && slots && g->like && g->n_like && i < n; i++) {
		size_t at;

		hash[i] = still_hash(g->s, i);
		at = hash[i] & (size - 1);
		while (slots[at] && hash[slots[at] - 1] != hash[i])
			at = (at + 1) & (size - 1);
		if (!slots[at])
			slots[at] = i + 1;
		g->like[i] = slots[at] - 1;
		g->n_like[g->like[i]]++;
	}
	n = hash && slots && g->like && g->n_like;
	free(hash);
	free(slots);
	return n ? 0 : -ENOMEM;
}

/* ------------------------------------------------------------------ threads */

static void still_add_since(struct lockdag_text *t, int64_t ms)
{
	if (ms >= 3600 * 1000)
		lockdag_text_addf(t, ", for %" PRId64 " h %" PRId64 " min", ms / 3600000,
			ms / 60000 % 60);
	else if (ms >= 60 * 1000)
		lockdag_text_addf(t, ", for %" PRId64 " min %" PRId64 " s", ms / 60000, ms / 1000 % 60);
	else if (ms >= 0)
		lockdag_text_addf(t, ", for %" PRId64 ".%" PRId64 " s", ms / 1000, ms / 100 % 10);
}

static void still_add_thread(
	struct lockdag_text *t, const struct lockdag_standstill *s, uint32_t thread)
{
	char name[256];

	lockdag_standstill_thread_name(s, thread, name, sizeof(name));
	report_escape(t, name);
}

static void still_add_rescuer(struct lockdag_text *t, const struct lockdag_standstill *s,
	const struct lockdag_still_thread *row, const struct lockdag_rescuer *r)
{
	enum lockdag_wait_family family = lockdag_wait_family(row->kind);

	if (r->words) {
		lockdag_text_add(t, ", ");
		report_escape(t, r->words);
	} else if (r->who == LOCKDAG_RESCUER_THREAD && row->joins != r->index) {
		lockdag_text_add(t, row->kind == LOCKDAG_STILL_ONCE ||
						    row->kind == LOCKDAG_STILL_GUARD
					    ? ", run by "
					    : ", held by ");
		still_add_thread(t, s, r->index);
	} else if (r->who == LOCKDAG_RESCUER_PROCESS && r->exact &&
		   r->index < s->processes.n) {
		lockdag_text_add(t, family == LOCKDAG_FAMILY_LOCK  ? ", held by "
				    : family == LOCKDAG_FAMILY_END ? ", that is "
								   : ", other end: ");
		report_escape(t, s->processes.items[r->index].name ? s->processes.items[r->index].name
								   : "process");
		lockdag_text_addf(t, " (%d)", s->processes.items[r->index].pid);
	}
}

static void still_line(struct still *g, uint32_t thread)
{
	const struct lockdag_standstill *s = g->s;
	const struct lockdag_still_thread *t = &s->threads.items[thread];
	const struct lockdag_still_lock *lock =
		t->lock < s->locks.n ? &s->locks.items[t->lock] : NULL;
	struct lockdag_text *out = g->r->out;
	char doing[640];

	lockdag_text_add(out, t->stuck ? "  * " : "    ");
	still_add_thread(out, s, thread);
	lockdag_standstill_doing(s, thread, doing, sizeof(doing));
	lockdag_text_add(out, "  ");
	report_escape(out, doing);
	if (lock && (lock->where || (lock->detail && lock->detail != lock->name))) {
		lockdag_text_add(out, " (");
		report_escape(out, lock->where ? lock->where : lock->detail);
		if (lock->where && lock->detail && lock->detail != lock->name) {
			lockdag_text_add(out, ", ");
			report_escape(out, lock->detail);
		}
		lockdag_text_add(out, ")");
	}
	for (uint32_t i = 0; i < t->n_rescuers && i < STILL_MAX_TIDS; i++)
		if (t->rescuers + i < s->rescuers.n)
			still_add_rescuer(out, s, t, &s->rescuers.items[t->rescuers + i]);
	if (t->timed)
		lockdag_text_add(out, ", with a time-out");
	still_add_since(out, t->since_ms);
	if (t->note) {
		lockdag_text_add(out, "; ");
		report_escape(out, t->note);
	}
	lockdag_text_add(out, "\n");
}

static void still_holds(struct still *g, uint32_t thread)
{
	const struct lockdag_standstill *s = g->s;
	struct lockdag_text *out = g->r->out;
	bool any = false;

	for (size_t i = 0; i < s->held.n; i++) {
		const struct lockdag_still_held *h = &s->held.items[i];

		if (h->thread != thread || h->lock >= s->locks.n)
			continue;
		lockdag_text_add(out, any ? ", " : "        holds ");
		report_escape(out, s->locks.items[h->lock].name);
		if (h->where) {
			lockdag_text_add(out, " (taken at ");
			report_escape(out, h->where);
			lockdag_text_add(out, ")");
		}
		any = true;
	}
	if (any)
		lockdag_text_add(out, "\n");
}

static void still_more(struct still *g, uint32_t thread)
{
	struct lockdag_text *out = g->r->out;
	uint32_t told = 0;

	if (g->n_like[thread] < 2)
		return;
	lockdag_text_addf(out, "      and %u more like it:", g->n_like[thread] - 1);
	for (uint32_t i = thread + 1; i < g->s->threads.n && told < STILL_MAX_TIDS; i++) {
		if (g->like[i] != thread)
			continue;
		lockdag_text_addf(out, "%s %d", told ? "," : "", g->s->threads.items[i].tid);
		told++;
	}
	lockdag_text_add(out, g->n_like[thread] - 1 > told ? ", ...\n" : "\n");
}

/* How a thread or a program starts is the same for all. */
static bool still_is_start(const struct lockdag_frame *frame)
{
	static const char *const names[] = {"start_thread", "clone3", "__clone3", "clone", "_start",
		"__libc_start_main_impl", "__libc_start_call_main", "__libc_start_main",
		"__libc_start_main@@GLIBC_2.34", "__clone", "g_thread_proxy"};

	if (!frame->function)
		return frame->module && !strncmp(frame->module, "libc.so", 7);
	for (size_t i = 0; i < LOCKDAG_ARRAY_SIZE(names); i++)
		if (!strcmp(frame->function, names[i]))
			return true;
	return false;
}

static void still_stack(struct still *g, uint32_t thread)
{
	const struct lockdag_still_thread *t = &g->s->threads.items[thread];
	struct lockdag_text *out = g->r->out;
	size_t first = t->n_hidden < t->n_frames ? t->n_hidden : 0, shown = 0, end = t->n_frames;

	while (end > first + 1 && still_is_start(&t->frames[end - 1]))
		end--;
	for (size_t i = first; i < end && shown < STILL_MAX_FRAMES; i++, shown++) {
		lockdag_text_add(out, "        ");
		report_add_place(out, &t->frames[i]);
		lockdag_text_add(out, t->frames[i].inlined ? " (inlined)\n" : "\n");
	}
	if (first + shown < end)
		lockdag_text_addf(out, "        ... %zu more\n", end - first - shown);
}

static void still_process(struct still *g, uint32_t process)
{
	const struct lockdag_still_process *p = &g->s->processes.items[process];
	struct lockdag_text *out = g->r->out;
	size_t n = 0;

	for (size_t i = 0; i < g->s->threads.n; i++)
		n += g->s->threads.items[i].process == process;
	lockdag_text_add(out, "\n  ");
	report_escape(out, p->name ? p->name : "process");
	lockdag_text_addf(out, " (%d), %zu thread%s", p->pid, n, n == 1 ? "" : "s");
	if (p->runtime)
		lockdag_text_addf(out, ", %s", p->runtime);
	lockdag_text_add(out, "\n");
	for (uint32_t i = 0; i < g->s->threads.n; i++) {
		if (g->s->threads.items[i].process != process || g->like[i] != i)
			continue;
		still_line(g, i);
		still_holds(g, i);
		still_more(g, i);
		still_stack(g, i);
	}
}

/* ------------------------------------------------------------------ all */

int report_standstill_text(struct report *r, const struct lockdag_standstill *s)
{
	struct still g = {.r = r, .s = s};
	int err = still_group(&g);
	size_t circles = 0;

	if (err == 0) {
		lockdag_text_addf(r->out, "%s: ", lockdag_verdict_word(s->verdict));
		report_escape(r->out, s->sentence ? s->sentence : "");
		lockdag_text_add(r->out, "\n");
		for (size_t i = 0; i < s->cycles.n; i++)
			circles += !s->cycles.items[i].events_only;
		if (circles > 1)
			lockdag_text_addf(r->out, "(%zu circles in all)\n", circles);
		for (uint32_t i = 0; i < s->processes.n; i++)
			still_process(&g, i);
		for (size_t i = 0; i < s->notes.n; i++) {
			lockdag_text_add(r->out, i ? "" : "\n");
			report_wrap(r, "note: ", s->notes.items[i]);
		}
	}
	free(g.like);
	free(g.n_like);
	return err;
}

static int still_json(struct report *r, const struct lockdag_standstill *s)
{
	json_t *o = json_object(), *notes = json_array();
	char *text;
	int err = 0;

	report_json_put(o, "version", json_integer(1), &err);
	report_json_put(o, "target", report_json_text(s->target), &err);
	report_json_put(o, "core", json_boolean(s->core), &err);
	report_json_standstill(s, o, &err);
	for (size_t i = 0; i < s->notes.n; i++)
		report_json_push(notes, report_json_text(s->notes.items[i]), &err);
	report_json_put(o, "notes", notes, &err);
	text = err ? NULL : json_dumps(o, JSON_INDENT(2));
	json_decref(o);
	if (!text)
		return -ENOMEM;
	lockdag_text_add(r->out, text);
	lockdag_text_add(r->out, "\n");
	free(text);
	return 0;
}

int lockdag_report_standstill(FILE *out, enum lockdag_format format,
	const struct lockdag_standstill *s, const struct lockdag_report_options *options)
{
	static const struct lockdag_report_options none;
	struct lockdag_text t = {0};
	struct report r = {.out = &t, .options = options ? options : &none};
	int err = format == LOCKDAG_FORMAT_JSON ? still_json(&r, s) : report_standstill_text(&r, s);

	if (!err)
		return report_write(out, &t);
	lockdag_text_clear(&t);
	return err;
}
