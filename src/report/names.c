/* SPDX-License-Identifier: MIT */
#include "report/render.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define NAMES_BRIEF 48 /* columns of a name in a table */

size_t report_utf8(const char *s, uint32_t *ret_code)
{
	static const uint32_t least[5] = {0, 0, 0x80, 0x800, 0x10000};
	const unsigned char *p = (const unsigned char *)s;
	uint32_t code = p[0];
	size_t n = 1;

	if (p[0] >= 0x80) {
		n = p[0] >= 0xf0 ? 4 : p[0] >= 0xe0 ? 3 : 2;
		if (p[0] < 0xc2 || p[0] > 0xf4)
			return 0;
		code = p[0] & (0x7fu >> n);
	}
	for (size_t i = 1; i < n; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return 0;
		code = code << 6 | (p[i] & 0x3fu);
	}
	if (code < least[n] || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff))
		return 0;
	*ret_code = code;
	return n;
}

/* Control characters, line separators, what is no character (XML refuses it), and the marks that turn the direction of a line round. */
static bool names_is_plain(uint32_t code)
{
	return code >= 0x20 && !(code >= 0x7f && code <= 0x9f) &&
	       !(code >= 0x2028 && code <= 0x202e) && !(code >= 0x2066 && code <= 0x2069) &&
	       code != 0xfeff && (code & 0xfffe) != 0xfffe;
}

void report_escape(struct lockdag_text *t, const char *s)
{
	uint32_t code = 0;
	size_t n;

	for (s = s ? s : "?"; *s; s += n) {
		n = report_utf8(s, &code);
		if (n && names_is_plain(code)) {
			lockdag_text_add_n(t, s, n);
			continue;
		}
		n = n ? n : 1;
		for (size_t i = 0; i < n; i++)
			lockdag_text_addf(t, "\\x%02x", (unsigned char)s[i]);
	}
}

static size_t names_width(const char *s, size_t n)
{
	size_t width = 0;

	for (size_t i = 0; i < n; i++)
		width += ((unsigned char)s[i] & 0xc0) != 0x80;
	return width;
}

size_t report_width(const char *s)
{
	return names_width(s, strlen(s));
}

void report_pad(struct lockdag_text *t, size_t width, size_t to)
{
	for (; width < to; width++)
		lockdag_text_add_n(t, " ", 1);
}

size_t report_columns(const struct report *r)
{
	unsigned columns = r->options->columns;

	if (!columns)
		return REPORT_COLUMNS;
	return columns < REPORT_COLUMNS_LEAST ? REPORT_COLUMNS_LEAST : columns;
}

void report_wrap(struct report *r, const char *lead, const char *text)
{
	const size_t columns = report_columns(r);
	struct lockdag_text *t = r->out;
	size_t indent = report_width(lead), column = indent;
	struct lockdag_text all = {0};
	const char *s;
	bool first = true;
	char *plain;

	report_escape(&all, text);
	plain = lockdag_text_take(&all);
	if (!plain) {
		t->failed = true;
		return;
	}
	lockdag_text_add(t, lead);
	for (s = plain; *s; s += strspn(s, " ")) {
		size_t n = strcspn(s, " "), width = names_width(s, n);

		if (!first && column + 1 + width > columns) {
			lockdag_text_add(t, "\n");
			report_pad(t, 0, indent);
			column = indent;
		} else if (!first) {
			lockdag_text_add(t, " ");
			column++;
		}
		lockdag_text_add_n(t, s, n);
		column += width;
		first = false;
		s += n;
	}
	lockdag_text_add(t, "\n");
	free(plain);
}

char *report_thread_name(const struct lockdag_model *m, uint32_t thread)
{
	char buffer[REPORT_NAME_SIZE];
	struct lockdag_text t = {0};

	if (report_thread(m, thread))
		report_escape(&t, lockdag_model_thread_name(m, thread, buffer, sizeof(buffer)));
	else
		lockdag_text_add(&t, "an unknown thread");
	return lockdag_text_take(&t);
}

/* The byte where column starts in escaped text. */
static const char *names_at(const char *s, size_t column)
{
	for (; *s; s++) {
		if (((unsigned char)*s & 0xc0) != 0x80 && column-- == 0)
			break;
	}
	return s;
}

/* Keeps the beginning and the end: a long C++ name tells its lock there. */
char *report_brief(const char *name)
{
	size_t width = report_width(name), keep = (NAMES_BRIEF - 3) / 2;
	struct lockdag_text t = {0};

	if (width <= NAMES_BRIEF) {
		lockdag_text_add(&t, name);
	} else {
		lockdag_text_add_n(&t, name, (size_t)(names_at(name, keep) - name));
		lockdag_text_add(&t, "...");
		lockdag_text_add(&t, names_at(name, width - keep));
	}
	return lockdag_text_take(&t);
}

static char *names_of(const struct lockdag_model *m, const struct lockdag_finding_lock *lock)
{
	char buffer[REPORT_NAME_SIZE];
	struct lockdag_text t = {0};

	if (lock->name)
		report_escape(&t, lock->name);
	else if (lock->lock < m->locks.n)
		report_escape(&t, lockdag_model_lock_name(m, lock->lock, buffer, sizeof(buffer)));
	else
		lockdag_text_add(&t, lockdag_lock_type_word(lock->type));
	return lockdag_text_take(&t);
}

/* Two locks of one name would make a report that nobody can follow: they get a number. */
static int names_tell_apart(char **names, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		size_t same = 1;

		for (size_t k = i + 1; k < n; k++) {
			char *numbered;

			if (strcmp(names[i], names[k]) != 0)
				continue;
			numbered = lockdag_textf("%s #%zu", names[k], ++same);
			if (!numbered)
				return -ENOMEM;
			free(names[k]);
			names[k] = numbered;
		}
		if (same > 1) {
			char *numbered = lockdag_textf("%s #1", names[i]);

			if (!numbered)
				return -ENOMEM;
			free(names[i]);
			names[i] = numbered;
		}
	}
	return 0;
}

int report_names_init(
	struct report_names *names, const struct lockdag_model *m, const struct lockdag_finding *f)
{
	struct report_names made = {.n = f->n_locks};
	int err = -ENOMEM;

	made.full = calloc(made.n + 1, sizeof(*made.full));
	made.brief = calloc(made.n + 1, sizeof(*made.brief));
	if (!made.full || !made.brief)
		goto out;
	for (size_t i = 0; i < made.n; i++) {
		made.full[i] = names_of(m, &f->locks[i]);
		if (!made.full[i])
			goto out;
	}
	err = names_tell_apart(made.full, made.n);
	for (size_t i = 0; i < made.n && !err; i++) {
		made.brief[i] = report_brief(made.full[i]);
		if (!made.brief[i])
			err = -ENOMEM;
	}
	if (!err)
		err = names_tell_apart(made.brief, made.n);
out:
	if (err)
		report_names_done(&made);
	else
		*names = made;
	return err;
}

void report_names_done(struct report_names *names)
{
	for (size_t i = 0; i < names->n; i++) {
		if (names->full)
			free(names->full[i]);
		if (names->brief)
			free(names->brief[i]);
	}
	free(names->full);
	free(names->brief);
	*names = (struct report_names){0};
}
