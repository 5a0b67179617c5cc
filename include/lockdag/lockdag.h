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
 *   nesting		lockdag_lock_nested(&m, 1);	the next acquisition of m is of level 1
 *			lockdag_nest_lock(&m, &outer);	it is under outer, as all that nest in m's class
 *   assertions		lockdag_assert_held(&m);	..._held_read, _held_write, _not_held
 *			lockdag_assert_none_held();
 *			lockdag_might_lock(&m);		it could be taken here
 *   orders		lockdag_order("cache.lock", "log.lock")	what comes first, by name
 *   own locks		lockdag_acquiring(l, "my lock", LOCKDAG_WRITE);	before it may block
 *			lockdag_acquired(l, "my lock", LOCKDAG_WRITE);	once it is held
 *			lockdag_released(l);				before it is let go
 *			lockdag_destroyed(l);				its address may be another's soon
 *			(a try that succeeded: acquired alone)
 *   completions	lockdag_waiting(e, "done"); ... lockdag_waited(e);	round the wait
 *			lockdag_signalled(e, "done");			before the signal
 *   work		lockdag_work_begin(w, "flush work"); ... lockdag_work_end(w);	in the worker
 *			lockdag_work_waiting(w, "flush work"); ... lockdag_waited(w);	who waits for it
 *   pools		lockdag_pool(p, "workers", n); lockdag_work_queued(w, "flush work", p);
 *   contexts		lockdag_iteration();	what this thread did until now is no evidence for what
 *						it signals from now on
 *
 * lockdag.h(3) says more about each. Weak functions are found at run time in position-independent code,
 * which is what compilers make by default; in a program that is linked with -no-pie from objects
 * compiled without -fPIC or -fPIE they never are.
 */
#ifndef LOCKDAG_LOCKDAG_H
#define LOCKDAG_LOCKDAG_H

#include <pthread.h>

