/* SPDX-License-Identifier: MIT */
#include "base/vec.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

_Bool lockdag_vec_grow(void **items, size_t n, size_t *cap, size_t size)
{
	if (n == *cap) {
		size_t more = *cap ? *cap * 2 : 8;
		void *p;

		if (more > SIZE_MAX / size)
			return 0;
		p = realloc(*items, more * size);
		if (!p)
			return 0;
		*items = p;
		*cap = more;
	}
	memset((char *)*items + n * size, 0, size);
	return 1;
}
