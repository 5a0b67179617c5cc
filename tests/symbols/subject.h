/* SPDX-License-Identifier: MIT
 *
 * Reads what a subject printed about itself (subjects/print.h, subjects/capture.h).
 */
#ifndef SUBJECT_H
#define SUBJECT_H

#include "base/base.h"
#include "symbols/symbols.h"

struct subject {
	struct lockdag_symbols *s;
	const char *path;
	int module; /* the program's own */
	struct lockdag_symbols_module_base bases[64];
	size_t n_bases;
	/* the last line, cut at its tabs */
	char *fields[16];
	size_t n_fields;
	char *text, *at; /* all it printed; the next line */
};

void subject_init(struct subject *u, const char *path, const struct lockdag_symbols_options *o);
void subject_done(struct subject *u);
bool subject_line(struct subject *u); /* the next; false: no more */
uint64_t subject_hex(const struct subject *u, size_t field);

/* The snapshot of an 's' line; words: LOCKDAG_SNAPSHOT_WORDS. */
void subject_snapshot(
	const struct subject *u, struct lockdag_symbols_snapshot *snapshot, uint64_t *words);

char *subject_read_command(const char *command); /* what it prints; the caller frees it */

#endif
