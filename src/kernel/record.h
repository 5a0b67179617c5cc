/* SPDX-License-Identifier: MIT
 *
 * Memory of one record: everything in it dies with it. Allocations are zeroed; a failed one latches
 * ->failed and gives NULL.
 */
#ifndef LOCKDAG_KERNEL_RECORD_H
#define LOCKDAG_KERNEL_RECORD_H

#include <stddef.h>

#include "kernel/kernel.h"

struct record_chunk;
struct record_memory {
	struct record_chunk *chunks;
	bool failed;
};

void *record_alloc(struct record_memory *memory, size_t size);
/* A zero-terminated copy of n bytes. */
const char *record_text(struct record_memory *memory, const char *s, size_t n);
void record_memory_done(struct record_memory *memory);

/* A new record with its own memory; NULL: no memory. */
struct lockdag_splat *record_splat_new(void);
struct lockdag_kgraph *record_graph_new(void);

/* items with room for one more, the first *n of them kept; NULL: no memory. Grows by doubling, so
 * that what is left behind in the record's memory is no more than what is used. */
void *record_grow(struct record_memory *memory, void *items, size_t n, size_t size);
/* Adds a zeroed element to an array in a record; NULL: no memory. */
#define RECORD_PUSH(memory, items, n)                                                              \
	(((items) = record_grow(memory, items, n, sizeof(*(items)))) ? &(items)[(n)++] : NULL)

#endif
