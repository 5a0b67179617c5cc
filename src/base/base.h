/* SPDX-License-Identifier: MIT
 *
 * base: the vocabulary every room shares. No state, no allocation, no system call in this header,
 * so that the guest may use it inside a stranger's process.
 */
#ifndef LOCKDAG_BASE_H
#define LOCKDAG_BASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LOCKDAG_LIKELY(x) __builtin_expect(!!(x), 1)
#define LOCKDAG_UNLIKELY(x) __builtin_expect(!!(x), 0)
#define LOCKDAG_INLINE static inline __attribute__((always_inline))
#define LOCKDAG_COLD __attribute__((cold, noinline))
#define LOCKDAG_PRINTF(fmt, first) __attribute__((format(printf, fmt, first)))
#define LOCKDAG_ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

/* "No such index" in every table of 32-bit ids. */
#define LOCKDAG_NONE UINT32_MAX

/* What a lock is. One list for guest, session, core and reports: lock_types.def. */
enum lockdag_lock_type {
#define LOCK_TYPE(upper, word) LOCKDAG_LOCK_##upper,
#include "base/lock_types.def"
#undef LOCK_TYPE
	LOCKDAG_N_LOCK_TYPES
};

/* Is it the end of something, a thread or a process, which is waited for and never held? */
static inline bool lockdag_lock_type_is_end(unsigned type)
{
	return type == LOCKDAG_LOCK_THREAD || type == LOCKDAG_LOCK_PROCESS;
}

/* The word for a lock type as reports print it ("mutex"); "lock" for a value out of range. */
const char *lockdag_lock_type_word(unsigned type);

/* What a program can do wrong with a lock. One list for guest, session, core and reports:
 * misuse_rules.def. */
enum lockdag_misuse_rule {
#define MISUSE(upper, word, here, there, headline, sentence, clause) LOCKDAG_MISUSE_##upper,
#include "base/misuse_rules.def"
#undef MISUSE
	LOCKDAG_N_MISUSES
};

/* Attributes of one lock, a bit set; read from the lock itself when it is first seen. */
enum lockdag_lock_attribute {
	LOCKDAG_LOCK_RECURSIVE = 1 << 0,      /* its owner may take it again */
	LOCKDAG_LOCK_ERRORCHECK = 1 << 1,     /* refuses a relock by its owner */
	LOCKDAG_LOCK_ROBUST = 1 << 2,         /* survives its owner */
	LOCKDAG_LOCK_INHERIT = 1 << 3,        /* priority inheritance */
	LOCKDAG_LOCK_SHARED = 1 << 4,         /* PTHREAD_PROCESS_SHARED */
	LOCKDAG_LOCK_WRITERS_FIRST = 1 << 5,  /* a new reader waits for a queued writer */
};

/* How a lock is asked for or held. */
enum lockdag_mode {
	LOCKDAG_EXCLUSIVE,      /* mutex, spinlock, write lock, semaphore */
	LOCKDAG_READ_RECURSIVE, /* read lock that passes a queued writer (glibc's default kinds) */
	LOCKDAG_READ,           /* read lock that waits behind a queued writer */
	LOCKDAG_N_MODES
};

#endif
