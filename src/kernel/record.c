/* SPDX-License-Identifier: MIT */
#include "kernel/record.h"

#include <stdalign.h>
#include <stdlib.h>
#include <string.h>

#define RECORD_CHUNK ((size_t)16 << 10)

struct record_chunk {
	struct record_chunk *next;
	size_t used, size;
	alignas(max_align_t) char bytes[];
};

static struct record_chunk *record_chunk_new(size_t size)
{
	struct record_chunk *chunk = malloc(sizeof(*chunk) + size);

	if (chunk)
		*chunk = (struct record_chunk){.size = size};
	return chunk;
}

void *record_alloc(struct record_memory *memory, size_t size)
{
	const size_t align = alignof(max_align_t);
	struct record_chunk *chunk = memory->chunks;
	void *p;

	size = (size + align - 1) / align * align;
	if (!chunk || chunk->size - chunk->used < size) {
		chunk = record_chunk_new(size > RECORD_CHUNK ? size : RECORD_CHUNK);
		if (!chunk) {
			memory->failed = true;
			return NULL;
		}
		chunk->next = memory->chunks;
		memory->chunks = chunk;
	}
	p = chunk->bytes + chunk->used;
	chunk->used += size;
	return memset(p, 0, size);
}

const char *record_text(struct record_memory *memory, const char *s, size_t n)
{
	char *copy = record_alloc(memory, n + 1);

	return copy ? memcpy(copy, s, n) : NULL;
}

void *record_grow(struct record_memory *memory, void *items, size_t n, size_t size)
{
	void *grown;

	/* full at 0, 4, 8, 16, 32, ... */
	if (n != 0 && (n < 4 || (n & (n - 1)) != 0))
		return items;
	grown = record_alloc(memory, (n < 4 ? 4 : 2 * n) * size);
	if (grown && n > 0)
		memcpy(grown, items, n * size);
	return grown;
}

void record_memory_done(struct record_memory *memory)
{
	while (memory->chunks) {
		struct record_chunk *next = memory->chunks->next;

		free(memory->chunks);
		memory->chunks = next;
	}
}

struct lockdag_splat *record_splat_new(void)
{
	struct lockdag_splat *splat = calloc(1, sizeof(*splat));
	struct record_memory *memory = calloc(1, sizeof(*memory));

	if (!splat || !memory) {
		free(splat);
		free(memory);
		return NULL;
	}
	splat->memory = memory;
	splat->pid = splat->cpu = -1;
	return splat;
}

struct lockdag_kgraph *record_graph_new(void)
{
	struct lockdag_kgraph *graph = calloc(1, sizeof(*graph));
	struct record_memory *memory = calloc(1, sizeof(*memory));

	if (!graph || !memory) {
		free(graph);
		free(memory);
		return NULL;
	}
	graph->memory = memory;
	return graph;
}

void lockdag_splat_free(struct lockdag_splat *splat)
{
	if (!splat)
		return;
	record_memory_done(splat->memory);
	free(splat->memory);
	free(splat);
}

void lockdag_kgraph_free(struct lockdag_kgraph *graph)
{
	if (!graph)
		return;
	record_memory_done(graph->memory);
	free(graph->memory);
	free(graph);
}
