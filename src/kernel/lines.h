/* SPDX-License-Identifier: MIT
 *
 * The lines of one report without what logs, mailers and people put around them: stamps, caller
 * tags, levels, syslog's words, quote marks, patch signs, colours, entities, soft line breaks.
 */
#ifndef LOCKDAG_KERNEL_LINES_H
#define LOCKDAG_KERNEL_LINES_H

#include "base/vec.h"
#include "kernel/kernel.h"

/* What stood before a line's text. */
struct line_mark {
	char tag[16];    /* "T123", "C0": who printed it; "": not said */
	bool stamped;    /* something that a logger puts before a line */
	unsigned indent; /* blanks between that and the text */
};

struct line {
	char *s; /* zero-terminated, no blanks at its ends, valid UTF-8 */
	size_t n;
	unsigned indent;
	uint64_t number;
	bool stamped;
};

/* Raw lines of one report, in the order of the log; then, after lines_clean(), its clean ones. */
struct raw_line {
	size_t at, n; /* in bytes */
	uint64_t number;
};

struct lines {
	LOCKDAG_VEC(char) bytes;
	LOCKDAG_VEC(struct raw_line) raw;
	LOCKDAG_VEC(struct line) clean;
	char *storage; /* what clean points into */
	/* Of the header: what stood before it that no rule knows. Lines without it are not the
	 * report's. */
	char *learned;
	size_t learned_n;
	char tag[16];
	bool coded; /* what stood before is quoted-printable */
	bool html;  /* lines_clean() found tags or entities */
	bool mixed; /* another report without a tag came between its lines, or it between another's */
};

/* How many bytes of a line stand before its text. */
size_t line_strip(const char *s, size_t n, struct line_mark *ret_mark);

/* Length of the terminal's sequence at s: ESC [ ... letter, or as logs write that; 0: none. */
size_t line_ansi(const char *s, size_t n);
/* Decode in place and return the new length: "=3D" and the like; tags of HTML; "&gt;"; "\\t" of a
 * JSON string. */
size_t line_decode_quoted_printable(char *s, size_t n);
size_t line_drop_html(char *s, size_t n);
size_t line_decode_entities(char *s, size_t n);
size_t line_decode_escapes(char *s, size_t n);
/* "%28" and "%29" of a class that became a link's target: "[12.3](&%28&p->lock%29->rlock){+.?...}" */
size_t line_decode_percent(char *s, size_t n);
/* Makes [s, s + n) valid UTF-8 without control characters, in place; its length then. */
size_t line_plain(char *s, size_t n);

/* Keeps a copy. -ENOMEM. */
int lines_add(struct lines *lines, const char *s, size_t n, uint64_t number);
/* Fills `clean`: decoding and decoration as the block as a whole has it. -ENOMEM. */
int lines_clean(struct lines *lines);
void lines_done(struct lines *lines);

#endif
