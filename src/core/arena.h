/* SPDX-License-Identifier: MIT
 *
 * Memory that is freed all at once: the strings and arrays that a model's rows point to.
 */
#ifndef LOCKDAG_CORE_ARENA_H
#define LOCKDAG_CORE_ARENA_H

#include "base/base.h"

struct lockdag_arena;

struct lockdag_arena *lockdag_arena_new(void);
void lockdag_arena_free(struct lockdag_arena *arena); /* NULL is fine */

/* n bytes, aligned for any type, not zeroed. NULL: no memory. */
void *lockdag_arena_alloc(struct lockdag_arena *arena, size_t n);

/* Copies s; NULL stays NULL. false: no memory, *ret untouched. */
bool lockdag_arena_string(struct lockdag_arena *arena, const char *s, const char **ret);

#endif
