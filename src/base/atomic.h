/* SPDX-License-Identifier: MIT
 *
 * Atomics by named order (house rule 4). Every use but a relaxed one says in a comment which
 * function it pairs with.
 *
 *   load_relaxed / store_relaxed   the value only; orders nothing
 *   load_acquire                   sees all that was written before the store_release it reads from
 *   store_release                  publishes all that was written before it
 *   add_relaxed                    a cursor or a counter
 *   cas_acq_rel                    claims a slot: strong, acquire on both outcomes
 *   signal_fence                   orders against a signal handler of this thread only
 */
#ifndef LOCKDAG_ATOMIC_H
#define LOCKDAG_ATOMIC_H

#define lockdag_load_relaxed(p) __atomic_load_n((p), __ATOMIC_RELAXED)
#define lockdag_load_acquire(p) __atomic_load_n((p), __ATOMIC_ACQUIRE)
#define lockdag_store_relaxed(p, v) __atomic_store_n((p), (v), __ATOMIC_RELAXED)
#define lockdag_store_release(p, v) __atomic_store_n((p), (v), __ATOMIC_RELEASE)
#define lockdag_add_relaxed(p, v) __atomic_fetch_add((p), (v), __ATOMIC_RELAXED)
#define lockdag_or_relaxed(p, v) __atomic_fetch_or((p), (v), __ATOMIC_RELAXED)
#define lockdag_and_relaxed(p, v) __atomic_fetch_and((p), (v), __ATOMIC_RELAXED)
/* Stores before it are seen by all before loads behind it are made. */
#define lockdag_full_fence() __atomic_thread_fence(__ATOMIC_SEQ_CST)
#define lockdag_cas_acq_rel(p, expected, desired)                                                  \
	__atomic_compare_exchange_n(                                                               \
		(p), (expected), (desired), false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE)
#define lockdag_signal_fence() __atomic_signal_fence(__ATOMIC_SEQ_CST)

/* What p points to is read now and written soon: its cache line comes once, for both. Nothing is read. */
#ifdef __x86_64__ /* gcc takes the builtin for a read here, unless it is told of a newer processor */
#define lockdag_prefetch_for_write(p) __asm__ volatile("prefetchw %0" : : "m"(*(const char *)(p)))
#else
#define lockdag_prefetch_for_write(p) __builtin_prefetch((p), 1)
#endif

#endif
