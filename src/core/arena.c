/* SPDX-License-Identifier: MIT */
#include "core/arena.h"

#include <stdlib.h>
#include <string.h>

#define ARENA_CHUNK 16384
#define ARENA_ALIGN _Alignof(max_align_t)

struct arena_chunk {
	struct arena_chunk *next;
	size_t used, size;
	_Alignas(max_align_t) char bytes[];
};

struct lockdag_arena {
	struct arena_chunk *chunks; /* the newest first; only it is filled */
};

struct lockdag_arena *lockdag_arena_new(void)
{
	return calloc(1, sizeof(struct lockdag_arena));
}

void lockdag_arena_free(struct lockdag_arena *arena)
{
	struct arena_chunk *next;

	if (!arena)
		return;
	for (struct arena_chunk *c = arena->chunks; c; c = next) {
		next = c->next;
		free(c);
	}
	free(arena);
}

void *lockdag_arena_alloc(struct lockdag_arena *arena, size_t n)
{
	struct arena_chunk *c = arena->chunks;
	size_t size;
	void *p;

	if (n > SIZE_MAX / 2)
		return NULL;
	n = (n + ARENA_ALIGN - 1) & ~(ARENA_ALIGN - 1);
	if (!c || c->size - c->used < n) {
		size = n > ARENA_CHUNK ? n : ARENA_CHUNK;
		c = malloc(sizeof(*c) + size);
		if (!c)
			return NULL;
		c->next = arena->chunks;
		c->used = 0;
		c->size = size;
		arena->chunks = c;
	}
	p = c->bytes + c->used;
	c->used += n;
	return p;
}

bool lockdag_arena_string(struct lockdag_arena *arena, const char *s, const char **ret)
{
	size_t n;
	char *p;

	if (!s) {
		*ret = NULL;
		return true;
	}
	n = strlen(s) + 1;
	p = lockdag_arena_alloc(arena, n);
	if (!p)
		return false;
	memcpy(p, s, n);
	*ret = p;
	return true;
}
