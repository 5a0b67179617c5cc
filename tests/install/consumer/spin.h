/* SPDX-License-Identifier: MIT
 *
 * A lock of the program's own, for C and C++.
 */
#ifndef SPIN_H
#define SPIN_H

#include <lockdag/lockdag.h>
#include <sched.h>

struct spin {
	int taken;
};

static inline void spin_lock(struct spin *s, const char *name)
{
	lockdag_acquiring(s, name, LOCKDAG_WRITE);
	while (__atomic_exchange_n(&s->taken, 1, __ATOMIC_ACQUIRE))
		sched_yield();
	lockdag_acquired(s, name, LOCKDAG_WRITE);
}

static inline void spin_unlock(struct spin *s)
{
	lockdag_released(s);
	__atomic_store_n(&s->taken, 0, __ATOMIC_RELEASE);
}

#endif
