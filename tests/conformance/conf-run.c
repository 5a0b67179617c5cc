/* SPDX-License-Identifier: MIT
 *
 * conf-run KIND NOTATION: runs one row of the matrix with real locks of one kind (conf-run.h).
 * With CONF_GLIB the kinds are GLib's.
 */
#include "conf-run.h"

#include <semaphore.h>
#include <threads.h>

static SET_OF(pthread_mutex_t) mutexes;

static struct timespec deadline(enum notation_do what)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	t.tv_sec += what == NOTATION_SHORT ? 1 : 60;
	return t;
}

/* ------------------------------------------------------------------ pthread mutexes */

static bool mutex_lock(void *lock, enum notation_do what, char way)
{
	struct timespec t;

	(void)way;
	if (what == NOTATION_LOCK)
		return !pthread_mutex_lock(lock);
	if (what == NOTATION_TRY)
		return !pthread_mutex_trylock(lock);
	t = deadline(what);
	return !pthread_mutex_timedlock(lock, &t);
}

static void mutex_unlock(void *lock, char way)
{
	(void)way;
	pthread_mutex_unlock(lock);
}

#ifdef CONF_GLIB
#include <glib.h>

static SET_OF(GMutex) g_mutexes;
static SET_OF(GRecMutex) g_rec_mutexes;
static SET_OF(GRWLock) g_rw_locks;

static bool gmutex_lock(void *lock, enum notation_do what, char way)
{
	(void)way;
	if (what == NOTATION_TRY)
		return g_mutex_trylock(lock);
	g_mutex_lock(lock);
	return true;
}

static void gmutex_unlock(void *lock, char way)
{
	(void)way;
	g_mutex_unlock(lock);
}

static bool grec_lock(void *lock, enum notation_do what, char way)
{
	(void)way;
	if (what == NOTATION_TRY)
		return g_rec_mutex_trylock(lock);
	g_rec_mutex_lock(lock);
	return true;
}

static void grec_unlock(void *lock, char way)
{
	(void)way;
	g_rec_mutex_unlock(lock);
}

static bool grw_lock(void *lock, enum notation_do what, char way)
{
	if (what == NOTATION_TRY)
		return way == 'r' ? g_rw_lock_reader_trylock(lock) : g_rw_lock_writer_trylock(lock);
	if (way == 'r')
		g_rw_lock_reader_lock(lock);
	else
		g_rw_lock_writer_lock(lock);
	return true;
}

static void grw_unlock(void *lock, char way)
{
	if (way == 'r')
		g_rw_lock_reader_unlock(lock);
	else
		g_rw_lock_writer_unlock(lock);
}

static const struct kind kinds[] = {
	{"gmutex", &g_mutexes, sizeof(GMutex), 'w', NULL, gmutex_lock, gmutex_unlock},
	{"grec", &g_rec_mutexes, sizeof(GRecMutex), 'w', NULL, grec_lock, grec_unlock},
	{"grw-w", &g_rw_locks, sizeof(GRWLock), 'w', NULL, grw_lock, grw_unlock},
	{"grw-r", &g_rw_locks, sizeof(GRWLock), 'r', NULL, grw_lock, grw_unlock},
};

#else

static SET_OF(pthread_mutex_t *) heap_mutexes;
static SET_OF(pthread_rwlock_t) rwlocks;
static SET_OF(pthread_spinlock_t) spinlocks;
static SET_OF(sem_t) semaphores;
static SET_OF(mtx_t) mtxs;

static void mutex_init(void *lock, int type, int protocol, int robust, int shared)
{
	pthread_mutexattr_t a;

	pthread_mutexattr_init(&a);
	pthread_mutexattr_settype(&a, type);
	pthread_mutexattr_setprotocol(&a, protocol);
	pthread_mutexattr_setrobust(&a, robust);
	pthread_mutexattr_setpshared(&a, shared);
	pthread_mutex_init(lock, &a);
	pthread_mutexattr_destroy(&a);
}

