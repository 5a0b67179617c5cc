/* SPDX-License-Identifier: MIT
 *
 * suppress: findings that somebody knows and does not want to see. The door of the room.
 * Suppressions are read in our own form, as ThreadSanitizer's lines and as Valgrind's blocks; a
 * baseline is a list of findings by id, from a report or a baseline file (docs/suppressions.md).
 *
 * What has happened as a deadlock or hang is never suppressed, unless a suppression says `grade =
 * happened`. Functions return 0 or a negative errno (-ENOMEM) unless they say otherwise; one thread
 * at a time.
 */
#ifndef LOCKDAG_SUPPRESS_H
#define LOCKDAG_SUPPRESS_H

#include "base/base.h"
#include "core/core.h"

struct lockdag_suppress_error {
	unsigned line, column; /* from 1 */
	char message[160];     /* what is wrong, and what to do */
};

/* ------------------------------------------------------------------ suppressions */

struct lockdag_suppressions;

int lockdag_suppressions_new(struct lockdag_suppressions **ret_suppressions);
void lockdag_suppressions_free(struct lockdag_suppressions *s); /* NULL is fine */

/* Adds those of a text of n bytes in any of the forms, also mixed; file: its name. -EINVAL with
 * *error filled, and none are added. */
int lockdag_suppressions_parse(struct lockdag_suppressions *s, const char *file, const char *text,
	size_t n, struct lockdag_suppress_error *error);

struct lockdag_suppression_use {
	const char *name; /* its own, or the line itself */
	const char *file;
	unsigned line;
	size_t n; /* findings that it suppressed at the last lockdag_suppressions_apply() */
};
size_t lockdag_suppressions_n(const struct lockdag_suppressions *s);
/* i < lockdag_suppressions_n(). The strings are the suppressions'. */
struct lockdag_suppression_use lockdag_suppressions_use(
	const struct lockdag_suppressions *s, size_t i);

/* Takes what is suppressed out of f (to f->dropped, with the suppression's name, which lives as long as
 * s), each by the first suppression that fits, and counts. The stacks of the findings must have been
 * described. *ret_n: how many were taken. Ruled-out findings stay. */
int lockdag_suppressions_apply(struct lockdag_suppressions *s, const struct lockdag_model *m,
	struct lockdag_findings *f, size_t *ret_n);

/* A finding that is no row of findings: of kind cycle and grade possible, by that id, with all locks and all
 * stacks of m. The name of the first suppression that fits, which counts as used; NULL: none does. */
const char *lockdag_suppressions_fit(
	struct lockdag_suppressions *s, const struct lockdag_model *m, uint64_t id);

/* A suppression in our own form for each finding that is not ruled out; the caller frees the text.
 */
int lockdag_suppressions_generate(
	const struct lockdag_model *m, const struct lockdag_findings *f, char **ret_text);

/* ------------------------------------------------------------------ baselines */

/* A finding that is known: of a baseline, or of a report. */
struct lockdag_known {
	uint64_t id;
	enum lockdag_grade grade;
	char *kind, *title;
};

struct lockdag_baseline {
	size_t n;
	struct lockdag_known *items; /* by id, each once */
};

/* Of a baseline file or a JSON report (which starts with '{'). -EINVAL with *error filled. */
int lockdag_baseline_parse(const char *text, size_t n, struct lockdag_baseline *ret_baseline,
	struct lockdag_suppress_error *error);
/* Of findings; ruled-out ones are left out. */
int lockdag_baseline_of(const struct lockdag_findings *f, struct lockdag_baseline *ret_baseline);
void lockdag_baseline_done(struct lockdag_baseline *b);
/* A baseline file; the caller frees the text. It can be read as suppressions, too. */
int lockdag_baseline_print(const struct lockdag_baseline *b, char **ret_text);

enum lockdag_change {
	LOCKDAG_CHANGE_NEW,
	LOCKDAG_CHANGE_STRONGER,
	LOCKDAG_CHANGE_WEAKER,
	LOCKDAG_CHANGE_GONE,
	LOCKDAG_N_CHANGES
};
const char *lockdag_change_word(enum lockdag_change change);

/* Calls told for each difference: new ones first, then those of another grade, then those that are
 * gone. was or is may be NULL. ret_n: how many of each change. */
void lockdag_baseline_diff(const struct lockdag_baseline *old, const struct lockdag_baseline *new,
	void (*told)(void *context, enum lockdag_change change, const struct lockdag_known *was,
		const struct lockdag_known *is),
	void *context, size_t ret_n[LOCKDAG_N_CHANGES]);

#endif
