/* SPDX-License-Identifier: MIT
 *
 * The calls that install handlers and change masks. What the program asks about its handlers is
 * answered from our table where the kernel has ours.
 *
 * A child of vfork shares our memory but not our handlers: what it installs goes past us.
 */
#include "guest/descriptor.h"
#include "guest/hooks.h"
#include "guest/signals.h"

#include <errno.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/select.h>
#include <unistd.h>

#define REAL(name) (guest_reals()->name)

/* ------------------------------------------------------------------ handlers */

static bool signal_is_ours(const struct sigaction *a)
{
	return a->sa_sigaction == guest_signal_entry;
}

/* What the program would see in place of ours. */
static void signal_translate(struct sigaction *old, uint64_t word)
{
	if (!old || !signal_is_ours(old))
		return;
	old->sa_handler = (void (*)(int))(word & ~GUEST_SIGNAL_INFO);
	if (!(word & GUEST_SIGNAL_INFO))
		old->sa_flags &= ~SA_SIGINFO;
}

static bool signal_is_function(const struct sigaction *a)
{
	return a->sa_handler != SIG_DFL && a->sa_handler != SIG_IGN && a->sa_handler != SIG_ERR;
}

/* The thread's block where handlers are to be ours. */
static struct lockdag_block *signal_watched(int signal)
{
	struct lockdag_block *t = signal > 0 && signal < GUEST_N_SIGNALS ? guest_current() : NULL;

	return t && guest_process_row(guest_process.row)->pid == getpid() ? t : NULL;
}

static void signal_handled(int signal, bool handled, struct guest_site site)
{
	uint64_t bit = GUEST_SIGNAL_BIT(signal);

	if (handled == ((lockdag_load_relaxed(&guest_signals.handled) & bit) != 0))
		return;
	if (handled)
		lockdag_or_relaxed(&guest_signals.handled, bit);
	else
		lockdag_and_relaxed(&guest_signals.handled, ~bit);
	guest_signals_publish(site);
}

/* Our word is there before the kernel calls us by it. */
static int signal_install(int signal, const struct sigaction *act, struct sigaction *old,
	struct guest_site site)
{
	uint64_t bit = GUEST_SIGNAL_BIT(signal);
	uint64_t word = lockdag_load_relaxed(&guest_signals.words[signal]);
	uint64_t mask = lockdag_load_relaxed(&guest_signals.masks[signal]);
	struct sigaction mine = *act;
	int r;

	lockdag_store_relaxed(&guest_signals.masks[signal],
		guest_signal_word(&act->sa_mask) | (act->sa_flags & SA_NODEFER ? 0 : bit));
	lockdag_store_release(&guest_signals.words[signal], /* pairs with: guest_signal_entry */
		(uint64_t)act->sa_handler | (act->sa_flags & SA_SIGINFO ? GUEST_SIGNAL_INFO : 0));
	mine.sa_sigaction = guest_signal_entry;
	mine.sa_flags |= SA_SIGINFO;
	r = REAL(sigaction)(signal, &mine, old);
	if (r) {
		lockdag_store_relaxed(&guest_signals.words[signal], word);
		lockdag_store_relaxed(&guest_signals.masks[signal], mask);
		return r;
	}
	if (act->sa_flags & (int)SA_RESETHAND)
		lockdag_or_relaxed(&guest_signals.once, bit);
	else
		lockdag_and_relaxed(&guest_signals.once, ~bit);
	signal_handled(signal, true, site);
	return 0;
}

static int signal_action(int signal, const struct sigaction *act, struct sigaction *old,
	struct guest_site site)
{
	struct lockdag_block *t = signal_watched(signal);
	struct sigaction was;
	uint64_t word;
	int r;

	if (signal <= 0 || signal >= GUEST_N_SIGNALS)
		return REAL(sigaction)(signal, act, old);
	word = lockdag_load_relaxed(&guest_signals.words[signal]);
	if (t && act && signal_is_function(act) && !signal_is_ours(act)) {
		r = signal_install(signal, act, &was, site); /* old may be act */
	} else {
		r = REAL(sigaction)(signal, act, &was);
		if (!r && t && act && !signal_is_ours(act))
			signal_handled(signal, false, site);
	}
	if (r)
		return r;
	signal_translate(&was, word);
	if (old)
		*old = was;
	return 0;
}

