/* SPDX-License-Identifier: MIT
 *
 * ThreadSanitizer's annotations of locks, as lockdag understands them. For code that has its own locks
 * and is annotated already, or wants one set of annotations for both tools.
 *
 * The functions are weak: where nothing has them they are NULL, and must be looked at before they are
 * called. Not so with -D__SANITIZE_THREAD__=1, by which libraries such as Abseil and folly believe to be
 * built for TSan, and call them without looking: that is linked with -llockdag-tsan, in which they do
 * nothing; under `lockdag run` it is lockdag's that are found. `pkg-config --cflags --libs lockdag-tsan` says both.
 */
#ifndef LOCKDAG_TSAN_H
#define LOCKDAG_TSAN_H

#ifdef __cplusplus
extern "C" {
#endif

#ifdef __SANITIZE_THREAD__
#define LOCKDAG_TSAN_WEAK
#else
#define LOCKDAG_TSAN_WEAK __attribute__((weak))
#endif

/* flags: those of <sanitizer/tsan_interface.h>. */
void __tsan_mutex_create(void *lock, unsigned flags) LOCKDAG_TSAN_WEAK;
void __tsan_mutex_destroy(void *lock, unsigned flags) LOCKDAG_TSAN_WEAK;
void __tsan_mutex_pre_lock(void *lock, unsigned flags) LOCKDAG_TSAN_WEAK;
void __tsan_mutex_post_lock(void *lock, unsigned flags, int recursion) LOCKDAG_TSAN_WEAK;
int __tsan_mutex_pre_unlock(void *lock, unsigned flags) LOCKDAG_TSAN_WEAK;
void __tsan_mutex_post_unlock(void *lock, unsigned flags) LOCKDAG_TSAN_WEAK;
void __tsan_mutex_pre_signal(void *lock, unsigned flags) LOCKDAG_TSAN_WEAK;
void __tsan_mutex_post_signal(void *lock, unsigned flags) LOCKDAG_TSAN_WEAK;
void __tsan_mutex_pre_divert(void *lock, unsigned flags) LOCKDAG_TSAN_WEAK;
void __tsan_mutex_post_divert(void *lock, unsigned flags) LOCKDAG_TSAN_WEAK;
void __tsan_check_no_mutexes_held(void) __attribute__((weak)); /* older runtimes have none */

void AnnotateRWLockCreate(const char *file, int line, const volatile void *lock) LOCKDAG_TSAN_WEAK;
void AnnotateRWLockCreateStatic(const char *file, int line, const volatile void *lock)
	LOCKDAG_TSAN_WEAK;
void AnnotateRWLockDestroy(const char *file, int line, const volatile void *lock) LOCKDAG_TSAN_WEAK;
void AnnotateRWLockAcquired(const char *file, int line, const volatile void *lock, long is_write)
	LOCKDAG_TSAN_WEAK;
void AnnotateRWLockReleased(const char *file, int line, const volatile void *lock, long is_write)
	LOCKDAG_TSAN_WEAK;
void AnnotateThreadName(const char *file, int line, const char *name) LOCKDAG_TSAN_WEAK;

#ifdef __cplusplus
}
#endif

#endif
