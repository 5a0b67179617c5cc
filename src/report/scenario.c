/* SPDX-License-Identifier: MIT
 *
 * The interleaving that deadlocks, one thread a column: all take their locks, a writer queues where
 * one is needed, then each asks for the next one's lock or waits for its signal, the last thread
 * first; the signals that are never given come last.
 */
#include "report/render.h"

#include <stdlib.h>
#include <string.h>

#define SCENARIO_INDENT 4
#define SCENARIO_GAP 3

struct scenario_step {
	size_t thread; /* column */
	char *text;
};

struct scenario {
	LOCKDAG_VEC(char *) threads;
	LOCKDAG_VEC(struct scenario_step) steps;
	bool failed; /* memory ran out */
	size_t columns;
};

static const char *scenario_verb(enum lockdag_lock_type type, enum lockdag_mode mode, bool try)
{
	if (type == LOCKDAG_LOCK_SEMAPHORE)
		return try ? "sem_trywait" : "sem_wait";
	if (type == LOCKDAG_LOCK_POOL)
		return try ? "run_item_of" : "wait_for_items_of";
	if (type == LOCKDAG_LOCK_WORK) /* who runs it, holds it */
		return try ? "run" : "wait_for";
	if (report_is_read(mode))
		return try ? "try_read_lock" : "read_lock";
	if (report_mode_word(type, mode))
		return try ? "try_write_lock" : "write_lock";
	return try ? "try_lock" : "lock";
}

/* "cond_wait(cv);", "join(worker);" */
static char *scenario_wait(enum lockdag_lock_type type, const char *name)
{
	if (type == LOCKDAG_LOCK_THREAD)
		return lockdag_textf(strncmp(name, "join(", 5) ? "join(%s);" : "%s;", name);
	if (type == LOCKDAG_LOCK_PROCESS)
		return lockdag_textf("waitpid(%s);", name);
	if (type == LOCKDAG_LOCK_SEMAPHORE)
		return lockdag_textf("sem_wait(%s);", name);
	return lockdag_textf(
		type == LOCKDAG_LOCK_BARRIER ? "barrier_wait(%s);" : "wait(%s);", name);
}

static char *scenario_signal(enum lockdag_lock_type type, const char *name)
{
	if (type == LOCKDAG_LOCK_SEMAPHORE)
		return lockdag_textf("sem_post(%s); (never reached)", name);
	return lockdag_textf(type == LOCKDAG_LOCK_BARRIER ? "barrier_wait(%s); (never reached)"
							  : "signal(%s); (never reached)",
		name);
}

static void scenario_thread(struct scenario *s, char *name)
{
	char **slot = name ? lockdag_vec_push(&s->threads) : NULL;

	if (slot)
		*slot = name;
	else
		free(name);
	s->failed |= !slot;
}

/* Takes text. */
static void scenario_step(struct scenario *s, size_t thread, char *text)
{
	struct scenario_step *step = text ? lockdag_vec_push(&s->steps) : NULL;

	if (step)
		*step = (struct scenario_step){.thread = thread, .text = text};
	else
		free(text);
	s->failed |= !step;
}

/* The name that the finding uses for the lock which the writer asks for. */
static char *scenario_writer_lock(const struct report *r, const struct lockdag_finding *f,
	const struct report_names *names, uint32_t lock)
{
	const struct lockdag_lock *locks = r->m->locks.items;
	struct lockdag_text t = {0};
	char buffer[REPORT_NAME_SIZE];

	for (size_t i = 0; i < f->n_locks; i++) {
		uint32_t mine = f->locks[i].lock;

		if (mine == lock || (mine < r->m->locks.n && lock < r->m->locks.n &&
					    locks[mine].birth == locks[lock].birth))
			return lockdag_textf("%s", names->brief[i]);
	}
	report_escape(&t, lock < r->m->locks.n
				  ? lockdag_model_lock_name(r->m, lock, buffer, sizeof(buffer))
				  : NULL);
	return lockdag_text_take(&t);
}

