/* SPDX-License-Identifier: MIT
 *
 * lockdag for programs with locks of their own. C99 and C++.
 *
 *	#include <lockdag/lockdag.h>
 *
 * Nothing has to be linked: the functions are weak, and found only when the program runs under
 * `lockdag run`. Without it each call costs one test of a pointer. All of them may be called from
 * any thread; none allocates, blocks or changes errno. Objects are named by their address: any
 * address that is the object's alone while it lives. Names are copied the first time.
 *
 *   naming		lockdag_name(&m, "cache.lock")		all locks named alike are one class
 *			lockdag_name_subclass(&m, "dir.lock", 1)	nested in others of the name
 *   own locks		lockdag_acquiring(l, "my lock", LOCKDAG_WRITE);	before it may block
 *			lockdag_acquired(l, "my lock", LOCKDAG_WRITE);	once it is held
 *			lockdag_released(l);				before it is let go
 *			(a try that succeeded: acquired alone)
 *   completions	lockdag_waiting(e, "done"); ... lockdag_waited(e);	round the wait
 *			lockdag_signalled(e, "done");			before the signal
 *   work		lockdag_work_begin(w, "flush work"); ... lockdag_work_end(w);	in the worker
 *			lockdag_work_waiting(w, "flush work"); ... lockdag_waited(w);	who waits for it
 *   contexts		lockdag_iteration();	what this thread did until now is no evidence for what
 *						it signals from now on
 */
#ifndef LOCKDAG_LOCKDAG_H
#define LOCKDAG_LOCKDAG_H

#ifdef __cplusplus
extern "C" {
#endif

/* How a lock is asked for or held. */
enum {
	LOCKDAG_WRITE = 0,		/* alone */
	LOCKDAG_SHARED_RECURSIVE = 1,	/* with other readers, past queued writers */
	LOCKDAG_SHARED = 2		/* with other readers, behind queued writers */
};

#define LOCKDAG_WEAK __attribute__((weak))

void lockdag_guest_name(const void *object, const char *name) LOCKDAG_WEAK;
void lockdag_guest_name_subclass(const void *object, const char *name,
	unsigned subclass) LOCKDAG_WEAK;
void lockdag_guest_acquiring(const void *object, const char *name, int mode) LOCKDAG_WEAK;
void lockdag_guest_acquired(const void *object, const char *name, int mode) LOCKDAG_WEAK;
void lockdag_guest_released(const void *object) LOCKDAG_WEAK;
void lockdag_guest_waiting(const void *event, const char *name) LOCKDAG_WEAK;
void lockdag_guest_waited(const void *event) LOCKDAG_WEAK;
void lockdag_guest_signalled(const void *event, const char *name) LOCKDAG_WEAK;
void lockdag_guest_iteration(void) LOCKDAG_WEAK;

/* The lock (of any kind that lockdag knows) is of the class with this name, from now on. */
#define lockdag_name(lock, name) (lockdag_guest_name ? lockdag_guest_name(lock, name) : (void)0)

/* The same for a lock that is nested in others of its name by design: 0 is the outermost and the plain
 * name, 1 to 7 are classes of their own, printed NAME/1 to NAME/7. The order between them is held to
 * like that of any two classes; the level belongs to the lock, not to one acquisition. */
#define lockdag_name_subclass(lock, name, subclass)                                                \
	(lockdag_guest_name_subclass ? lockdag_guest_name_subclass(lock, name, subclass) : (void)0)

/* A lock of the program's own making. */
#define lockdag_acquiring(lock, name, mode)                                                        \
	(lockdag_guest_acquiring ? lockdag_guest_acquiring(lock, name, mode) : (void)0)
#define lockdag_acquired(lock, name, mode)                                                         \
	(lockdag_guest_acquired ? lockdag_guest_acquired(lock, name, mode) : (void)0)
#define lockdag_released(lock) (lockdag_guest_released ? lockdag_guest_released(lock) : (void)0)

/* An event of the program's own making. */
#define lockdag_waiting(event, name)                                                               \
	(lockdag_guest_waiting ? lockdag_guest_waiting(event, name) : (void)0)
#define lockdag_waited(event) (lockdag_guest_waited ? lockdag_guest_waited(event) : (void)0)
#define lockdag_signalled(event, name)                                                             \
	(lockdag_guest_signalled ? lockdag_guest_signalled(event, name) : (void)0)

/* A piece of work: whoever runs it holds it until it returns, whoever waits for it asks for it. */
#define lockdag_work_begin(work, name) lockdag_acquired(work, name, LOCKDAG_WRITE)
#define lockdag_work_end(work) lockdag_released(work)
#define lockdag_work_waiting(work, name) lockdag_acquiring(work, name, LOCKDAG_WRITE)

/* The thread begins with something new. */
#define lockdag_iteration() (lockdag_guest_iteration ? lockdag_guest_iteration() : (void)0)

#ifdef __cplusplus
}
#endif

#endif