#ifdef __cplusplus
extern "C" {
#endif

/* How a lock is asked for or held. */
enum {
	LOCKDAG_WRITE = 0,		/* alone */
	LOCKDAG_SHARED_RECURSIVE = 1,	/* with other readers, past queued writers */
	LOCKDAG_SHARED = 2		/* with other readers, behind queued writers */
};

/* What is asserted. */
enum {
	LOCKDAG_ASSERT_HELD,
	LOCKDAG_ASSERT_HELD_READ,
	LOCKDAG_ASSERT_HELD_WRITE,
	LOCKDAG_ASSERT_NOT_HELD,
	LOCKDAG_ASSERT_NONE_HELD
};

/* What an address is of, so far as its type tells. */
enum { LOCKDAG_KIND_ANY, LOCKDAG_KIND_MUTEX, LOCKDAG_KIND_RWLOCK };

#define LOCKDAG_WEAK __attribute__((weak))

void lockdag_guest_name(const void *object, const char *name) LOCKDAG_WEAK;
void lockdag_guest_name_subclass(const void *object, const char *name,
	unsigned subclass) LOCKDAG_WEAK;
void lockdag_guest_acquiring(const void *object, const char *name, int mode) LOCKDAG_WEAK;
void lockdag_guest_acquired(const void *object, const char *name, int mode) LOCKDAG_WEAK;
void lockdag_guest_released(const void *object) LOCKDAG_WEAK;
void lockdag_guest_destroyed(const void *object) LOCKDAG_WEAK;
void lockdag_guest_assert(const void *lock, int kind, int what) LOCKDAG_WEAK;
void lockdag_guest_might_lock(const void *lock, int kind, int mode) LOCKDAG_WEAK;
void lockdag_guest_next(const void *lock, int kind, unsigned level, const void *outer,
	int outer_kind) LOCKDAG_WEAK;
void lockdag_guest_order(const char *before, const char *after) LOCKDAG_WEAK;
void lockdag_guest_work_begin(const void *work, const char *name) LOCKDAG_WEAK;
void lockdag_guest_work_end(const void *work) LOCKDAG_WEAK;
void lockdag_guest_pool(const void *pool, const char *name, unsigned workers) LOCKDAG_WEAK;
void lockdag_guest_work_queued(const void *work, const char *name, const void *pool) LOCKDAG_WEAK;
void lockdag_guest_work_waiting(const void *work, const char *name) LOCKDAG_WEAK;
void lockdag_guest_waiting(const void *event, const char *name) LOCKDAG_WEAK;
void lockdag_guest_waited(const void *event) LOCKDAG_WEAK;
void lockdag_guest_signalled(const void *event, const char *name) LOCKDAG_WEAK;
void lockdag_guest_iteration(void) LOCKDAG_WEAK;

/* LOCKDAG_KIND(lock): of a pointer to a mutex or rwlock of pthreads, of the C library or, in C++, of the
 * standard library or anything else whose native_handle() is such a pointer. LOCKDAG_ADDRESS(lock): of
 * that mutex or rwlock, else the pointer itself. */
#ifdef __cplusplus
extern "C++" {
namespace lockdag_kind
{
template <class H> struct handle {
	enum { kind = LOCKDAG_KIND_ANY };
	template <class L> static const void *address(L *lock) { return lock; }
};
template <> struct handle<pthread_mutex_t *> {
	enum { kind = LOCKDAG_KIND_MUTEX };
	template <class L> static const void *address(L *lock) { return lock->native_handle(); }
	static const void *address(pthread_mutex_t *lock) { return lock; }
};
template <> struct handle<pthread_rwlock_t *> {
	enum { kind = LOCKDAG_KIND_RWLOCK };
	template <class L> static const void *address(L *lock) { return lock->native_handle(); }
	static const void *address(pthread_rwlock_t *lock) { return lock; }
};

/* What has a native_handle(), and what has none. */
template <class L>
handle<decltype(static_cast<L *>(0)->native_handle())> of(
	L *, decltype(static_cast<L *>(0)->native_handle()) *)
{
	return handle<decltype(static_cast<L *>(0)->native_handle())>();
}
template <class L> handle<L *> of(L *, ...)
{
	return handle<L *>();
}

template <class L> int kind(const volatile L *lock)
{
	return decltype(of(const_cast<L *>(lock), 0))::kind;
}
template <class L> const void *address(const volatile L *lock)
{
	return decltype(of(const_cast<L *>(lock), 0))::address(const_cast<L *>(lock));
}
inline int kind(const volatile void *)
{
	return LOCKDAG_KIND_ANY;
}
inline const void *address(const volatile void *lock)
{
	return const_cast<const void *>(lock);
}
} /* namespace lockdag_kind */
}
#define LOCKDAG_KIND(lock) (lockdag_kind::kind(lock))
#define LOCKDAG_ADDRESS(lock) (lockdag_kind::address(lock))
#else
#define LOCKDAG_IS(lock, type)                                                                     \
	(__builtin_types_compatible_p(__typeof__(0 ? (lock) : (lock)), type *) ||                  \
		__builtin_types_compatible_p(__typeof__(0 ? (lock) : (lock)), const type *))
#ifdef _THREADS_H /* <threads.h> was included before */
#define LOCKDAG_IS_MTX(lock) LOCKDAG_IS(lock, mtx_t)
#else
#define LOCKDAG_IS_MTX(lock) 0
#endif
#ifdef PTHREAD_RWLOCK_INITIALIZER /* not in strict C99 without a feature test macro */
#define LOCKDAG_IS_RWLOCK(lock) LOCKDAG_IS(lock, pthread_rwlock_t)
#else
#define LOCKDAG_IS_RWLOCK(lock) 0
#endif
#define LOCKDAG_KIND(lock)                                                                         \
	(LOCKDAG_IS(lock, pthread_mutex_t) || LOCKDAG_IS_MTX(lock) ? LOCKDAG_KIND_MUTEX            \
			: LOCKDAG_IS_RWLOCK(lock) ? LOCKDAG_KIND_RWLOCK                 \
							     : LOCKDAG_KIND_ANY)
#define LOCKDAG_ADDRESS(lock) (lock)
#endif

/* The lock (of any kind that lockdag knows) is of the class with this name, from now on. */
#define lockdag_name(lock, name) (lockdag_guest_name ? lockdag_guest_name(lock, name) : (void)0)

/* The same for a lock that is nested in others of its name by design: 0 is the outermost and the plain
 * name, 1 to 7 are classes of their own, printed NAME/1 to NAME/7. The order between them is held to
 * like that of any two classes; the level belongs to the lock, not to one acquisition. */
#define lockdag_name_subclass(lock, name, subclass)                                                \
	(lockdag_guest_name_subclass ? lockdag_guest_name_subclass(lock, name, subclass) : (void)0)

/* The next acquisition of the lock by this thread, which follows at once, is of this level (1 to 63): its
 * class is NAME/level. The lock stays the same one. */
#define lockdag_lock_nested(lock, level)                                                           \
	(lockdag_guest_next ? lockdag_guest_next(LOCKDAG_ADDRESS(lock), LOCKDAG_KIND(lock), level, (const void *)0, \
				      LOCKDAG_KIND_ANY)                                            \
			    : (void)0)

/* The next acquisition of the lock by this thread, which follows at once, is made with outer held, as all
 * are that take several locks of this class: they may do that in any order. That outer is held is asserted. */
#define lockdag_nest_lock(lock, outer)                                                             \
	(lockdag_guest_next ? lockdag_guest_next(LOCKDAG_ADDRESS(lock), LOCKDAG_KIND(lock), 0, LOCKDAG_ADDRESS(outer),               \
				      LOCKDAG_KIND(outer))                                         \
			    : (void)0)

/* What must hold here, of this thread; a finding if it does not. _held: in any mode. */
#define lockdag_assert_(lock, what)                                                                \
	(lockdag_guest_assert ? lockdag_guest_assert(LOCKDAG_ADDRESS(lock), LOCKDAG_KIND(lock), what) : (void)0)
#define lockdag_assert_held(lock) lockdag_assert_(lock, LOCKDAG_ASSERT_HELD)
#define lockdag_assert_held_read(lock) lockdag_assert_(lock, LOCKDAG_ASSERT_HELD_READ)
#define lockdag_assert_held_write(lock) lockdag_assert_(lock, LOCKDAG_ASSERT_HELD_WRITE)
#define lockdag_assert_not_held(lock) lockdag_assert_(lock, LOCKDAG_ASSERT_NOT_HELD)
#define lockdag_assert_none_held()                                                                 \
	(lockdag_guest_assert ? lockdag_guest_assert((const void *)0, LOCKDAG_KIND_ANY,            \
					LOCKDAG_ASSERT_NONE_HELD)                                  \
			      : (void)0)

/* The lock could be taken here, though it is not in this run: what is held now comes before it. A lock
 * that is neither pthreads' nor C++'s must have been taken, or named, before. */
#define lockdag_might_lock(lock)                                                                   \
	(lockdag_guest_might_lock                                                                  \
			? lockdag_guest_might_lock(LOCKDAG_ADDRESS(lock), LOCKDAG_KIND(lock), LOCKDAG_WRITE)        \
			: (void)0)
#define lockdag_might_lock_read(lock)                                                              \
	(lockdag_guest_might_lock ? lockdag_guest_might_lock(LOCKDAG_ADDRESS(lock), LOCKDAG_KIND(lock),             \
					    LOCKDAG_SHARED_RECURSIVE)                              \
				  : (void)0)

/* Locks called `before`, as reports call them, come before those called `after`. Whoever asks for one of
 * the first while it holds one of the second is a finding, whether or not the other order was seen.
 * `lockdag run --order FILE` takes the same from a file. */
#define lockdag_order(before, after)                                                               \
	(lockdag_guest_order ? lockdag_guest_order(before, after) : (void)0)

/* A lock of the program's own making. */
#define lockdag_acquiring(lock, name, mode)                                                        \
	(lockdag_guest_acquiring ? lockdag_guest_acquiring(lock, name, mode) : (void)0)
#define lockdag_acquired(lock, name, mode)                                                         \
	(lockdag_guest_acquired ? lockdag_guest_acquired(lock, name, mode) : (void)0)
#define lockdag_released(lock) (lockdag_guest_released ? lockdag_guest_released(lock) : (void)0)
#define lockdag_destroyed(lock) (lockdag_guest_destroyed ? lockdag_guest_destroyed(lock) : (void)0)

/* An event of the program's own making. */
#define lockdag_waiting(event, name)                                                               \
	(lockdag_guest_waiting ? lockdag_guest_waiting(event, name) : (void)0)
#define lockdag_waited(event) (lockdag_guest_waited ? lockdag_guest_waited(event) : (void)0)
#define lockdag_signalled(event, name)                                                             \
	(lockdag_guest_signalled ? lockdag_guest_signalled(event, name) : (void)0)

/* A piece of work: whoever runs it holds it until it returns, whoever waits for it asks for it. */
#define lockdag_work_begin(work, name)                                                             \
	(lockdag_guest_work_begin ? lockdag_guest_work_begin(work, name) : (void)0)
#define lockdag_work_end(work) (lockdag_guest_work_end ? lockdag_guest_work_end(work) : (void)0)
#define lockdag_work_waiting(work, name)                                                           \
	(lockdag_guest_work_waiting ? lockdag_guest_work_waiting(work, name) : (void)0)

/* A pool of a fixed number of workers, and work that is given to it (before it is). That work has to wait for
 * a worker is looked at where work of the pool waits for other work of it: once as many of them as there
 * are workers do so at once. */
#define lockdag_pool(pool, name, workers)                                                          \
	(lockdag_guest_pool ? lockdag_guest_pool(pool, name, workers) : (void)0)
#define lockdag_work_queued(work, name, pool)                                                      \
	(lockdag_guest_work_queued ? lockdag_guest_work_queued(work, name, pool) : (void)0)

/* The thread begins with something new. */
#define lockdag_iteration() (lockdag_guest_iteration ? lockdag_guest_iteration() : (void)0)

#ifdef __cplusplus
}
#endif

#endif