GUEST_EXPORT int sigaction(int signal, const struct sigaction *act, struct sigaction *old)
{
	return signal_action(signal, act, old, GUEST_SITE());
}

GUEST_EXPORT int __sigaction(int signal, const struct sigaction *act, struct sigaction *old);
GUEST_EXPORT int __sigaction(int signal, const struct sigaction *act, struct sigaction *old)
{
	return signal_action(signal, act, old, GUEST_SITE());
}

static sighandler_t signal_simple(int signal, sighandler_t handler, int flags, bool defers,
	struct guest_site site)
{
	struct sigaction act = { .sa_handler = handler, .sa_flags = flags }, old;

	if (handler == SIG_ERR || signal < 1 || signal >= GUEST_N_SIGNALS) {
		errno = EINVAL;
		return SIG_ERR;
	}
	if (defers)
		act.sa_mask.__val[0] = GUEST_SIGNAL_BIT(signal);
	return signal_action(signal, &act, &old, site) ? SIG_ERR : old.sa_handler;
}

static sighandler_t signal_bsd(int signal, sighandler_t handler, struct guest_site site)
{
	bool interrupts = signal > 0 && signal < GUEST_N_SIGNALS &&
		lockdag_load_relaxed(&guest_signals.interrupting) & GUEST_SIGNAL_BIT(signal);

	return signal_simple(signal, handler, interrupts ? 0 : SA_RESTART, true, site);
}

static sighandler_t signal_sysv(int signal, sighandler_t handler, struct guest_site site)
{
	return signal_simple(
		signal, handler, (int)(SA_RESETHAND | SA_NODEFER | SA_INTERRUPT), false, site);
}

GUEST_EXPORT sighandler_t signal(int number, sighandler_t handler)
{
	return signal_bsd(number, handler, GUEST_SITE());
}

GUEST_EXPORT sighandler_t bsd_signal(int number, sighandler_t handler);
GUEST_EXPORT sighandler_t bsd_signal(int number, sighandler_t handler)
{
	return signal_bsd(number, handler, GUEST_SITE());
}

GUEST_EXPORT sighandler_t ssignal(int number, sighandler_t handler)
{
	return signal_bsd(number, handler, GUEST_SITE());
}

GUEST_EXPORT sighandler_t sysv_signal(int number, sighandler_t handler)
{
	return signal_sysv(number, handler, GUEST_SITE());
}

GUEST_EXPORT sighandler_t __sysv_signal(int number, sighandler_t handler)
{
	return signal_sysv(number, handler, GUEST_SITE());
}

GUEST_EXPORT int siginterrupt(int number, int interrupts)
{
	int r = REAL(siginterrupt)(number, interrupts);

	if (!r && interrupts)
		lockdag_or_relaxed(&guest_signals.interrupting, GUEST_SIGNAL_BIT(number));
	else if (!r)
		lockdag_and_relaxed(&guest_signals.interrupting, ~GUEST_SIGNAL_BIT(number));
	return r;
}

GUEST_EXPORT int sigignore(int number)
{
	return signal_simple(number, SIG_IGN, 0, false, GUEST_SITE()) == SIG_ERR ? -1 : 0;
}

GUEST_EXPORT int timer_create(clockid_t clock, struct sigevent *event, timer_t *timer)
{
	if (event && event->sigev_notify == SIGEV_THREAD_ID && event->sigev_signo > 0 &&
		event->sigev_signo < GUEST_N_SIGNALS)
		lockdag_or_relaxed(&guest_signals.timers, GUEST_SIGNAL_BIT(event->sigev_signo));
	return REAL(timer_create)(clock, event, timer);
}

/* ------------------------------------------------------------------ masks */

