/* SPDX-License-Identifier: MIT
 *
 * A lock that spins, for one or many, annotated by AnnotateRWLock*.
 */
#ifndef SUBJECT_ANNOTATE_H
#define SUBJECT_ANNOTATE_H

#include <sched.h>

#include "subject.h"

void AnnotateRWLockCreate(const char *, int, const volatile void *) __attribute__((weak));
void AnnotateRWLockAcquired(const char *, int, const volatile void *, long) __attribute__((weak));
void AnnotateRWLockReleased(const char *, int, const volatile void *, long) __attribute__((weak));

struct rwspin {
	int count; /* of readers, or -1 for a writer */
};

static inline void rwspin_init(struct rwspin *s)
{
	if (AnnotateRWLockCreate)
		AnnotateRWLockCreate(__FILE__, __LINE__, s);
}

static inline void rwspin_lock(struct rwspin *s, int write)
{
	int now;

	for (;;) {
		now = __atomic_load_n(&s->count, __ATOMIC_RELAXED);
		if ((write ? now == 0 : now >= 0) &&
			__atomic_compare_exchange_n(&s->count, &now, write ? -1 : now + 1, 0, __ATOMIC_ACQUIRE,
				__ATOMIC_RELAXED))
			break;
		sched_yield();
	}
	if (AnnotateRWLockAcquired)
		AnnotateRWLockAcquired(__FILE__, __LINE__, s, write);
}

static inline void rwspin_unlock(struct rwspin *s, int write)
{
	if (AnnotateRWLockReleased)
		AnnotateRWLockReleased(__FILE__, __LINE__, s, write);
	__atomic_add_fetch(&s->count, write ? 1 : -1, __ATOMIC_RELEASE);
}

#endif
