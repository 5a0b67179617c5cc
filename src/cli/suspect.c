/* SPDX-License-Identifier: MIT
 *
 * A wake-up that may be lost. Who waits looks at his predicate under the mutex and then waits: who
 * changes it and signals without ever taking that mutex may do so in between, and the waiter sleeps on.
 * The predicate itself is not seen here, so this is a note and no finding.
 */
#include <errno.h>

#include "cli/facts.h"

#define SUSPECT_MAX 3 /* notes about one report */

/* The mutex of an untimed wait for the condition, or LOCKDAG_NONE. */
static uint32_t suspect_monitor(const struct lockdag_model *m, uint32_t condition)
{
	for (size_t i = 0; i < m->acquires.n; i++) {
		const struct lockdag_acquire *a = &m->acquires.items[i];

		if (a->lock == condition && a->flags & LOCKDAG_ACQUIRE_WAIT &&
			!(a->flags & LOCKDAG_ACQUIRE_TIMED))
			return a->monitor;
	}
	return LOCKDAG_NONE;
}

/* Did the signaller take the mutex, or anything that stands for several, in its iteration? */
static bool suspect_took(
	const struct lockdag_model *m, const struct lockdag_discharge *d, uint32_t mutex)
{
	for (uint32_t i = 0; i < d->n_held; i++) {
		uint32_t lock = m->held.items[d->held + i].lock;

		if (lock == mutex || m->locks.items[lock].birth == m->locks.items[mutex].birth)
			return true;
	}
	return false;
}

/* A thread that ever takes the mutex may have changed the predicate in an earlier iteration. */
static bool suspect_ever_took(const struct lockdag_model *m, uint32_t thread, uint32_t mutex)
{
	for (size_t i = 0; i < m->acquires.n; i++)
		if (m->acquires.items[i].thread == thread && m->acquires.items[i].lock == mutex)
			return true;
	return false;
}

static bool suspect_is(const struct lockdag_model *m, const struct lockdag_discharge *d,
	uint32_t *ret_mutex)
{
	const struct lockdag_lock *l = &m->locks.items[d->lock];

	if (m->births.items[l->birth].type != LOCKDAG_LOCK_CONDITION ||
		l->flags & LOCKDAG_LOCK_MANY)
		return false;
	*ret_mutex = suspect_monitor(m, d->lock);
	return *ret_mutex != LOCKDAG_NONE &&
	       !(m->locks.items[*ret_mutex].flags & LOCKDAG_LOCK_MANY) &&
	       !suspect_took(m, d, *ret_mutex) && !suspect_ever_took(m, d->thread, *ret_mutex);
}

int cli_facts_suspect(struct cli_facts *f, const struct lockdag_model *m)
{
	uint32_t told[SUSPECT_MAX];
	char condition[256], mutex[256], thread[256];
	size_t n = 0;
	int r = 0;

	for (size_t i = 0; r == 0 && n < SUSPECT_MAX && i < m->discharges.n; i++) {
		const struct lockdag_discharge *d = &m->discharges.items[i];
		uint32_t lock;
		bool known = false;

		for (size_t k = 0; k < n; k++)
			known = known || told[k] == d->lock;
		if (known || d->due || !suspect_is(m, d, &lock))
			continue;
		told[n++] = d->lock;
		r = cli_facts_note(f,
			"%s is signalled by %s, which never takes %s, the mutex it is waited for "
			"with: if "
			"that thread changes what is waited for, a wake-up can be lost",
			lockdag_model_lock_name(m, d->lock, condition, sizeof(condition)),
			lockdag_model_thread_name(m, d->thread, thread, sizeof(thread)),
			lockdag_model_lock_name(m, lock, mutex, sizeof(mutex)));
	}
	return r;
}