static int signal_mask(int how, const sigset_t *set, sigset_t *old,
	int (*real)(int, const sigset_t *, sigset_t *), struct guest_site site)
{
	struct lockdag_block *t = set ? guest_current() : NULL;
	uint64_t word = set ? guest_signal_word(set) : 0;
	sigset_t was;
	int r = real(how, set, old ? old : &was);

	if (r || !t)
		return r;
	was = old ? *old : was;
	if (how == SIG_BLOCK)
		word |= guest_signal_word(&was);
	else if (how == SIG_UNBLOCK)
		word = guest_signal_word(&was) & ~word;
	guest_mask(t, word, site);
	return r;
}

GUEST_EXPORT int pthread_sigmask(int how, const sigset_t *set, sigset_t *old)
{
	return signal_mask(how, set, old, REAL(pthread_sigmask), GUEST_SITE());
}

GUEST_EXPORT int sigprocmask(int how, const sigset_t *set, sigset_t *old)
{
	return signal_mask(how, set, old, REAL(sigprocmask), GUEST_SITE());
}

static int signal_mask_one(int how, int number, struct guest_site site)
{
	sigset_t set = { { 0 } };

	if (number < 1 || number >= GUEST_N_SIGNALS) {
		errno = EINVAL;
		return -1;
	}
	set.__val[0] = GUEST_SIGNAL_BIT(number);
	return signal_mask(how, &set, NULL, REAL(sigprocmask), site);
}

GUEST_EXPORT int sighold(int number)
{
	return signal_mask_one(SIG_BLOCK, number, GUEST_SITE());
}

GUEST_EXPORT int sigrelse(int number)
{
	return signal_mask_one(SIG_UNBLOCK, number, GUEST_SITE());
}

static int signal_mask_old(int how, int mask, struct guest_site site)
{
	sigset_t set = { { (unsigned)mask } }, was;

	return signal_mask(how, &set, &was, REAL(sigprocmask), site)
		? -1 : (int)guest_signal_word(&was);
}

GUEST_EXPORT int sigblock(int mask);
GUEST_EXPORT int sigblock(int mask)
{
	return signal_mask_old(SIG_BLOCK, mask, GUEST_SITE());
}

GUEST_EXPORT int sigsetmask(int mask);
GUEST_EXPORT int sigsetmask(int mask)
{
	return signal_mask_old(SIG_SETMASK, mask, GUEST_SITE());
}

GUEST_EXPORT sighandler_t sigset(int number, sighandler_t handler)
{
	sigset_t set = { { 0 } }, was;
	struct sigaction old;

	if (handler == SIG_ERR || number < 1 || number >= GUEST_N_SIGNALS) {
		errno = EINVAL;
		return SIG_ERR;
	}
	set.__val[0] = GUEST_SIGNAL_BIT(number);
	if (handler == SIG_HOLD) {
		if (signal_mask(SIG_BLOCK, &set, &was, REAL(sigprocmask), GUEST_SITE()) ||
			signal_action(number, NULL, &old, GUEST_SITE()))
			return SIG_ERR;
	} else {
		struct sigaction act = { .sa_handler = handler };

		if (signal_action(number, &act, &old, GUEST_SITE()) ||
			signal_mask(SIG_UNBLOCK, &set, &was, REAL(sigprocmask), GUEST_SITE()))
			return SIG_ERR;
	}
	return guest_signal_word(&was) & GUEST_SIGNAL_BIT(number) ? SIG_HOLD : old.sa_handler;
}

/* ------------------------------------------------------------------ masks for the time of a call */

/* ret_before: what to go back to. NULL: nothing changes. */
static struct lockdag_block *signal_mask_begin(
	const sigset_t *mask, uint64_t *ret_before, struct guest_site site)
{
	struct lockdag_block *t = mask ? guest_current() : NULL;

	if (t) {
		*ret_before = t->mask;
		guest_mask(t, guest_signal_word(mask), site);
	}
	return t;
}

/* libc's header says that ppoll only writes what it is given; gcc believes it of ours. */
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"

/* A time-out in ms; -1: there is none. */
static int64_t signal_limit(const struct timespec *timeout)
{
	return timeout ? timeout->tv_sec * INT64_C(1000) + (timeout->tv_nsec + 999999) / 1000000 : -1;
}

