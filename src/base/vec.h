/* SPDX-License-Identifier: MIT
 *
 * A growable array of any element type, outside the guest only.
 *
 *	LOCKDAG_VEC(struct thing) things = { 0 };
 *	struct thing *t = lockdag_vec_push(&things);   zeroed new last element, NULL: no memory
 *	things.items[i], things.n
 *	lockdag_vec_clear(&things);                    frees the storage
 *
 * Pointers into items are good until the next push.
 */
#ifndef LOCKDAG_VEC_H
#define LOCKDAG_VEC_H

#include <stddef.h>

#define LOCKDAG_VEC(type)                                                                          \
	struct {                                                                                   \
		type *items;                                                                       \
		size_t n, cap;                                                                     \
	}

/* Makes room for one more element of size bytes and zeroes it; false when memory is out. */
_Bool lockdag_vec_grow(void **items, size_t n, size_t *cap, size_t size);

#define lockdag_vec_push(v)                                                                        \
	(lockdag_vec_grow((void **)&(v)->items, (v)->n, &(v)->cap, sizeof(*(v)->items))             \
			? &(v)->items[(v)->n++]                                                    \
			: NULL)
#define lockdag_vec_clear(v) (free((v)->items), (v)->items = NULL, (v)->n = (v)->cap = 0)

#endif
