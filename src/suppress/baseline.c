/* SPDX-License-Identifier: MIT
 *
 * Findings that are known: lists of them, and what has changed between two.
 */
#include "suppress/forms.h"

#include <ctype.h>
#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

static void known_done(struct lockdag_known *known)
{
	free(known->kind);
	free(known->title);
}

void lockdag_baseline_done(struct lockdag_baseline *b)
{
	for (size_t i = 0; i < b->n; i++)
		known_done(&b->items[i]);
	free(b->items);
	*b = (struct lockdag_baseline){0};
}

/* ------------------------------------------------------------------ making one */

typedef LOCKDAG_VEC(struct lockdag_known) known_vec;

static int known_compare(const void *a, const void *b)
{
	const struct lockdag_known *x = a, *y = b;

	if (x->id != y->id)
		return x->id < y->id ? -1 : 1;
	return (x->grade < y->grade) - (x->grade > y->grade); /* the strongest first */
}

/* Takes the rows; of those with one id the strongest stays. */
static void known_take(known_vec *v, struct lockdag_baseline *ret)
{
	size_t n = 0;

	if (v->n)
		qsort(v->items, v->n, sizeof(*v->items), known_compare);
	for (size_t i = 0; i < v->n; i++) {
		if (n && v->items[n - 1].id == v->items[i].id)
			known_done(&v->items[i]);
		else
			v->items[n++] = v->items[i];
	}
	ret->n = n;
	ret->items = v->items;
}

static void known_clear(known_vec *v)
{
	for (size_t i = 0; i < v->n; i++)
		known_done(&v->items[i]);
	lockdag_vec_clear(v);
}

/* A title as a line of a baseline holds it: without blanks at its ends, in one line. */
static char *known_title(const char *title, const char *instead)
{
	size_t n;
	char *copy;

	while (isspace((unsigned char)*title))
		title++;
	for (n = strlen(title); n && isspace((unsigned char)title[n - 1]);)
		n--;
	copy = n ? strndup(title, n) : strdup(instead);
	for (char *s = copy; s && *s; s++)
		if ((unsigned char)*s < 0x20)
			*s = '?';
	return copy;
}

static int known_push(
	known_vec *v, uint64_t id, enum lockdag_grade grade, const char *kind, const char *title)
{
	struct lockdag_known *known = lockdag_vec_push(v);

	if (!known)
		return -ENOMEM;
	known->id = id;
	known->grade = grade;
	known->kind = strdup(kind);
	known->title = known_title(title, "-");
	return known->kind && known->title ? 0 : -ENOMEM;
}

int lockdag_baseline_of(const struct lockdag_findings *f, struct lockdag_baseline *ret_baseline)
{
	known_vec v = {0};
	int r = 0;

	for (size_t i = 0; r == 0 && i < f->n; i++) {
		const struct lockdag_finding *x = &f->items[i];

		if (x->grade != LOCKDAG_UNLIKELY)
			r = known_push(&v, x->id, x->grade, lockdag_finding_kind_word(x->kind),
				x->title ? x->title : "");
	}
	if (r)
		known_clear(&v);
	else
		known_take(&v, ret_baseline);
	return r;
}

/* ------------------------------------------------------------------ reading */

static int baseline_fail(
	struct lockdag_suppress_error *error, unsigned line, unsigned column, const char *why)
{
	error->line = line;
	error->column = column;
	snprintf(error->message, sizeof(error->message), "%s", why);
	return -EINVAL;
}

/* The next word of a line, cut off; NULL: there is none. */
static const char *known_word(char **at)
{
	char *start = *at + strspn(*at, " \t\r");

	*at = start + strcspn(start, " \t\r");
	if (**at)
		*(*at)++ = 0;
	return *start ? start : NULL;
}

bool suppress_parse_known(const char *line, size_t n, struct lockdag_known *ret_known)
{
	char *copy = n < 16 ? NULL : strndup(line, n), *at = copy;
	const char *id, *grade_word, *kind, *title;
	struct lockdag_known known = {0};
	bool fits = false;

	if (!copy)
		return false;
	id = known_word(&at);
	grade_word = known_word(&at);
	kind = known_word(&at);
	title = at + strspn(at, " \t");
	if (id && strlen(id) == 16 && strspn(id, "0123456789abcdef") == 16 && grade_word && kind &&
		lockdag_grade_parse(grade_word, &known.grade) == 0) {
		known.id = strtoull(id, NULL, 16);
		known.kind = strdup(kind);
		known.title = known_title(title, "-");
		fits = known.kind && known.title;
		if (!fits)
			known_done(&known);
	}
	free(copy);
	if (fits)
		*ret_known = known;
	return fits;
}

static int baseline_lines(
	const char *text, size_t n, known_vec *v, struct lockdag_suppress_error *error)
{
	unsigned line = 0;

	for (const char *s = text, *end = text + n; s < end;) {
		const char *next = memchr(s, '\n', (size_t)(end - s));
		size_t length = next ? (size_t)(next - s) : (size_t)(end - s), skip = 0;
		struct lockdag_known known, *row;

		line++;
		while (skip < length && isspace((unsigned char)s[skip]))
			skip++;
		if (skip < length && s[skip] != '#') {
			if (!suppress_parse_known(s, length, &known))
				return baseline_fail(error, line, 1,
					"not a line of a baseline: ID GRADE KIND TITLE, as "
					"`lockdag "
					"baseline` writes it");
			row = lockdag_vec_push(v);
			if (!row) {
				known_done(&known);
				return -ENOMEM;
			}
			*row = known;
		}
		s += length + 1;
	}
	return 0;
}