static void signal_mask_end(struct lockdag_block *t, uint64_t before)
{
	if (t && guest_tls.block == t)
		guest_mask(t, before, (struct guest_site){ 0, 0 });
}

GUEST_EXPORT int sigsuspend(const sigset_t *mask)
{
	uint64_t before = 0;
	struct lockdag_block *t = signal_mask_begin(mask, &before, GUEST_SITE());
	int r = REAL(sigsuspend)(mask);

	signal_mask_end(t, before);
	return r;
}

GUEST_EXPORT int ppoll(
	struct pollfd *fds, nfds_t n, const struct timespec *timeout, const sigset_t *mask)
{
	uint64_t before = 0;
	struct lockdag_block *waited =
		guest_poll_begin(fds, n, signal_limit(timeout), GUEST_SITE());
	struct lockdag_block *t = signal_mask_begin(mask, &before, GUEST_SITE());
	int r = guest_poll_end(waited, fds, n, REAL(ppoll)(fds, n, timeout, mask));

	signal_mask_end(t, before);
	return r;
}

GUEST_EXPORT int __ppoll_chk(struct pollfd *fds, nfds_t n, const struct timespec *timeout,
	const sigset_t *mask, size_t size);
GUEST_EXPORT int __ppoll_chk(struct pollfd *fds, nfds_t n, const struct timespec *timeout,
	const sigset_t *mask, size_t size)
{
	uint64_t before = 0;
	struct lockdag_block *waited =
		guest_poll_begin(fds, n, signal_limit(timeout), GUEST_SITE());
	struct lockdag_block *t = signal_mask_begin(mask, &before, GUEST_SITE());
	int r = guest_poll_end(waited, fds, n, REAL(__ppoll_chk)(fds, n, timeout, mask, size));

	signal_mask_end(t, before);
	return r;
}

GUEST_EXPORT int pselect(int n, fd_set *readable, fd_set *writable, fd_set *exceptional,
	const struct timespec *timeout, const sigset_t *mask)
{
	uint64_t before = 0;
	struct lockdag_block *waited = guest_select_begin(
		n, readable, writable, exceptional, signal_limit(timeout), GUEST_SITE());
	struct lockdag_block *t = signal_mask_begin(mask, &before, GUEST_SITE());
	int r = guest_select_end(waited, n, readable,
		REAL(pselect)(n, readable, writable, exceptional, timeout, mask));

	signal_mask_end(t, before);
	return r;
}

GUEST_EXPORT int epoll_pwait(
	int epoll, struct epoll_event *events, int n, int timeout, const sigset_t *mask)
{
	uint64_t before = 0;
	struct lockdag_block *waited = guest_epoll_begin(epoll, timeout, GUEST_SITE());
	struct lockdag_block *t = signal_mask_begin(mask, &before, GUEST_SITE());
	int r = guest_epoll_end(
		waited, epoll, events, REAL(epoll_pwait)(epoll, events, n, timeout, mask));

	signal_mask_end(t, before);
	return r;
}

GUEST_EXPORT int epoll_pwait2(int epoll, struct epoll_event *events, int n,
	const struct timespec *timeout, const sigset_t *mask)
{
	uint64_t before = 0;
	struct lockdag_block *waited =
		guest_epoll_begin(epoll, signal_limit(timeout), GUEST_SITE());
	struct lockdag_block *t = signal_mask_begin(mask, &before, GUEST_SITE());
	int r = guest_epoll_end(
		waited, epoll, events, REAL(epoll_pwait2)(epoll, events, n, timeout, mask));

	signal_mask_end(t, before);
	return r;
}

/* ------------------------------------------------------------------ jumps */

#define JUMP(name)                                                                                 \
	GUEST_EXPORT void name(struct __jmp_buf_tag env[1], int value) __attribute__((noreturn));    \
	GUEST_EXPORT void name(struct __jmp_buf_tag env[1], int value)                               \
	{                                                                                          \
		guest_jump(env);                                                                   \
		REAL(name)(env, value);                                                            \
	}

JUMP(longjmp)
JUMP(_longjmp)
JUMP(siglongjmp)
JUMP(__longjmp_chk)
