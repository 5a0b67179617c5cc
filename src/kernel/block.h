/* SPDX-License-Identifier: MIT
 *
 * A report that is being collected: from its header until something says that it is over.
 */
#ifndef LOCKDAG_KERNEL_BLOCK_H
#define LOCKDAG_KERNEL_BLOCK_H

#include "kernel/header.h"
#include "kernel/record.h"

struct block {
	struct lines lines;
	enum lockdag_splat_kind kind;
	char *title;
	bool bracketed;
	bool headless; /* the first line is the task's, or a link of the chain */
	unsigned link; /* of a headless one: the index of the last "-> #N (" but 0; 0: none yet */
	uint64_t line;
	size_t quiet;   /* lines since the last that looks like one of a report */
	unsigned idle;  /* times that nothing came */
	bool trace;     /* its backtrace was begun */
	bool other_tag; /* the line before was printed by another context */
};

/* s, n: the header's line. NULL: no memory. */
struct block *block_new(const char *s, size_t n, uint64_t number, const struct header *header);
void block_free(struct block *block); /* NULL is fine */

/* Takes one line. *ret_over: enough was seen. -ENOMEM. */
int block_add(struct block *block, const char *s, size_t n, uint64_t number, bool *ret_over);

/* A header of the same context is found. Where nobody says who printed a line, another CPU's
 * trouble, which has no chain, can come before the last link of one: what counts on after it is
 * still that chain. Is this report such a one? */
bool block_goes_on(const struct block *block, const struct anchor *anchor);

/* The report, or *ret_splat = NULL when it is none. file: for the record. */
int block_read(struct block *block, const char *file, struct lockdag_splat **ret_splat);

#endif
