/* SPDX-License-Identifier: MIT
 *
 * Locks of a few bytes that spin, annotated for ThreadSanitizer alone: whoever runs the program finds
 * the functions, or not.
 */
#ifndef SUBJECT_TSAN_H
#define SUBJECT_TSAN_H

#include <sched.h>

#include "subject.h"

enum { REENTRANT = 1 << 1, SHARED = 1 << 3, TRY = 1 << 4, TRY_FAILED = 1 << 5, ALL = 1 << 6, ALL_OFF = 1 << 7 };

void __tsan_mutex_create(void *, unsigned) __attribute__((weak));
void __tsan_mutex_destroy(void *, unsigned) __attribute__((weak));
void __tsan_mutex_pre_lock(void *, unsigned) __attribute__((weak));
void __tsan_mutex_post_lock(void *, unsigned, int) __attribute__((weak));
int __tsan_mutex_pre_unlock(void *, unsigned) __attribute__((weak));
void __tsan_mutex_post_unlock(void *, unsigned) __attribute__((weak));

#define TSAN(name, ...) (__tsan_mutex_##name ? __tsan_mutex_##name(__VA_ARGS__) : 0)
#define TSAN_SAY(name, ...) (__tsan_mutex_##name ? __tsan_mutex_##name(__VA_ARGS__) : (void)0)

struct spin {
	int owner; /* the thread that has it, or 0 */
	int levels;
};

static inline int spin_self(void)
{
	static __thread int self;
	static int last;

	return self ? self : (self = __atomic_add_fetch(&last, 1, __ATOMIC_RELAXED));
}

static inline int spin_take(struct spin *s)
{
	int none = 0;

	return s->owner == spin_self() ||
		__atomic_compare_exchange_n(&s->owner, &none, spin_self(), 0, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED);
}

static inline void spin_lock(struct spin *s)
{
	TSAN_SAY(pre_lock, s, 0);
	while (!spin_take(s))
		sched_yield();
	s->levels++;
	TSAN_SAY(post_lock, s, 0, 1);
}

static inline int spin_try(struct spin *s)
{
	int got;

	TSAN_SAY(pre_lock, s, TRY);
	got = spin_take(s);
	s->levels += got;
	TSAN_SAY(post_lock, s, TRY | (got ? 0 : TRY_FAILED), 1);
	return got;
}

static inline void spin_unlock(struct spin *s)
{
	TSAN(pre_unlock, s, 0);
	if (!--s->levels)
		__atomic_store_n(&s->owner, 0, __ATOMIC_RELEASE);
	TSAN_SAY(post_unlock, s, 0);
}

/* Round a wait: gives all levels up, and takes them back. */
static inline int spin_unlock_all(struct spin *s)
{
	int levels = s->levels;

	TSAN(pre_unlock, s, ALL_OFF);
	s->levels = 0;
	__atomic_store_n(&s->owner, 0, __ATOMIC_RELEASE);
	TSAN_SAY(post_unlock, s, ALL_OFF);
	return levels;
}

static inline void spin_lock_all(struct spin *s, int levels)
{
	TSAN_SAY(pre_lock, s, ALL);
	while (!spin_take(s))
		sched_yield();
	s->levels = levels;
	TSAN_SAY(post_lock, s, ALL, levels);
}

#endif
