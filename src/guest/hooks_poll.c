/* SPDX-License-Identifier: MIT
 *
 * poll, select and epoll. Who polls one pipe alone, without limit, waits for it as a read does; who polls
 * several is woken by any of them, and nothing is said of that. What was found ready can be read at once.
 * And who polls with nothing held is back where he waits for his next request: a new iteration begins. What
 * a turn asks for that a timer began counts for what later turns there signal, too: it may come at any time.
 */
#include "guest/descriptor.h"
#include "guest/hooks_event.h"

#include <errno.h>
#include <stdarg.h>
#include <sys/ioctl.h>

#define REAL(name) (guest_reals()->name)

/* libc's header says that poll only writes what it is given; gcc believes it of ours. */
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"

enum { POLL_FOREVER_MS = 10000 }; /* as long as a time-out that is taken for none */

/* What an epoll descriptor has: how many were added, and the pipe among them (the last one). */
static struct poll_set {
	uint32_t members;
	int pipe;
} poll_sets[GUEST_MAX_FD];

static struct poll_set *poll_set(int epoll)
{
	return epoll >= 0 && epoll < GUEST_MAX_FD ? &poll_sets[epoll] : NULL;
}

/* The thread is back where its loop polls: a turn is over, and the next one begins. */
static void poll_turn(struct lockdag_block *t, bool timed, uint64_t place)
{
	if (guest_turns.since && guest_turns.site == place)
		guest_turns_mark(t);
	if (t->polls_at == place)
		guest_new_iteration(t, 0);
	t->polls_at = place;
	if (guest_turns.site != place)
		guest_turns = (struct guest_turns){ .site = place };
	guest_turns.since = 0;
	guest_turns.iteration = t->iteration;
	guest_turns.timed = timed;
	guest_turns.woken = false;
}

/* Before a call that waits, for members. place: what tells this loop from others. fd: the one that it waits
 * for, or -1. NULL: nothing was announced. */
static struct lockdag_block *poll_begin(
	size_t members, uint64_t place, int fd, int64_t timeout_ms, struct guest_site site)
{
	struct lockdag_block *t = timeout_ms ? guest_current() : NULL;

	if (!t)
		return NULL;
	if (guest_holds_files_only(t))
		poll_turn(t, members && timeout_ms > 0, place);
	if (t->top == t->held)
		return NULL;
	if (fd < 0 || (timeout_ms > 0 && timeout_ms < POLL_FOREVER_MS))
		return NULL;
	return guest_pipe_await(fd, site) ? t : NULL;
}

static int poll_end(struct lockdag_block *waited, int r)
{
	struct lockdag_block *t = guest_tls.block;

	if (waited) {
		guest_event_waited(waited);
	} else if (r > 0) {
		guest_turns.woken = true;
	} else if (r == 0 && guest_turns.timed && t && guest_holds_files_only(t)) {
		guest_turns.timed = false;
		/* Two: what is to be looked at again stands in a phase before (workers.c). */
		guest_turns.since = t->phase + 1;
		t->phase += 2;
	}
	return r;
}

/* ------------------------------------------------------------------ poll */

struct lockdag_block *guest_poll_begin(
	const struct pollfd *fds, nfds_t n, int64_t timeout_ms, struct guest_site site)
{
	return poll_begin(n, site.ip, n == 1 && fds[0].events & POLLIN ? fds[0].fd : -1, timeout_ms, site);
}

int guest_poll_end(struct lockdag_block *waited, const struct pollfd *fds, nfds_t n, int r)
{
	for (nfds_t i = 0; r > 0 && i < n; i++)
		if (fds[i].revents)
			guest_pipe_is_ready(fds[i].fd);
	return poll_end(waited, r);
}

GUEST_EXPORT int poll(struct pollfd *fds, nfds_t n, int timeout)
{
	struct lockdag_block *waited = guest_poll_begin(fds, n, timeout, GUEST_SITE());

	return guest_poll_end(waited, fds, n, REAL(poll)(fds, n, timeout));
}

GUEST_EXPORT int __poll_chk(struct pollfd *fds, nfds_t n, int timeout, size_t size);
GUEST_EXPORT int __poll_chk(struct pollfd *fds, nfds_t n, int timeout, size_t size)
{
	struct lockdag_block *waited = guest_poll_begin(fds, n, timeout, GUEST_SITE());

	return guest_poll_end(waited, fds, n, REAL(__poll_chk)(fds, n, timeout, size));
}

/* ------------------------------------------------------------------ select */