static void scenario_writer(const struct report *r, const struct lockdag_finding *f,
	const struct report_names *names, struct scenario *s)
{
	const struct lockdag_acquire *w = report_writer(r->m, f);
	char *name;

	if (!w)
		return;
	name = scenario_writer_lock(r, f, names, w->lock);
	scenario_thread(s, report_thread_name(r->m, w->thread));
	scenario_step(s, s->threads.n - 1, name ? lockdag_textf("write_lock(%s);", name) : NULL);
	free(name);
}

/* The signals that are never given, each behind the wait that it waits for. */
static void scenario_signals(const struct report *r, const struct lockdag_finding *f,
	const struct report_names *names, struct scenario *s)
{
	size_t threads = 0;

	for (size_t i = 0; i < f->n_locks; i = report_next_context(f, i))
		threads++;
	for (size_t i = f->n_locks; i-- > 0;) {
		if (i && f->links[i - 1].context == f->links[i].context)
			continue;
		threads--;
		if (report_seen(r->m, &f->links[i], 0).under == REPORT_SIGNALS)
			scenario_step(
				s, threads, scenario_signal(f->locks[i].type, names->brief[i]));
	}
}

/* What the last of a thread's steps is; behind the mark of its handler, a little further in. */
static void scenario_asks(const struct report_seen *seen, enum lockdag_lock_type type,
	const char *name, size_t thread, struct scenario *s)
{
	const char *in = seen->through == LOCKDAG_THROUGH_HANDLER ? "  " : "";
	char *wait = report_is_wait(seen) ? scenario_wait(type, name) : NULL;

	if (report_is_wait(seen))
		scenario_step(s, thread, wait ? lockdag_textf("%s%s", in, wait) : NULL);
	else
		scenario_step(s, thread,
			lockdag_textf(
				"%s%s(%s);", in, scenario_verb(type, seen->asked.mode, false), name));
	free(wait);
}

/* "<SIGUSR1>" */
static void scenario_interrupt(const struct report *r, const struct report_seen *seen,
	size_t thread, struct scenario *s)
{
	char *signal = report_signal(r, seen->by);

	scenario_step(s, thread, signal ? lockdag_textf("<%s>", signal) : NULL);
	free(signal);
}

/* Three threads: who holds it, who forks, who asks for it in the child. */
static void scenario_fork(const struct report *r, const struct lockdag_finding *f,
	const struct report_names *names, struct scenario *s)
{
	const struct report_seen seen = report_seen(r->m, &f->links[0], 0);
	const struct lockdag_held *h = report_held(&seen);

	scenario_thread(s, report_thread_name(r->m, seen.other));
	scenario_thread(s, report_thread_name(r->m,
			       seen.by < r->m->forks.n ? r->m->forks.items[seen.by].thread
						       : LOCKDAG_NONE));
	scenario_thread(s, report_thread_name(r->m, seen.thread));
	scenario_step(s, 0,
		lockdag_textf("%s(%s);",
			scenario_verb(f->locks[0].type, h ? h->mode : LOCKDAG_EXCLUSIVE, false),
			names->brief[0]));
	scenario_step(s, 1, lockdag_textf("fork();"));
	scenario_asks(&(struct report_seen){.asked = seen.asked}, f->locks[0].type, names->brief[0],
		2, s);
}

static void scenario_build(const struct report *r, const struct lockdag_finding *f,
	const struct report_names *names, struct scenario *s)
{
	size_t threads = 0;

	if (report_leads_through(f, LOCKDAG_THROUGH_FORK)) {
		scenario_fork(r, f, names, s);
		return;
	}
	for (size_t i = 0; i < f->n_locks; i = report_next_context(f, i), threads++) {
		struct report_seen seen = report_seen(r->m, &f->links[i], 0);

		scenario_thread(s, report_thread_name(r->m, seen.thread));
		for (size_t k = i; seen.under == REPORT_HOLDS && k < report_next_context(f, i);
			k++) {
			const struct report_seen nth = report_seen(r->m, &f->links[k], 0);
			const struct lockdag_held *h = report_held(&nth);

			scenario_step(s, threads,
				lockdag_textf("%s(%s);",
					scenario_verb(f->locks[k].type,
						h ? h->mode : LOCKDAG_EXCLUSIVE,
						h && h->flags & LOCKDAG_ACQUIRE_TRY),
					names->brief[k]));
		}
	}
	if (!s->failed)
		scenario_writer(r, f, names, s);
	for (size_t i = f->n_locks; i-- > 0;) {
		struct report_seen seen = report_seen(r->m, &f->links[i], 0);
		size_t to = (i + 1) % f->n_locks;

		if (i + 1 < f->n_locks && f->links[i + 1].context == f->links[i].context)
			continue;
		threads--;
		if (seen.through == LOCKDAG_THROUGH_HANDLER)
			scenario_interrupt(r, &seen, threads, s);
		scenario_asks(&seen, f->locks[to].type, names->brief[to], threads, s);
	}
	scenario_signals(r, f, names, s);
}

