/* SPDX-License-Identifier: MIT
 *
 * libstdc++'s own waits, by their exported functions: futures (an event; libstdc++ comes here only
 * when a get() really has to wait, and when a set wakes such a waiter). libstdc++ is not linked. The
 * guards of function-local statics are in hooks_guard.c.
 */
#include "guest/hooks_event.h"

#define LIBSTDCXX "libstdc++.so.6"

/* ------------------------------------------------------------------ futures
 *
 * std::__atomic_futex_unsigned_base: _M_futex_wait_until (and its steady-clock twin) and
 * _M_futex_notify_all. The futex word lies in the state that promise and future share. */

#define CXX_WAIT "_ZNSt28__atomic_futex_unsigned_base19_M_futex_wait_untilEPjjb"
#define CXX_WAIT_STEADY "_ZNSt28__atomic_futex_unsigned_base26_M_futex_wait_until_steadyEPjjb"
#define CXX_DURATIONS                                                                              \
	"NSt6chrono8durationIlSt5ratioILl1ELl1EEEENS2_IlS3_ILl1ELl1000000000EEEE"
#define CXX_NOTIFY "_ZNSt28__atomic_futex_unsigned_base19_M_futex_notify_allEPj"

typedef bool cxx_wait(void *self, unsigned *word, unsigned value, bool timed, long s, long ns);

static bool cxx_key(
	struct lockdag_block *t, const unsigned *word, struct guest_site site, uint32_t *ret_key)
{
	if (!t)
		return false;
	if (!guest_lookup(word, LOCKDAG_LOCK_EVENT, ret_key))
		guest_name(word, "future_get");
	return guest_event_key(t, word, LOCKDAG_LOCK_EVENT, site, ret_key);
}

/* The thread, if it is going to wait: value is the state with the bit in it that a waiter sets. A value that was
 * set before that bit has changed the state, and nobody will wake this waiter; later ones see the bit. */
static struct lockdag_block *cxx_waits(const unsigned *word, unsigned value)
{
	return lockdag_load_relaxed(word) == value ? guest_current() : NULL;
}

static uint32_t cxx_until_ms(clockid_t clock, long s, long ns)
{
	const struct timespec until = { s, ns };

	return guest_until_ms(clock, &until);
}

#define CXX_FUTURE_WAIT(name, symbol, clock)                                                       \
	GUEST_EXPORT cxx_wait name __asm__(symbol CXX_DURATIONS);                                  \
	GUEST_EXPORT bool name(                                                                    \
		void *self, unsigned *word, unsigned value, bool timed, long s, long ns)           \
	{                                                                                          \
		static cxx_wait *real;                                                             \
		struct lockdag_block *t = cxx_waits(word, value);                                  \
		uint32_t key = LOCKDAG_KEY_NONE;                                                   \
		bool r;                                                                            \
                                                                                                   \
		if (!real)                                                                         \
			real = (cxx_wait *)guest_find(symbol CXX_DURATIONS, LIBSTDCXX, GUEST_IP());            \
		guest_worker.future = word;                                                        \
		if (cxx_key(t, word, GUEST_SITE(), &key))                                          \
			guest_event_wait(t, word, key, LOCKDAG_KEY_NONE, timed ? GUEST_TIMED : 0,  \
				timed ? cxx_until_ms(clock, s, ns) : 0, 0, GUEST_SITE());          \
		r = real(self, word, value, timed, s, ns);                                         \
		if (t)                                                                             \
			guest_event_waited(t);                                                     \
		if (t && key != LOCKDAG_KEY_NONE && lockdag_load_relaxed(word) != value)           \
			guest_point_got(t, key, GUEST_SP());                                       \
		return r;                                                                          \
	}

CXX_FUTURE_WAIT(guest_future_wait, CXX_WAIT, CLOCK_REALTIME)
CXX_FUTURE_WAIT(guest_future_wait_steady, CXX_WAIT_STEADY, CLOCK_MONOTONIC)

GUEST_EXPORT void guest_future_notify(unsigned *word) __asm__(CXX_NOTIFY);
GUEST_EXPORT void guest_future_notify(unsigned *word)
{
	static void (*real)(unsigned *);
	struct lockdag_block *t = guest_current();
	uint32_t key;

	if (!real)
		real = (void (*)(unsigned *))guest_find(CXX_NOTIFY, LIBSTDCXX, GUEST_IP());
	if (cxx_key(t, word, GUEST_SITE(), &key)) {
		guest_event_signal(t, word, key, GUEST_SITE());
		guest_point_set(t, key, GUEST_SP());
	}
	real(word);
}