#define MUTEX_KIND(name, type, protocol, robust, shared)                                           \
	static void init_##name(void *lock, char letter)                                           \
	{                                                                                          \
		(void)letter;                                                                      \
		mutex_init(lock, type, protocol, robust, shared);                                  \
	}
#define STALLED PTHREAD_MUTEX_STALLED
#define PRIVATE PTHREAD_PROCESS_PRIVATE
MUTEX_KIND(recursive, PTHREAD_MUTEX_RECURSIVE, PTHREAD_PRIO_NONE, STALLED, PRIVATE)
MUTEX_KIND(errorcheck, PTHREAD_MUTEX_ERRORCHECK, PTHREAD_PRIO_NONE, STALLED, PRIVATE)
MUTEX_KIND(adaptive, PTHREAD_MUTEX_ADAPTIVE_NP, PTHREAD_PRIO_NONE, STALLED, PRIVATE)
MUTEX_KIND(robust, PTHREAD_MUTEX_NORMAL, PTHREAD_PRIO_NONE, PTHREAD_MUTEX_ROBUST, PRIVATE)
MUTEX_KIND(inherit, PTHREAD_MUTEX_NORMAL, PTHREAD_PRIO_INHERIT, STALLED, PRIVATE)
MUTEX_KIND(pshared, PTHREAD_MUTEX_NORMAL, PTHREAD_PRIO_NONE, STALLED, PTHREAD_PROCESS_SHARED)

/* Locks on the heap have their class from the place where they are initialised: one a letter. */
#define NEW(c)                                                                                     \
	static __attribute__((noinline)) pthread_mutex_t *new_##c(void)                            \
	{                                                                                          \
		pthread_mutex_t *c = malloc(sizeof(*c));                                           \
                                                                                                   \
		pthread_mutex_init(c, NULL);                                                       \
		return c;                                                                          \
	}
/* clang-format off */
NEW(A) NEW(B) NEW(C) NEW(D) NEW(E) NEW(F) NEW(G) NEW(H) NEW(M) NEW(N) NEW(X) NEW(Y) NEW(Z)

static void heap_init(void *lock, char letter)
{
	static pthread_mutex_t *(*const news[])(void) = {new_A, new_B, new_C, new_D, new_E, new_F,
		new_G, new_H, new_M, new_N, new_X, new_Y, new_Z};

	*(pthread_mutex_t **)lock = news[strchr(NOTATION_LETTERS, letter) - NOTATION_LETTERS]();
}
/* clang-format on */

static bool heap_lock(void *lock, enum notation_do what, char way)
{
	return mutex_lock(*(pthread_mutex_t **)lock, what, way);
}

static void heap_unlock(void *lock, char way)
{
	mutex_unlock(*(pthread_mutex_t **)lock, way);
}

/* ------------------------------------------------------------------ reader-writer locks */

static void rw_init(void *lock, int kind)
{
	pthread_rwlockattr_t a;

	pthread_rwlockattr_init(&a);
	pthread_rwlockattr_setkind_np(&a, kind);
	pthread_rwlock_init(lock, &a);
	pthread_rwlockattr_destroy(&a);
}

static void rw_init_writer(void *lock, char letter)
{
	(void)letter;
	rw_init(lock, PTHREAD_RWLOCK_PREFER_WRITER_NP);
}

static void rw_init_fair(void *lock, char letter)
{
	(void)letter;
	rw_init(lock, PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP);
}

static bool rw_lock(void *lock, enum notation_do what, char way)
{
	struct timespec t;

	if (what == NOTATION_LOCK)
		return !(way == 'r' ? pthread_rwlock_rdlock(lock) : pthread_rwlock_wrlock(lock));
	if (what == NOTATION_TRY)
		return !(way == 'r' ? pthread_rwlock_tryrdlock(lock)
				    : pthread_rwlock_trywrlock(lock));
	t = deadline(what);
	return !(way == 'r' ? pthread_rwlock_timedrdlock(lock, &t)
			    : pthread_rwlock_timedwrlock(lock, &t));
}

static void rw_unlock(void *lock, char way)
{
	(void)way;
	pthread_rwlock_unlock(lock);
}

