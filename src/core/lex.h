/* SPDX-License-Identifier: MIT
 *
 * Lines and fields of the model's text form. A field is WORD, KEY=WORD or KEY="string"; fields are
 * split by blanks; a line whose first sign is '#' is a comment.
 */
#ifndef LOCKDAG_CORE_LEX_H
#define LOCKDAG_CORE_LEX_H

#include "base/vec.h"
#include "core/core.h"

struct lex_field {
	char *key;       /* before '='; NULL for a WORD alone */
	char *value;     /* decoded, zero-terminated */
	bool quoted;     /* value came as a string */
	unsigned column; /* of the field's first byte, from 1 */
};

struct lex {
	const char *p, *end;
	unsigned line;
	LOCKDAG_VEC(struct lex_field) fields;
	char *bytes; /* of the decoded fields of this line */
	size_t bytes_cap;
	struct lockdag_parse_error *error;
};

void lex_init(struct lex *x, const char *text, size_t n, struct lockdag_parse_error *error);
void lex_done(struct lex *x);

/* Reads the next line that has fields. 1: x->fields hold it, good until the next call; 0: the text
 * ends; negative errno. */
int lex_next(struct lex *x);

/* Fills the error for the line x is at; returns -EINVAL. */
LOCKDAG_PRINTF(3, 4) int lex_error(struct lex *x, unsigned column, const char *fmt, ...);

#endif
