/* SPDX-License-Identifier: MIT
 *
 * annotate: liblockdag-tsan.so, the functions of lockdag/tsan.h that do nothing. For code that calls them
 * without looking whether they are there; under lockdag or ThreadSanitizer theirs come first.
 */
#include <lockdag/tsan.h>

#define ANNOTATE(name, ...)                                                                        \
	__attribute__((visibility("default"))) void name(__VA_ARGS__)                              \
	{                                                                                          \
	}

#pragma GCC diagnostic ignored "-Wunused-parameter"

ANNOTATE(__tsan_mutex_create, void *lock, unsigned flags)
ANNOTATE(__tsan_mutex_destroy, void *lock, unsigned flags)
ANNOTATE(__tsan_mutex_pre_lock, void *lock, unsigned flags)
ANNOTATE(__tsan_mutex_post_lock, void *lock, unsigned flags, int recursion)
ANNOTATE(__tsan_mutex_post_unlock, void *lock, unsigned flags)
ANNOTATE(__tsan_mutex_pre_signal, void *lock, unsigned flags)
ANNOTATE(__tsan_mutex_post_signal, void *lock, unsigned flags)
ANNOTATE(__tsan_mutex_pre_divert, void *lock, unsigned flags)
ANNOTATE(__tsan_mutex_post_divert, void *lock, unsigned flags)
ANNOTATE(__tsan_check_no_mutexes_held, void)
ANNOTATE(AnnotateRWLockCreate, const char *file, int line, const volatile void *lock)
ANNOTATE(AnnotateRWLockCreateStatic, const char *file, int line, const volatile void *lock)
ANNOTATE(AnnotateRWLockDestroy, const char *file, int line, const volatile void *lock)
ANNOTATE(AnnotateRWLockAcquired, const char *file, int line, const volatile void *lock, long is_write)
ANNOTATE(AnnotateRWLockReleased, const char *file, int line, const volatile void *lock, long is_write)
ANNOTATE(AnnotateThreadName, const char *file, int line, const char *name)

__attribute__((visibility("default"))) int __tsan_mutex_pre_unlock(void *lock, unsigned flags)
{
	return 0;
}