/* ------------------------------------------------------------------ others */

static void spin_init(void *lock, char letter)
{
	(void)letter;
	pthread_spin_init(lock, PTHREAD_PROCESS_PRIVATE);
}

static bool spin_lock(void *lock, enum notation_do what, char way)
{
	(void)way;
	return !(what == NOTATION_TRY ? pthread_spin_trylock(lock) : pthread_spin_lock(lock));
}

static void spin_unlock(void *lock, char way)
{
	(void)way;
	pthread_spin_unlock(lock);
}

static void semaphore_init(void *lock, char letter)
{
	(void)letter;
	sem_init(lock, 0, 1);
}

static bool semaphore_lock(void *lock, enum notation_do what, char way)
{
	struct timespec t;

	(void)way;
	if (what == NOTATION_LOCK)
		return !sem_wait(lock);
	if (what == NOTATION_TRY)
		return !sem_trywait(lock);
	t = deadline(what);
	return !sem_timedwait(lock, &t);
}

static void semaphore_unlock(void *lock, char way)
{
	(void)way;
	sem_post(lock);
}

static void mtx_init_plain(void *lock, char letter)
{
	(void)letter;
	mtx_init(lock, mtx_timed);
}

static void mtx_init_recursive(void *lock, char letter)
{
	(void)letter;
	mtx_init(lock, mtx_timed | mtx_recursive);
}

static bool c11_lock(void *lock, enum notation_do what, char way)
{
	struct timespec t;

	(void)way;
	if (what == NOTATION_LOCK)
		return mtx_lock(lock) == thrd_success;
	if (what == NOTATION_TRY)
		return mtx_trylock(lock) == thrd_success;
	t = deadline(what);
	return mtx_timedlock(lock, &t) == thrd_success;
}

static void c11_unlock(void *lock, char way)
{
	(void)way;
	mtx_unlock(lock);
}

#define MUTEX(name, init)                                                                          \
	{                                                                                          \
		name, &mutexes, sizeof(pthread_mutex_t), 'w', init, mutex_lock, mutex_unlock       \
	}
#define RWLOCK(name, way, init)                                                                    \
	{                                                                                          \
		name, &rwlocks, sizeof(pthread_rwlock_t), way, init, rw_lock, rw_unlock            \
	}

static const struct kind kinds[] = {
	MUTEX("mutex", NULL),
	{"heap", &heap_mutexes, sizeof(pthread_mutex_t *), 'w', heap_init, heap_lock, heap_unlock},
	MUTEX("recursive", init_recursive),
	MUTEX("errorcheck", init_errorcheck),
	MUTEX("adaptive", init_adaptive),
	MUTEX("robust", init_robust),
	MUTEX("inherit", init_inherit),
	MUTEX("pshared", init_pshared),
	{"spin", (void *)&spinlocks, sizeof(pthread_spinlock_t), 'w', spin_init, spin_lock,
		spin_unlock},
	RWLOCK("rw-w", 'w', NULL),
	RWLOCK("rw-r", 'r', NULL),
	RWLOCK("rwnp-w", 'w', rw_init_writer),
	RWLOCK("rwnp-r", 'r', rw_init_writer),
	RWLOCK("fair-w", 'w', rw_init_fair),
	RWLOCK("fair-r", 'r', rw_init_fair),
	{"sem", &semaphores, sizeof(sem_t), 'w', semaphore_init, semaphore_lock, semaphore_unlock},
	{"mtx", &mtxs, sizeof(mtx_t), 'w', mtx_init_plain, c11_lock, c11_unlock},
	{"mtx-rec", &mtxs, sizeof(mtx_t), 'w', mtx_init_recursive, c11_lock, c11_unlock},
};

#endif

int main(int argc, char **argv)
{
	static const struct kind plain = {
		"plain", &mutexes, sizeof(pthread_mutex_t), 'w', NULL, mutex_lock, mutex_unlock};

	return run_main(argc, argv, kinds, sizeof(kinds) / sizeof(kinds[0]), &plain);
}
