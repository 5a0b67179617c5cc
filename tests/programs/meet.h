/* SPDX-License-Identifier: MIT
 *
 * For programs that must hang, or must not, however slow the machine is.
 */
#ifndef MEET_H
#define MEET_H

#include "subject.h"

/* Waits until n threads have come: both hold their first lock before either asks for its second. counter may be in memory that processes share. */
static inline void meet_at(int *counter, int n)
{
	__atomic_add_fetch(counter, 1, __ATOMIC_SEQ_CST);
	while (__atomic_load_n(counter, __ATOMIC_SEQ_CST) < n)
		nap(1);
}

static inline void meet(int n)
{
	static int counter;

	meet_at(&counter, n);
}

/* For hazards that must stay latent however slow the machine is: one is through with a lock before
 * another takes it. Nobody sees it: it is memory, and a validator may believe in no order by that. */
static inline void through(int *flag)
{
	__atomic_store_n(flag, 1, __ATOMIC_SEQ_CST);
}

static inline void await(const int *flag)
{
	while (!__atomic_load_n(flag, __ATOMIC_SEQ_CST))
		nap(1);
}

#endif
