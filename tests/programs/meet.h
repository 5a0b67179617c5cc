/* SPDX-License-Identifier: MIT
 *
 * For programs that must hang however slow the machine is: both hold their first lock before either
 * asks for its second.
 */
#ifndef MEET_H
#define MEET_H

#include "subject.h"

/* Waits until n threads have come. counter may be in memory that processes share. */
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

#endif
