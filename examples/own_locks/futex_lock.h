/* SPDX-License-Identifier: MIT
 *
 * A mutex of one int that sleeps in the kernel (U. Drepper, "Futexes Are Tricky", 2011, mutex 2), as programs
 * make them by hand. lockdag sees no futex calls: the four lines that say what happens are all it takes.
 */
#ifndef FUTEX_LOCK_H
#define FUTEX_LOCK_H

struct futex_lock {
	int word; /* 0: free, 1: taken, 2: taken and waited for */
};

/* name: of the lock's class, as reports call it. */
void futex_lock(struct futex_lock *l, const char *name);
void futex_unlock(struct futex_lock *l);

#endif
