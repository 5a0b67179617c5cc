/* SPDX-License-Identifier: MIT
 *
 * Who may queue for a write lock: un-nested acquisitions count too, for it is enough that the
 * writer waits.
 */
#include <errno.h>
#include <stdlib.h>

#include "core/pick.h"

static int writers_compare(const void *a, const void *b)
{
	const struct writer *x = a, *y = b;

	if (x->class_id != y->class_id)
		return x->class_id < y->class_id ? -1 : 1;
	return x->acquire < y->acquire ? -1 : x->acquire > y->acquire;
}

static bool writers_has_fair_reads(const struct lockdag_model *m)
{
	for (size_t i = 0; i < m->acquires.n; i++) {
		if (m->acquires.items[i].mode == LOCKDAG_READ)
			return true;
	}
	return false;
}

int writers_init(struct writers *w, const struct lockdag_model *m, const struct classes *c)
{
	size_t cap = 0;

	*w = (struct writers){0};
	if (!writers_has_fair_reads(m))
		return 0;
	for (uint32_t i = 0; i < m->acquires.n; i++) {
		const struct lockdag_acquire *a = &m->acquires.items[i];
		enum lockdag_lock_type type = lock_birth(m, a->lock)->type;

		if (a->mode != LOCKDAG_EXCLUSIVE || a->flags & LOCKDAG_ACQUIRE_TRY ||
			(type != LOCKDAG_LOCK_RWLOCK && type != LOCKDAG_LOCK_GLIB_RW_LOCK))
			continue;
		if (!lockdag_vec_grow((void **)&w->items, w->n, &cap, sizeof(*w->items)))
			return -ENOMEM;
		w->items[w->n++] = (struct writer){c->of_lock[a->lock], i};
	}
	if (w->n)
		qsort(w->items, w->n, sizeof(*w->items), writers_compare);
	return 0;
}

void writers_done(struct writers *w)
{
	free(w->items);
}
