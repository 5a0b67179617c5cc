/* SPDX-License-Identifier: MIT */
#include "futex_lock.h"

#include <linux/futex.h>
#include <lockdag/lockdag.h>
#include <stddef.h>
#include <sys/syscall.h>
#include <unistd.h>

void futex_lock(struct futex_lock *l, const char *name)
{
	int free_word = 0;

	lockdag_acquiring(l, name, LOCKDAG_WRITE);
	if (!__atomic_compare_exchange_n(
		    &l->word, &free_word, 1, 0, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
		while (__atomic_exchange_n(&l->word, 2, __ATOMIC_ACQUIRE))
			syscall(SYS_futex, &l->word, FUTEX_WAIT_PRIVATE, 2, NULL, NULL, 0);
	lockdag_acquired(l, name, LOCKDAG_WRITE);
}

void futex_unlock(struct futex_lock *l)
{
	lockdag_released(l);
	if (__atomic_exchange_n(&l->word, 0, __ATOMIC_RELEASE) == 2)
		syscall(SYS_futex, &l->word, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
}
