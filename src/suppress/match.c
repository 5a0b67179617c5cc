/* SPDX-License-Identifier: MIT
 *
 * Does a suppression fit a finding?
 */
#include "suppress/forms.h"

#include <string.h>

bool suppress_glob(const char *pattern, const char *text)
{
	const char *star = NULL, *from = NULL;

	while (*text) {
		if (*pattern == '*') {
			star = pattern++;
			from = text;
		} else if (*pattern && (*pattern == '?' || *pattern == *text)) {
			pattern++;
			text++;
		} else if (star) {
			pattern = star + 1;
			text = ++from;
		} else {
			return false;
		}
	}
	while (*pattern == '*')
		pattern++;
	return !*pattern;
}

static const char *match_base(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* A C++ function goes by its name with and without its arguments. */
static bool match_function(const char *pattern, const char *function)
{
	char name[512];
	size_t n;

	if (!function)
		return false;
	if (suppress_glob(pattern, function))
		return true;
	n = strcspn(function, "(");
	if (!n || !function[n] || n >= sizeof(name))
		return false;
	memcpy(name, function, n);
	name[n] = 0;
	return suppress_glob(pattern, name);
}

/* Frames tell the base name of a module, patterns often its path. */
static bool match_module(const char *pattern, const char *module)
{
	return module &&
	       (suppress_glob(pattern, module) || suppress_glob(match_base(pattern), module));
}

/* As the compiler was given it, or its last part. A pattern may end in ":LINE". */
static bool match_file(const char *pattern, const struct lockdag_frame *frame)
{
	char place[1024];

	if (!frame->file)
		return false;
	if (suppress_glob(pattern, frame->file) || suppress_glob(pattern, match_base(frame->file)))
		return true;
	snprintf(place, sizeof(place), "%s:%u", frame->file, frame->line);
	return suppress_glob(pattern, place) || suppress_glob(pattern, match_base(place));
}

/* ------------------------------------------------------------------ the frames of a block */

static bool match_frame(const struct suppress_frame *x, const struct lockdag_frame *frame)
{
	switch (x->what) {
	case SUPPRESS_FRAME_FUNCTION:
		return match_function(x->pattern, frame->function);
	case SUPPRESS_FRAME_OBJECT:
		return match_module(x->pattern, frame->module);
	case SUPPRESS_FRAME_SOURCE:
		return match_file(x->pattern, frame);
	case SUPPRESS_FRAME_REST:
		break;
	}
	return true;
}

/* As a pattern with one kind of star: what is behind the last pattern does not matter. */
static bool match_frames_from(
	const struct suppress_frame *x, size_t n, const struct lockdag_stack *stack)
{
	size_t i = 0, k = 0, star = SIZE_MAX, from = 0;

	while (i < n) {
		if (x[i].what == SUPPRESS_FRAME_REST) {
			star = i++;
			from = k;
		} else if (k < stack->n_frames && match_frame(&x[i], &stack->frames[k])) {
			i++;
			k++;
		} else if (star != SIZE_MAX && from < stack->n_frames) {
			i = star + 1;
			k = ++from;
		} else {
			return false;
		}
	}
	return true;
}

/* The lock functions themselves, which our stacks do not have. */
static bool match_is_wrapper(const struct suppress_frame *x)
{
	static const char *const functions[] = {"*pthread_*", "*_WRK", "sem_*", "*sem_post*",
		"mtx_*", "cnd_*", "QMutex::*", "std::mutex::*", "__gthread_*", "free", "realloc"};
	static const char *const objects[] = {
		"vgpreload_*", "libpthread*", "libc-*", "libc.so*", "libQt?Core*"};

	for (size_t i = 0; x->what == SUPPRESS_FRAME_FUNCTION && i < LOCKDAG_ARRAY_SIZE(functions);
		i++)
		if (suppress_glob(functions[i], x->pattern))
			return true;
	for (size_t i = 0; x->what == SUPPRESS_FRAME_OBJECT && i < LOCKDAG_ARRAY_SIZE(objects); i++)
		if (suppress_glob(objects[i], match_base(x->pattern)))
			return true;
	return false;
}

static bool match_frames(const struct suppression *x, const struct lockdag_stack *stack)
{
	for (size_t i = 0; i < x->frames.n; i++) {
		if (match_frames_from(x->frames.items + i, x->frames.n - i, stack))
			return true;
		if (!match_is_wrapper(&x->frames.items[i]))
			return false;
	}
	return false; /* nothing but lock functions would fit every stack */
}

/* ------------------------------------------------------------------ stacks */

static bool match_one(const struct suppression *x, const struct suppress_condition *c,
	const struct lockdag_stack *stack)
{
	if (c->what == SUPPRESS_FRAMES)
		return match_frames(x, stack);
	for (size_t i = 0; i < stack->n_frames; i++) {
		const struct lockdag_frame *frame = &stack->frames[i];
		bool any = c->what == SUPPRESS_ANY;

		if ((any || c->what == SUPPRESS_FUNCTION) &&
			match_function(c->pattern, frame->function))
			return true;
		if ((any || c->what == SUPPRESS_MODULE) && match_module(c->pattern, frame->module))
			return true;
		if ((any || c->what == SUPPRESS_FILE) && match_file(c->pattern, frame))
			return true;
	}
	return false;
}

/* What a stack is held against. */
struct match {
	const struct suppression *x;
	const struct suppress_condition *c;
	const struct lockdag_model *m;
};

static bool match_stack(const struct match *t, uint32_t stack)
{
	return stack < t->m->stacks.n && match_one(t->x, t->c, &t->m->stacks.items[stack]);
}

static bool match_row(const struct match *t, uint32_t first, uint32_t n, uint32_t row)
{
	return row < n && first <= t->m->held.n && n <= t->m->held.n - first &&
	       match_stack(t, t->m->held.items[first + row].stack);
}

static bool match_exemplar(const struct match *t, const struct lockdag_exemplar *e)
{
	if (e->discharge < t->m->discharges.n) {
		const struct lockdag_discharge *d = &t->m->discharges.items[e->discharge];

		if (match_stack(t, d->stack) || match_row(t, d->held, d->n_held, e->asked))
			return true;
	}
	if (e->acquire < t->m->acquires.n) {
		const struct lockdag_acquire *a = &t->m->acquires.items[e->acquire];

		return match_stack(t, a->stack) || match_row(t, a->held, a->n_held, e->held) ||
		       match_row(t, a->held, a->n_held, e->asked);
	}
	return false;
}

/* A cycle without links is all of its model. */
static bool match_stacks(const struct match *t, const struct lockdag_finding *f)
{
	for (size_t i = 0; f->kind == LOCKDAG_FINDING_CYCLE && !f->links && i < t->m->stacks.n; i++)
		if (match_stack(t, (uint32_t)i))
			return true;
	for (size_t i = 0; i < f->n_places; i++)
		if (match_stack(t, f->places[i].stack))
			return true;
	for (size_t i = 0; f->links && i < f->n_locks; i++)
		for (size_t k = 0; k < f->links[i].n_exemplars && k < LOCKDAG_MAX_EXEMPLARS; k++)
			if (match_exemplar(t, &f->links[i].exemplars[k]))
				return true;
	return false;
}

/* ------------------------------------------------------------------ conditions */

static bool match_lock(const char *pattern, const struct lockdag_finding *f)
{
	for (size_t i = 0; i < f->n_locks; i++)
		if (f->locks[i].name && suppress_glob(pattern, f->locks[i].name))
			return true;
	return false;
}

/* The module before the '!' of a lock's key. */
static bool match_key_module(const char *pattern, const struct lockdag_finding *f)
{
	char module[256];

	for (size_t i = 0; i < f->n_locks; i++) {
		const char *key = f->locks[i].key ? f->locks[i].key : "";
		size_t n = strcspn(key, "!");

		if (!key[n] || n >= sizeof(module))
			continue;
		memcpy(module, key, n);
		module[n] = 0;
		if (match_module(pattern, module))
			return true;
	}
	return false;
}

static bool match_condition(const struct suppression *x, const struct suppress_condition *c,
	const struct lockdag_model *m, const struct lockdag_finding *f)
{
	const struct match t = {x, c, m};

	switch (c->what) {
	case SUPPRESS_KIND:
		return !strcmp(c->pattern, lockdag_finding_kind_word(f->kind));
	case SUPPRESS_RULE:
		return f->kind == LOCKDAG_FINDING_MISUSE &&
		       suppress_glob(c->pattern, lockdag_misuse_word(f->rule));
	case SUPPRESS_ID:
		return f->id == c->value;
	case SUPPRESS_GRADE:
		return (uint64_t)f->grade <= c->value;
	case SUPPRESS_LOCK:
		return match_lock(c->pattern, f);
	case SUPPRESS_MODULE:
		return match_key_module(c->pattern, f) || match_stacks(&t, f);
	case SUPPRESS_FUNCTION:
	case SUPPRESS_FILE:
	case SUPPRESS_ANY:
	case SUPPRESS_FRAMES:
		return match_stacks(&t, f);
	}
	return false;
}

bool suppress_fits(
	const struct suppression *x, const struct lockdag_model *m, const struct lockdag_finding *f)
{
	bool says_grade = false;

	for (size_t i = 0; i < x->conditions.n; i++) {
		says_grade = says_grade || x->conditions.items[i].what == SUPPRESS_GRADE;
		if (!match_condition(x, &x->conditions.items[i], m, f))
			return false;
	}
	return says_grade || f->kind == LOCKDAG_FINDING_MISUSE || f->grade != LOCKDAG_HAPPENED;
}
