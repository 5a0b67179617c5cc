/* SPDX-License-Identifier: MIT
 *
 * All suppressions over all findings; and our own form written.
 */
#include "suppress/forms.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

void suppression_done(struct suppression *x)
{
	for (size_t i = 0; i < x->conditions.n; i++)
		free(x->conditions.items[i].pattern);
	for (size_t i = 0; i < x->frames.n; i++)
		free(x->frames.items[i].pattern);
	lockdag_vec_clear(&x->conditions);
	lockdag_vec_clear(&x->frames);
	free(x->name);
}

int lockdag_suppressions_new(struct lockdag_suppressions **ret_suppressions)
{
	struct lockdag_suppressions *s = calloc(1, sizeof(*s));

	if (!s)
		return -ENOMEM;
	*ret_suppressions = s;
	return 0;
}

void lockdag_suppressions_free(struct lockdag_suppressions *s)
{
	if (!s)
		return;
	for (size_t i = 0; i < s->items.n; i++)
		suppression_done(&s->items.items[i]);
	for (size_t i = 0; i < s->files.n; i++)
		free(s->files.items[i]);
	lockdag_vec_clear(&s->items);
	lockdag_vec_clear(&s->files);
	free(s);
}

size_t lockdag_suppressions_n(const struct lockdag_suppressions *s)
{
	return s->items.n;
}

struct lockdag_suppression_use lockdag_suppressions_use(
	const struct lockdag_suppressions *s, size_t i)
{
	const struct suppression *x = &s->items.items[i];

	return (struct lockdag_suppression_use){x->name, x->file, x->line, x->used};
}

/* The name of the first that fits; NULL: none. */
static const char *suppress_one(struct lockdag_suppressions *s, const struct lockdag_model *m,
	const struct lockdag_finding *f)
{
	for (size_t i = 0; f->grade != LOCKDAG_UNLIKELY && i < s->items.n; i++) {
		if (!suppress_fits(&s->items.items[i], m, f))
			continue;
		s->items.items[i].used++;
		return s->items.items[i].name;
	}
	return NULL;
}

const char *lockdag_suppressions_fit(
	struct lockdag_suppressions *s, const struct lockdag_model *m, uint64_t id)
{
	struct lockdag_finding f = {.kind = LOCKDAG_FINDING_CYCLE,
		.grade = LOCKDAG_POSSIBLE,
		.id = id,
		.n_locks = m->locks.n};
	const char *name;

	f.locks = calloc(f.n_locks + 1, sizeof(*f.locks));
	if (!f.locks)
		return NULL;
	for (size_t i = 0; i < f.n_locks; i++) { /* borrowed */
		f.locks[i].name = (char *)(uintptr_t)m->locks.items[i].name;
		f.locks[i].key = (char *)(uintptr_t)m->locks.items[i].key;
	}
	name = suppress_one(s, m, &f);
	free(f.locks);
	return name;
}

int lockdag_suppressions_apply(struct lockdag_suppressions *s, const struct lockdag_model *m,
	struct lockdag_findings *f, size_t *ret_n)
{
	const char **why = calloc(f->n + 1, sizeof(*why));
	size_t n = 0;
	int r;

	if (!why)
		return -ENOMEM;
	for (size_t i = 0; i < s->items.n; i++)
		s->items.items[i].used = 0;
	for (size_t i = 0; i < f->n; i++) {
		why[i] = suppress_one(s, m, &f->items[i]);
		n += why[i] != NULL;
	}
	r = lockdag_findings_drop(f, why);
	free(why);
	if (r == 0)
		*ret_n = n;
	return r;
}

/* ------------------------------------------------------------------ writing */

/* One line of text, whatever it was. */
static void suppress_add_line(struct lockdag_text *t, const char *s)
{
	for (; *s; s++)
		lockdag_text_addf(t, "%c", (unsigned char)*s < 0x20 ? '?' : *s);
}

/* The function of a stack that a person would name: the innermost that is known. */
static const char *suppress_function(const struct lockdag_model *m, uint32_t stack)
{
	if (stack < m->stacks.n)
		for (size_t i = 0; i < m->stacks.items[stack].n_frames; i++)
			if (m->stacks.items[stack].frames[i].function)
				return m->stacks.items[stack].frames[i].function;
	return NULL;
}

static void suppress_add_functions(
	struct lockdag_text *t, const struct lockdag_model *m, const struct lockdag_finding *f)
{
	for (size_t i = 0; f->links && i < f->n_locks; i++) {
		uint32_t acquire =
			f->links[i].n_exemplars ? f->links[i].exemplars[0].acquire : LOCKDAG_NONE;
		const char *function =
			acquire < m->acquires.n
				? suppress_function(m, m->acquires.items[acquire].stack)
				: NULL;

		if (function) {
			lockdag_text_add(t, "# function = ");
			suppress_add_line(t, function);
			lockdag_text_add(t, "\n");
		}
	}
	for (size_t i = 0; i < f->n_places; i++) {
		const char *function = suppress_function(m, f->places[i].stack);

		if (function) {
			lockdag_text_add(t, "# function = ");
			suppress_add_line(t, function);
			lockdag_text_add(t, "\n");
		}
	}
}

static void suppress_add(
	struct lockdag_text *t, const struct lockdag_model *m, const struct lockdag_finding *f)
{
	lockdag_text_add(t, "\n[");
	suppress_add_line(t, f->title ? f->title : lockdag_finding_kind_word(f->kind));
	lockdag_text_addf(t, "]\nkind = %s\n", lockdag_finding_kind_word(f->kind));
	if (f->kind == LOCKDAG_FINDING_MISUSE)
		lockdag_text_addf(t, "rule = %s\n", lockdag_misuse_word(f->rule));
	else if (f->grade == LOCKDAG_HAPPENED)
		lockdag_text_add(t, "grade = happened\n");
	lockdag_text_addf(t, "id = %016llx\n", (unsigned long long)f->id);
	for (size_t i = 0; i < f->n_locks; i++) {
		if (!f->locks[i].name)
			continue;
		lockdag_text_add(t, "# lock = ");
		suppress_add_line(t, f->locks[i].name);
		lockdag_text_add(t, "\n");
	}
	suppress_add_functions(t, m, f);
}

int lockdag_suppressions_generate(
	const struct lockdag_model *m, const struct lockdag_findings *f, char **ret_text)
{
	struct lockdag_text t = {0};
	char *text;

	lockdag_text_add(&t, "# Suppressions for lockdag. Say in each name why it is known; the id "
			     "is strict, the "
			     "other\n# lines are wider: all lines of a section that are no "
			     "comments must fit.\n");
	for (size_t i = 0; i < f->n; i++)
		if (f->items[i].grade != LOCKDAG_UNLIKELY)
			suppress_add(&t, m, &f->items[i]);
	text = lockdag_text_take(&t);
	if (!text)
		return -ENOMEM;
	*ret_text = text;
	return 0;
}