static int baseline_finding(const json_t *o, known_vec *v)
{
	const char *id = json_string_value(json_object_get(o, "id"));
	const char *word = json_string_value(json_object_get(o, "grade"));
	const char *kind = json_string_value(json_object_get(o, "kind"));
	const char *title = json_string_value(json_object_get(o, "title"));
	enum lockdag_grade grade;

	if (!id || strlen(id) != 16 || strspn(id, "0123456789abcdef") != 16 || !word ||
		lockdag_grade_parse(word, &grade) < 0)
		return -EINVAL;
	if (kind && (!*kind || strpbrk(kind, " \t\r\n")))
		return -EINVAL;
	if (grade == LOCKDAG_UNLIKELY)
		return 0;
	return known_push(
		v, strtoull(id, NULL, 16), grade, kind ? kind : "cycle", title ? title : "");
}

static int baseline_json(
	const char *text, size_t n, known_vec *v, struct lockdag_suppress_error *error)
{
	json_error_t why;
	json_t *o = json_loadb(text, n, 0, &why), *findings = json_object_get(o, "findings");
	int r = 0;

	if (!o)
		return baseline_fail(error, why.line > 0 ? (unsigned)why.line : 1,
			why.column > 0 ? (unsigned)why.column : 1, why.text);
	if (!json_is_array(findings))
		r = baseline_fail(error, 1, 1, "no JSON report of lockdag's: it has no findings");
	for (size_t i = 0; r == 0 && i < json_array_size(findings); i++) {
		r = baseline_finding(json_array_get(findings, i), v);
		if (r == -EINVAL)
			r = baseline_fail(
				error, 1, 1, "a finding of the report has no id, grade or kind");
	}
	json_decref(o);
	return r;
}

int lockdag_baseline_parse(const char *text, size_t n, struct lockdag_baseline *ret_baseline,
	struct lockdag_suppress_error *error)
{
	size_t start = 0;
	known_vec v = {0};
	int r;

	while (start < n && isspace((unsigned char)text[start]))
		start++;
	if (start < n && text[start] == '{')
		r = baseline_json(text, n, &v, error);
	else
		r = baseline_lines(text, n, &v, error);
	if (r)
		known_clear(&v);
	else
		known_take(&v, ret_baseline);
	return r;
}

/* ------------------------------------------------------------------ writing, comparing */

int lockdag_baseline_print(const struct lockdag_baseline *b, char **ret_text)
{
	struct lockdag_text t = {0};
	char *text;

	lockdag_text_add(&t, "# Findings that are known to lockdag: id, grade, kind, title.\n");
	for (size_t i = 0; i < b->n; i++) {
		lockdag_text_addf(&t, "%016llx %s %s ", (unsigned long long)b->items[i].id,
			lockdag_grade_word(b->items[i].grade), b->items[i].kind);
		lockdag_text_addf(&t, "%s\n", b->items[i].title);
	}
	text = lockdag_text_take(&t);
	if (!text)
		return -ENOMEM;
	*ret_text = text;
	return 0;
}

const char *lockdag_change_word(enum lockdag_change change)
{
	static const char *const words[LOCKDAG_N_CHANGES] = {
		[LOCKDAG_CHANGE_NEW] = "new",
		[LOCKDAG_CHANGE_STRONGER] = "stronger",
		[LOCKDAG_CHANGE_WEAKER] = "weaker",
		[LOCKDAG_CHANGE_GONE] = "gone",
	};

	return (unsigned)change < LOCKDAG_N_CHANGES ? words[change] : "?";
}

static const struct lockdag_known *known_find(const struct lockdag_baseline *b, uint64_t id)
{
	size_t low = 0, high = b->n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (b->items[middle].id == id)
			return &b->items[middle];
		if (b->items[middle].id < id)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

/* What became of a finding of the new list; LOCKDAG_N_CHANGES: nothing. */
static enum lockdag_change known_change(
	const struct lockdag_known *was, const struct lockdag_known *is)
{
	if (!was)
		return LOCKDAG_CHANGE_NEW;
	if (was->grade == is->grade)
		return LOCKDAG_N_CHANGES;
	return was->grade < is->grade ? LOCKDAG_CHANGE_STRONGER : LOCKDAG_CHANGE_WEAKER;
}

void lockdag_baseline_diff(const struct lockdag_baseline *old, const struct lockdag_baseline *new,
	void (*told)(void *context, enum lockdag_change change, const struct lockdag_known *was,
		const struct lockdag_known *is),
	void *context, size_t ret_n[LOCKDAG_N_CHANGES])
{
	memset(ret_n, 0, LOCKDAG_N_CHANGES * sizeof(*ret_n));
	for (int change = LOCKDAG_CHANGE_NEW; change < LOCKDAG_CHANGE_GONE; change++)
		for (size_t i = 0; i < new->n; i++) {
			const struct lockdag_known *was = known_find(old, new->items[i].id);

			if ((int)known_change(was, &new->items[i]) != change)
				continue;
			ret_n[change]++;
			told(context, (enum lockdag_change)change, was, &new->items[i]);
		}
	for (size_t i = 0; i < old->n; i++) {
		if (known_find(new, old->items[i].id))
			continue;
		ret_n[LOCKDAG_CHANGE_GONE]++;
		told(context, LOCKDAG_CHANGE_GONE, &old->items[i], NULL);
	}
}