/* The only descriptor of the three sets, when it is to be read; else -1. */
static int poll_selected(
	int n, const fd_set *readable, const fd_set *writable, const fd_set *exceptional)
{
	int fd = -1;

	for (int i = 0; i < n && i < FD_SETSIZE; i++) {
		bool read = readable && FD_ISSET(i, readable);

		if ((writable && FD_ISSET(i, writable)) || (exceptional && FD_ISSET(i, exceptional)) ||
			(read && fd >= 0))
			return -1;
		fd = read ? i : fd;
	}
	return fd;
}

struct lockdag_block *guest_select_begin(int n, const fd_set *readable, const fd_set *writable,
	const fd_set *exceptional, int64_t timeout_ms, struct guest_site site)
{
	return poll_begin((size_t)n, site.ip, poll_selected(n, readable, writable, exceptional), timeout_ms, site);
}

int guest_select_end(struct lockdag_block *waited, int n, const fd_set *readable, int r)
{
	for (int i = 0; r > 0 && readable && i < n && i < FD_SETSIZE; i++)
		if (FD_ISSET(i, readable))
			guest_pipe_is_ready(i);
	return poll_end(waited, r);
}

GUEST_EXPORT int select(int n, fd_set *restrict readable, fd_set *restrict writable,
	fd_set *restrict exceptional, struct timeval *restrict timeout)
{
	int64_t ms = timeout ? timeout->tv_sec * INT64_C(1000) + (timeout->tv_usec + 999) / 1000 : -1;
	struct lockdag_block *waited =
		guest_select_begin(n, readable, writable, exceptional, ms, GUEST_SITE());

	return guest_select_end(waited, n, readable, REAL(select)(n, readable, writable, exceptional, timeout));
}

/* ------------------------------------------------------------------ epoll */

GUEST_EXPORT int epoll_create(int size)
{
	int fd = REAL(epoll_create)(size);

	if (poll_set(fd))
		*poll_set(fd) = (struct poll_set){ 0, -1 };
	return fd;
}

GUEST_EXPORT int epoll_create1(int flags)
{
	int fd = REAL(epoll_create1)(flags);

	if (poll_set(fd))
		*poll_set(fd) = (struct poll_set){ 0, -1 };
	return fd;
}

GUEST_EXPORT int epoll_ctl(int epoll, int operation, int fd, struct epoll_event *event)
{
	int r = REAL(epoll_ctl)(epoll, operation, fd, event), saved = errno;
	struct poll_set *set = poll_set(epoll);

	if (!r && set) {
		bool reads = event && operation != EPOLL_CTL_DEL && event->events & EPOLLIN;

		if (operation != EPOLL_CTL_MOD)
			lockdag_add_relaxed(&set->members, operation == EPOLL_CTL_ADD ? 1u : -1u);
		if (reads && guest_pipe_is(fd))
			lockdag_store_relaxed(&set->pipe, fd);
		guest_pipe_is_polled(fd, reads ? epoll : -1, reads ? event->data.u64 : 0);
	}
	errno = saved;
	return r;
}

struct lockdag_block *guest_epoll_begin(int epoll, int64_t timeout_ms, struct guest_site site)
{
	const struct poll_set *set = poll_set(epoll);

	/* The set, wherever it is waited for: libuv does at two places. */
	return poll_begin(1, (uint64_t)(uint32_t)epoll, set && set->members == 1 ? set->pipe : -1,
		timeout_ms, site);
}

int guest_epoll_end(
	struct lockdag_block *waited, int epoll, const struct epoll_event *events, int r)
{
	for (int i = 0; i < r; i++)
		guest_pipe_epolled(epoll, events[i].data.u64);
	return poll_end(waited, r);
}

GUEST_EXPORT int epoll_wait(int epoll, struct epoll_event *events, int n, int timeout)
{
	struct lockdag_block *waited = guest_epoll_begin(epoll, timeout, GUEST_SITE());

	return guest_epoll_end(waited, epoll, events, REAL(epoll_wait)(epoll, events, n, timeout));
}

/* ------------------------------------------------------------------ what makes a read no wait */

GUEST_EXPORT int ioctl(int fd, unsigned long request, ...)
{
	void *argument;
	va_list ap;
	int r;

	va_start(ap, request);
	argument = va_arg(ap, void *);
	va_end(ap);
	r = REAL(ioctl)(fd, request, argument);
	if (LOCKDAG_UNLIKELY(guest_pipe_is(fd) && !r)) {
		if (request == FIONBIO && argument)
			guest_pipe_blocks(fd, !*(const int *)argument);
		else if (request == FIONREAD)
			guest_pipe_is_ready(fd);
	}
	return r;
}
