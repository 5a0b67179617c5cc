/* SPDX-License-Identifier: MIT
 *
 * GLib's locks, conditions and asynchronous queues, by their exported functions; what libglib calls
 * inside itself, as GThreadPool does, does not come here. GMutex is GLib's own futex; GRecMutex and
 * GRWLock are pthread locks inside, whose hooks stay out of it while ours runs. GLib is not linked:
 * the real functions are looked up at the first call, which can only come from a program that has
 * GLib.
 */
#include "guest/hooks_event.h"

#define GLIB "libglib-2.0.so.0"

#define GLIB_REAL(name, type)                                                                      \
	static type (*glib_real_##name(uint64_t ip))(void *)                                       \
	{                                                                                          \
		static void *found;                                                                \
                                                                                                   \
		if (LOCKDAG_UNLIKELY(!found))                                                      \
			found = guest_find(#name, GLIB, ip);                                       \
		return (type(*)(void *))found;                                                     \
	}

GLIB_REAL(g_mutex_init, void)
GLIB_REAL(g_mutex_clear, void)
GLIB_REAL(g_mutex_lock, void)
GLIB_REAL(g_mutex_trylock, int)
GLIB_REAL(g_mutex_unlock, void)
GLIB_REAL(g_rec_mutex_init, void)
GLIB_REAL(g_rec_mutex_clear, void)
GLIB_REAL(g_rec_mutex_lock, void)
GLIB_REAL(g_rec_mutex_trylock, int)
GLIB_REAL(g_rec_mutex_unlock, void)
GLIB_REAL(g_rw_lock_init, void)
GLIB_REAL(g_rw_lock_clear, void)
GLIB_REAL(g_rw_lock_reader_lock, void)
GLIB_REAL(g_rw_lock_reader_trylock, int)
GLIB_REAL(g_rw_lock_reader_unlock, void)
GLIB_REAL(g_rw_lock_writer_lock, void)
GLIB_REAL(g_rw_lock_writer_trylock, int)
GLIB_REAL(g_rw_lock_writer_unlock, void)

/* Calls the real function with the inner hooks quiet. */
#define GLIB_QUIET(call)                                                                           \
	do {                                                                                       \
		struct lockdag_block *paused_ = guest_pause();                                     \
		call;                                                                              \
		guest_resume(paused_);                                                             \
	} while (0)

#define GLIB_LOCK(name, type, mode)                                                                \
	GUEST_EXPORT void name(void *lock);                                                        \
	GUEST_EXPORT void name(void *lock)                                                         \
	{                                                                                          \
		struct guest_wait w;                                                               \
		bool watched = guest_wait_begin(&w, lock, type, mode, 0, 0, GUEST_SITE());         \
                                                                                                   \
		GLIB_QUIET(glib_real_##name(GUEST_IP())(lock));                                    \
		if (watched)                                                                       \
			guest_wait_end(&w, true);                                                  \
	}

#define GLIB_TRYLOCK(name, type, mode)                                                             \
	GUEST_EXPORT int name(void *lock);                                                         \
	GUEST_EXPORT int name(void *lock)                                                          \
	{                                                                                          \
		struct guest_wait w;                                                               \
		bool watched =                                                                     \
			guest_wait_begin(&w, lock, type, mode, GUEST_TRY, 0, GUEST_SITE());        \
		int got;                                                                           \
                                                                                                   \
		GLIB_QUIET(got = glib_real_##name(GUEST_IP())(lock));                              \
		if (watched)                                                                       \
			guest_wait_end(&w, got != 0);                                              \
		return got;                                                                        \
	}

#define GLIB_UNLOCK(name, type)                                                                        \
	GUEST_EXPORT void name(void *lock);                                                        \
	GUEST_EXPORT void name(void *lock)                                                         \
	{                                                                                          \
		guest_unlock(lock, type, GUEST_SITE());                                            \
		GLIB_QUIET(glib_real_##name(GUEST_IP())(lock));                                    \
	}

#define GLIB_INIT(name, type)                                                                      \
	GUEST_EXPORT void name(void *lock);                                                        \
	GUEST_EXPORT void name(void *lock)                                                         \
	{                                                                                          \
		const struct guest_site site = GUEST_SITE();                                       \
                                                                                                   \
		GLIB_QUIET(glib_real_##name(GUEST_IP())(lock));                                    \
		guest_born(lock, type, 1, site);                                                   \
	}

#define GLIB_CLEAR(name, type)                                                                     \
	GUEST_EXPORT void name(void *lock);                                                        \
	GUEST_EXPORT void name(void *lock)                                                         \
	{                                                                                          \
		guest_gone(lock, type, GUEST_SITE());                                                            \
		GLIB_QUIET(glib_real_##name(GUEST_IP())(lock));                                    \
	}

GLIB_INIT(g_mutex_init, LOCKDAG_LOCK_GLIB_MUTEX)
GLIB_CLEAR(g_mutex_clear, LOCKDAG_LOCK_GLIB_MUTEX)
GLIB_TRYLOCK(g_mutex_trylock, LOCKDAG_LOCK_GLIB_MUTEX, LOCKDAG_EXCLUSIVE)
GLIB_INIT(g_rec_mutex_init, LOCKDAG_LOCK_GLIB_REC_MUTEX)
GLIB_CLEAR(g_rec_mutex_clear, LOCKDAG_LOCK_GLIB_REC_MUTEX)
GLIB_LOCK(g_rec_mutex_lock, LOCKDAG_LOCK_GLIB_REC_MUTEX, LOCKDAG_EXCLUSIVE)
GLIB_TRYLOCK(g_rec_mutex_trylock, LOCKDAG_LOCK_GLIB_REC_MUTEX, LOCKDAG_EXCLUSIVE)
GLIB_UNLOCK(g_rec_mutex_unlock, LOCKDAG_LOCK_GLIB_REC_MUTEX)
GLIB_INIT(g_rw_lock_init, LOCKDAG_LOCK_GLIB_RW_LOCK)
GLIB_CLEAR(g_rw_lock_clear, LOCKDAG_LOCK_GLIB_RW_LOCK)
GLIB_LOCK(g_rw_lock_reader_lock, LOCKDAG_LOCK_GLIB_RW_LOCK, LOCKDAG_READ_RECURSIVE)
GLIB_TRYLOCK(g_rw_lock_reader_trylock, LOCKDAG_LOCK_GLIB_RW_LOCK, LOCKDAG_READ_RECURSIVE)
GLIB_UNLOCK(g_rw_lock_reader_unlock, LOCKDAG_LOCK_GLIB_RW_LOCK)
GLIB_LOCK(g_rw_lock_writer_lock, LOCKDAG_LOCK_GLIB_RW_LOCK, LOCKDAG_EXCLUSIVE)
GLIB_TRYLOCK(g_rw_lock_writer_trylock, LOCKDAG_LOCK_GLIB_RW_LOCK, LOCKDAG_EXCLUSIVE)
GLIB_UNLOCK(g_rw_lock_writer_unlock, LOCKDAG_LOCK_GLIB_RW_LOCK)

/* ------------------------------------------------------------------ GMutex, the fast way
 *
 * A futex of GLib's own: the real functions do not come back into hooks. */

static LOCKDAG_COLD void glib_mutex_lock_general(void *lock, struct guest_site site)
{
	struct guest_wait w;
	bool watched = guest_wait_begin(
		&w, lock, LOCKDAG_LOCK_GLIB_MUTEX, LOCKDAG_EXCLUSIVE, 0, 0, site);

	glib_real_g_mutex_lock(site.ip)(lock);
	if (watched)
		guest_wait_end(&w, true);
}

GUEST_EXPORT void g_mutex_lock(void *lock);
GUEST_EXPORT void g_mutex_lock(void *lock)
{
	struct lockdag_block *t = guest_ready();
	uint32_t key;

	if (LOCKDAG_UNLIKELY(!t || !guest_plain_shadow(lock, &key))) {
		glib_mutex_lock_general(lock, GUEST_SITE());
		return;
	}
	guest_before(t, lock, key, LOCKDAG_EXCLUSIVE, GUEST_IP(), GUEST_SP(), GUEST_LOOK_UP);
	glib_real_g_mutex_lock(GUEST_IP())(lock);
	guest_after(t, lock, LOCKDAG_LOCK_GLIB_MUTEX, LOCKDAG_EXCLUSIVE, GUEST_IP(), GUEST_SP(), true);
}

GUEST_EXPORT void g_mutex_unlock(void *lock);
GUEST_EXPORT void g_mutex_unlock(void *lock)
{
	guest_unlock(lock, LOCKDAG_LOCK_GLIB_MUTEX, GUEST_SITE());
	glib_real_g_mutex_unlock(GUEST_IP())(lock);
}

/* ------------------------------------------------------------------ condition waits */

GUEST_EXPORT void g_cond_wait(void *cond, void *mutex);
GUEST_EXPORT void g_cond_wait(void *cond, void *mutex)
{
	static void (*real)(void *, void *);
	struct guest_cond_wait c;

	if (!real)
		real = (void (*)(void *, void *))guest_find("g_cond_wait", GLIB, GUEST_IP());
	guest_cond_begin(&c, cond, mutex, LOCKDAG_LOCK_GLIB_MUTEX, 0, 0, GUEST_SITE());
	real(cond, mutex);
	c.signalled = true;
	guest_cond_end(&c);
}

GUEST_EXPORT int g_cond_wait_until(void *cond, void *mutex, int64_t until);
GUEST_EXPORT int g_cond_wait_until(void *cond, void *mutex, int64_t until)
{
	static int (*real)(void *, void *, int64_t);
	const struct timespec until_time = { until / 1000000, until % 1000000 * 1000 };
	struct guest_cond_wait c;
	int signalled;

	if (!real)
		real = (int (*)(void *, void *, int64_t))guest_find("g_cond_wait_until", GLIB, GUEST_IP());
	guest_cond_begin(&c, cond, mutex, LOCKDAG_LOCK_GLIB_MUTEX, GUEST_TIMED,
		guest_until_ms(CLOCK_MONOTONIC, &until_time), GUEST_SITE());
	signalled = real(cond, mutex, until);
	c.signalled = signalled;
	guest_cond_end(&c);
	return signalled;
}

#define GLIB_COND_SIGNAL(name)                                                                     \
	GUEST_EXPORT void name(void *cond);                                                        \
	GUEST_EXPORT void name(void *cond)                                                         \
	{                                                                                          \
		guest_cond_signal(cond, GUEST_SITE());                                             \
		glib_real_##name(GUEST_IP())(cond);                                                \
	}

GLIB_REAL(g_cond_init, void)
GLIB_REAL(g_cond_clear, void)
GLIB_REAL(g_cond_signal, void)
GLIB_REAL(g_cond_broadcast, void)
GLIB_INIT(g_cond_init, LOCKDAG_LOCK_CONDITION)
GLIB_CLEAR(g_cond_clear, LOCKDAG_LOCK_CONDITION)
GLIB_COND_SIGNAL(g_cond_signal)
GLIB_COND_SIGNAL(g_cond_broadcast)

/* ------------------------------------------------------------------ asynchronous queues
 *
 * A pop waits for a push; the queue is the event. Its own lock and condition are GLib's affair. */

static void glib_queue_wait(const void *queue, unsigned flags, uint64_t timeout_us,
	struct guest_site site)
{
	struct lockdag_block *t = guest_current();
	uint32_t key;

	if (t && guest_event_key(t, queue, LOCKDAG_LOCK_EVENT, site, &key))
		guest_event_wait(t, queue, key, LOCKDAG_KEY_NONE, flags,
			timeout_us / 1000 > INT32_MAX ? INT32_MAX
						     : (uint32_t)(timeout_us / 1000),
			0, site);
}

static void glib_queue_waited(void)
{
	struct lockdag_block *t = guest_current();

	if (t)
		guest_event_waited(t);
}

static void glib_queue_signal(const void *queue, struct guest_site site)
{
	struct lockdag_block *t = guest_current();
	uint32_t key;

	if (t && guest_event_key(t, queue, LOCKDAG_LOCK_EVENT, site, &key))
		guest_event_signal(t, queue, key, site);
}

#define GLIB_QUEUE_POP(name)                                                                       \
	GLIB_REAL(name, void *)                                                                    \
	GUEST_EXPORT void *name(void *queue);                                                      \
	GUEST_EXPORT void *name(void *queue)                                                       \
	{                                                                                          \
		void *data;                                                                        \
                                                                                                   \
		glib_queue_wait(queue, 0, 0, GUEST_SITE());                                        \
		data = glib_real_##name(GUEST_IP())(queue);                                        \
		glib_queue_waited();                                                               \
		return data;                                                                       \
	}

#define GLIB_QUEUE_PUSH(name)                                                                      \
	GUEST_EXPORT void name(void *queue, void *data);                                           \
	GUEST_EXPORT void name(void *queue, void *data)                                            \
	{                                                                                          \
		static void (*real)(void *, void *);                                               \
                                                                                                   \
		if (!real)                                                                         \
			real = (void (*)(void *, void *))guest_find(#name, GLIB, GUEST_IP());      \
		glib_queue_signal(queue, GUEST_SITE());                                            \
		real(queue, data);                                                                 \
	}

typedef int glib_compare(const void *, const void *, void *);

/* Into its place in the order of a comparing function. */
#define GLIB_QUEUE_PUSH_SORTED(name)                                                               \
	GUEST_EXPORT void name(void *queue, void *data, glib_compare *compare, void *user);        \
	GUEST_EXPORT void name(void *queue, void *data, glib_compare *compare, void *user)         \
	{                                                                                          \
		static void (*real)(void *, void *, glib_compare *, void *);                       \
                                                                                                   \
		if (!real)                                                                         \
			real = (void (*)(void *, void *, glib_compare *, void *))guest_find(       \
				#name, GLIB, GUEST_IP());                                          \
		glib_queue_signal(queue, GUEST_SITE());                                            \
		real(queue, data, compare, user);                                                  \
	}

GLIB_QUEUE_POP(g_async_queue_pop)
GLIB_QUEUE_POP(g_async_queue_pop_unlocked)
GLIB_QUEUE_PUSH(g_async_queue_push)
GLIB_QUEUE_PUSH(g_async_queue_push_unlocked)
GLIB_QUEUE_PUSH(g_async_queue_push_front)
GLIB_QUEUE_PUSH(g_async_queue_push_front_unlocked)
GLIB_QUEUE_PUSH_SORTED(g_async_queue_push_sorted)
GLIB_QUEUE_PUSH_SORTED(g_async_queue_push_sorted_unlocked)

#define GLIB_QUEUE_TIMEOUT_POP(name)                                                               \
	GUEST_EXPORT void *name(void *queue, uint64_t timeout_us);                                 \
	GUEST_EXPORT void *name(void *queue, uint64_t timeout_us)                                  \
	{                                                                                          \
		static void *(*real)(void *, uint64_t);                                            \
		void *data;                                                                        \
                                                                                                   \
		if (!real)                                                                         \
			real = (void *(*)(void *, uint64_t))guest_find(#name, GLIB, GUEST_IP());   \
		glib_queue_wait(queue, GUEST_TIMED, timeout_us, GUEST_SITE());                     \
		data = real(queue, timeout_us);                                                    \
		glib_queue_waited();                                                               \
		return data;                                                                       \
	}

GLIB_QUEUE_TIMEOUT_POP(g_async_queue_timeout_pop)
GLIB_QUEUE_TIMEOUT_POP(g_async_queue_timeout_pop_unlocked)
