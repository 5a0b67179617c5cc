/* SPDX-License-Identifier: MIT
 *
 * What the files about a standstill share.
 */
#ifndef LOCKDAG_CORE_STANDSTILL_ROWS_H
#define LOCKDAG_CORE_STANDSTILL_ROWS_H

#include "core/standstill.h"

/* NULL for a number that is no row. */
LOCKDAG_INLINE const struct lockdag_still_thread *still_thread(
	const struct lockdag_standstill *s, uint32_t thread)
{
	return thread < s->threads.n ? &s->threads.items[thread] : NULL;
}

LOCKDAG_INLINE const struct lockdag_still_lock *still_lock(
	const struct lockdag_standstill *s, uint32_t lock)
{
	return lock < s->locks.n ? &s->locks.items[lock] : NULL;
}

/* The i-th rescuer of the thread; NULL when there is no such row. */
LOCKDAG_INLINE const struct lockdag_rescuer *still_rescuer(
	const struct lockdag_standstill *s, const struct lockdag_still_thread *t, uint32_t i)
{
	uint64_t row = (uint64_t)t->rescuers + i;

	return i < t->n_rescuers && row < s->rescuers.n ? &s->rescuers.items[row] : NULL;
}

/* Is there a circle with a lock, a file, a pipe or an end in it? */
LOCKDAG_INLINE bool standstill_has_circle(const struct lockdag_standstill *s)
{
	for (size_t i = 0; i < s->cycles.n; i++)
		if (!s->cycles.items[i].events_only)
			return true;
	return false;
}

/* standstill_cycle.c: fills s->cycles from the threads' stuck. */
int standstill_cycles(struct lockdag_standstill *s);
/* standstill_words.c: s->sentence for s->verdict. soft: stuck but for handlers, one a thread. */
int standstill_sentence(struct lockdag_standstill *s, const bool *soft);

#endif
