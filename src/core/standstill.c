/* SPDX-License-Identifier: MIT */
#include "core/standstill_rows.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/arena.h"

static const struct {
	const char *word, *phrase;
	enum lockdag_wait_family family;
} still_kinds[LOCKDAG_N_STILL] = {
#define WAIT_KIND(upper, word, family, phrase)                                                     \
	[LOCKDAG_STILL_##upper] = {word, phrase, LOCKDAG_FAMILY_##family},
#include "core/wait_kinds.def"
#undef WAIT_KIND
};

const char *lockdag_wait_kind_word(enum lockdag_wait_kind kind)
{
	return (unsigned)kind < LOCKDAG_N_STILL ? still_kinds[kind].word : "unknown";
}

enum lockdag_wait_family lockdag_wait_family(enum lockdag_wait_kind kind)
{
	return (unsigned)kind < LOCKDAG_N_STILL ? still_kinds[kind].family
						: LOCKDAG_FAMILY_OUTSIDE;
}

const char *lockdag_verdict_word(enum lockdag_verdict verdict)
{
	static const char *const words[] = {
#define VERDICT(upper, word, meaning) word,
#include "core/verdicts.def"
#undef VERDICT
	};

	return (unsigned)verdict < LOCKDAG_ARRAY_SIZE(words) ? words[verdict] : "unknown";
}

/* ------------------------------------------------------------------ rows */

int lockdag_standstill_new(struct lockdag_standstill **ret)
{
	struct lockdag_standstill *s = calloc(1, sizeof(*s));

	if (!s)
		return -ENOMEM;
	s->arena = lockdag_arena_new();
	if (!s->arena) {
		free(s);
		return -ENOMEM;
	}
	s->verdict = LOCKDAG_VERDICT_UNKNOWN;
	*ret = s;
	return 0;
}

void lockdag_standstill_free(struct lockdag_standstill *s)
{
	if (!s)
		return;
	lockdag_vec_clear(&s->processes);
	lockdag_vec_clear(&s->threads);
	lockdag_vec_clear(&s->locks);
	lockdag_vec_clear(&s->rescuers);
	lockdag_vec_clear(&s->held);
	lockdag_vec_clear(&s->notes);
	lockdag_vec_clear(&s->cycles);
	lockdag_arena_free(s->arena);
	free(s);
}

const char *lockdag_standstill_text(struct lockdag_standstill *s, const char *text)
{
	const char *copy = NULL;

	return lockdag_arena_string(s->arena, text, &copy) ? copy : NULL;
}

const char *lockdag_standstill_textf(struct lockdag_standstill *s, const char *fmt, ...)
{
	char buffer[1024];
	va_list args;

	va_start(args, fmt);
	vsnprintf(buffer, sizeof(buffer), fmt, args);
	va_end(args);
	return lockdag_standstill_text(s, buffer);
}

int lockdag_standstill_add_rescuer(struct lockdag_standstill *s, struct lockdag_still_thread *t,
	const struct lockdag_rescuer *rescuer)
{
	struct lockdag_rescuer *row;

	if (t->n_rescuers && t->rescuers + t->n_rescuers != s->rescuers.n)
		return -EINVAL;
	row = lockdag_vec_push(&s->rescuers);
	if (!row)
		return -ENOMEM;
	*row = *rescuer;
	if (!t->n_rescuers)
		t->rescuers = (uint32_t)s->rescuers.n - 1;
	t->n_rescuers++;
	return 0;
}

int lockdag_standstill_describe(struct lockdag_standstill *s, struct lockdag_still_thread *t,
	const struct lockdag_frame *frames, size_t n)
{
	struct lockdag_frame *copy = lockdag_arena_alloc(s->arena, (n + 1) * sizeof(*copy));

	if (!copy)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++) {
		copy[i] = frames[i];
		if (!lockdag_arena_string(s->arena, frames[i].function, &copy[i].function) ||
			!lockdag_arena_string(s->arena, frames[i].file, &copy[i].file) ||
			!lockdag_arena_string(s->arena, frames[i].module, &copy[i].module))
			return -ENOMEM;
	}
	t->frames = copy;
	t->n_frames = n;
	return 0;
}

/* ------------------------------------------------------------------ words */

void lockdag_standstill_thread_name(
	const struct lockdag_standstill *s, uint32_t thread, char *buffer, size_t size)
{
	const struct lockdag_still_thread *t = still_thread(s, thread);
	int pid = 0;

	if (!t) {
		snprintf(buffer, size, "a thread");
		return;
	}
	if (s->processes.n > 1 && t->process < s->processes.n)
		pid = s->processes.items[t->process].pid;
	if (pid && pid != t->tid)
		snprintf(buffer, size, "%s%s(%d of %d)", t->name ? t->name : "thread", " ", t->tid,
			pid);
	else if (t->name)
		snprintf(buffer, size, "%s (%d)", t->name, t->tid);
	else
		snprintf(buffer, size, "thread %d", t->tid);
}

/* What %L stands for. */
static void standstill_what(
	const struct lockdag_standstill *s, const struct lockdag_still_thread *t, char *b, size_t n)
{
	const struct lockdag_still_lock *lock = still_lock(s, t->lock);

	if (lock && lock->name)
		snprintf(b, n, "%s", lock->name);
	else if (t->kind == LOCKDAG_STILL_JOIN && still_thread(s, t->joins))
		lockdag_standstill_thread_name(s, t->joins, b, n);
	else
		snprintf(b, n, "%s", t->what ? t->what : "something");
}

void lockdag_standstill_doing(
	const struct lockdag_standstill *s, uint32_t thread, char *buffer, size_t size)
{
	const struct lockdag_still_thread *t = still_thread(s, thread);
	const char *phrase, *place;
	char what[512];

	if (!t) {
		snprintf(buffer, size, "waits");
		return;
	}
	phrase = (unsigned)t->kind < LOCKDAG_N_STILL ? still_kinds[t->kind].phrase : "waits";
	if (s->core && t->kind == LOCKDAG_STILL_RUNNING)
		phrase = "was running";
	place = strstr(phrase, "%L");
	standstill_what(s, t, what, sizeof(what));
	if (!place)
		snprintf(buffer, size, "%s%s", phrase, t->mode != LOCKDAG_EXCLUSIVE ? "" : "");
	else
		snprintf(buffer, size, "%.*s%s%s%s", (int)(place - phrase), phrase, what, place + 2,
			t->kind != LOCKDAG_STILL_RWLOCK	       ? ""
				: t->mode == LOCKDAG_EXCLUSIVE ? " (write)"
							       : " (read)");
}
