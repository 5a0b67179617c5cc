/* SPDX-License-Identifier: MIT
 *
 * What the files of this room share: a suppression as it was read.
 *
 *	parse.c		the forms, line by line
 *	match.c		does one fit a finding
 *	suppress.c	all of them over all findings; our own form written
 *	baseline.c	known findings, and what has changed
 */
#ifndef LOCKDAG_SUPPRESS_FORMS_H
#define LOCKDAG_SUPPRESS_FORMS_H

#include "base/text.h"
#include "base/vec.h"
#include "suppress/suppress.h"

/* What a condition looks at. All conditions of a suppression must hold. */
enum suppress_what {
	SUPPRESS_KIND,     /* word of the finding's kind */
	SUPPRESS_RULE,     /* pattern for a misuse's rule */
	SUPPRESS_ID,       /* value */
	SUPPRESS_GRADE,    /* value: the strongest grade that it suppresses */
	SUPPRESS_LOCK,     /* pattern for the name of one of its locks */
	SUPPRESS_FUNCTION, /* pattern for a function in one of its stacks */
	SUPPRESS_MODULE,   /* pattern for a module in one of its stacks, or of a lock's key */
	SUPPRESS_FILE,     /* pattern for a source file in one of its stacks */
	SUPPRESS_ANY,      /* pattern for a function, file or module (ThreadSanitizer) */
	SUPPRESS_FRAMES,   /* frames: patterns for the innermost frames of one of its stacks
			      (Valgrind) */
};

enum suppress_frame_what {
	SUPPRESS_FRAME_FUNCTION,
	SUPPRESS_FRAME_OBJECT,
	SUPPRESS_FRAME_SOURCE,
	SUPPRESS_FRAME_REST, /* "...": any number of frames */
};

struct suppress_frame {
	enum suppress_frame_what what;
	char *pattern; /* NULL with REST */
};

struct suppress_condition {
	enum suppress_what what;
	char *pattern;  /* of those that have one; * is any text, ? any character */
	uint64_t value; /* of the others */
};

struct suppression {
	char *name;
	const char *file; /* the list's */
	unsigned line;
	size_t used;
	LOCKDAG_VEC(struct suppress_condition) conditions;
	LOCKDAG_VEC(struct suppress_frame) frames;
};

struct lockdag_suppressions {
	LOCKDAG_VEC(struct suppression) items;
	LOCKDAG_VEC(char *) files;
	char *(*demangle)(const char *, char *, size_t *, int *); /* or NULL; demangle_tried */
	bool demangle_tried;
};

void suppression_done(struct suppression *x);

/* Do the names of both match: * is any text, ? any one byte, all else itself? */
bool suppress_glob(const char *pattern, const char *text);
bool suppress_fits(const struct suppression *x, const struct lockdag_model *m,
	const struct lockdag_finding *f);

/* "9f3c21d07a52b1e4 possible cycle a -> b -> a": a line of a baseline. false: it is none. */
bool suppress_parse_known(const char *line, size_t n, struct lockdag_known *ret_known);

/* ThreadSanitizer's words for reports that are none of ours, and Helgrind's words for those that
 * are: false, or what it suppresses (kind, and a pattern for the rule or NULL). */
bool suppress_tsan_word(const char *word, size_t n, const char **ret_kind);
bool suppress_helgrind_word(const char *word, const char **ret_kind, const char **ret_rule);

#endif
