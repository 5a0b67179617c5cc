/* SPDX-License-Identifier: MIT
 *
 * Text that grows: append, then take. A failed append latches ->failed and later ones do nothing,
 * so that only the end needs a check. Outside the guest only; not thread safe.
 */
#ifndef LOCKDAG_TEXT_H
#define LOCKDAG_TEXT_H

#include "base/base.h"

struct lockdag_text {
	char *s; /* zero-terminated once anything was appended */
	size_t n, cap;
	bool failed; /* memory ran out; the text is not complete */
};

void lockdag_text_add(struct lockdag_text *t, const char *s);
void lockdag_text_add_n(struct lockdag_text *t, const char *s, size_t n);
LOCKDAG_PRINTF(2, 3) void lockdag_text_addf(struct lockdag_text *t, const char *fmt, ...);

/* The text itself, which the caller frees; NULL (and nothing left to free) when an append failed.
 * An empty text gives "". t is empty afterwards. */
char *lockdag_text_take(struct lockdag_text *t);

void lockdag_text_clear(struct lockdag_text *t);

/* A new string by printf's rules, which the caller frees; NULL: no memory. */
LOCKDAG_PRINTF(1, 2) char *lockdag_textf(const char *fmt, ...);

#endif