/* Does a table with columns of this width keep within the line? */
static bool scenario_fits(const struct scenario *s, size_t column)
{
	for (size_t i = 0; i < s->threads.n; i++) {
		if (SCENARIO_INDENT + i * column + report_width(s->threads.items[i]) >
			s->columns)
			return false;
	}
	for (size_t i = 0; i < s->steps.n; i++) {
		const struct scenario_step *step = &s->steps.items[i];

		if (SCENARIO_INDENT + step->thread * column + report_width(step->text) >
			s->columns)
			return false;
	}
	return true;
}

/* The widest columns that fit, or 0. A row has one step, so steps may reach under the next
 * thread's name; the names themselves may not. */
static size_t scenario_column(const struct scenario *s)
{
	size_t names = 0, best = 0;

	for (size_t i = 0; i < s->threads.n; i++) {
		size_t width = report_width(s->threads.items[i]);

		names = width > names ? width : names;
	}
	best = names;
	for (size_t i = 0; i < s->steps.n; i++) {
		size_t width = report_width(s->steps.items[i].text);

		best = width > best ? width : best;
	}
	for (; best >= names; best--) {
		if (scenario_fits(s, best + SCENARIO_GAP))
			return best + SCENARIO_GAP;
		if (!best)
			break;
	}
	return 0;
}

static void scenario_table(struct lockdag_text *t, const struct scenario *s, size_t column)
{
	report_pad(t, 0, SCENARIO_INDENT);
	for (size_t i = 0; i < s->threads.n; i++) {
		lockdag_text_add(t, s->threads.items[i]);
		if (i + 1 < s->threads.n)
			report_pad(t, report_width(s->threads.items[i]), column);
	}
	lockdag_text_add(t, "\n");
	for (size_t i = 0; i < s->steps.n; i++) {
		const struct scenario_step *step = &s->steps.items[i];

		report_pad(t, 0, SCENARIO_INDENT + step->thread * column);
		lockdag_text_addf(t, "%s\n", step->text);
	}
}

/* Too many threads for columns: each row begins with its thread. */
static void scenario_list(struct lockdag_text *t, const struct scenario *s)
{
	size_t names = 0;

	for (size_t i = 0; i < s->threads.n; i++) {
		size_t width = report_width(s->threads.items[i]);

		names = width > names ? width : names;
	}
	for (size_t i = 0; i < s->steps.n; i++) {
		const struct scenario_step *step = &s->steps.items[i];
		const char *name = s->threads.items[step->thread];

		report_pad(t, 0, SCENARIO_INDENT);
		lockdag_text_add(t, name);
		report_pad(t, report_width(name), names + SCENARIO_GAP);
		lockdag_text_addf(t, "%s\n", step->text);
	}
}

void report_scenario(
	struct report *r, const struct lockdag_finding *f, const struct report_names *names)
{
	struct scenario s = {.columns = report_columns(r)};
	size_t column;

	if (!f->n_locks)
		return;
	scenario_build(r, f, names, &s);
	if (s.failed) {
		r->out->failed = true;
		goto out;
	}
	report_heading(r,
		f->grade == LOCKDAG_HAPPENED ? "how it came to this" : "possible unsafe scenario");
	column = scenario_column(&s);
	if (column)
		scenario_table(r->out, &s, column);
	else
		scenario_list(r->out, &s);
	lockdag_text_add(r->out, "    *** DEADLOCK ***\n");
out:
	for (size_t i = 0; i < s.threads.n; i++)
		free(s.threads.items[i]);
	for (size_t i = 0; i < s.steps.n; i++)
		free(s.steps.items[i].text);
	lockdag_vec_clear(&s.threads);
	lockdag_vec_clear(&s.steps);
}
