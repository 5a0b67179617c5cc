/* SPDX-License-Identifier: MIT
 *
 * Pipes, socket pairs and event counters inside the process and its fork children: a read waits for a
 * write, also where that came first in this run. It does not where the reader can know that it came: it has
 * polled for it, or has had the lock that the writer held over the write, which may tell.
 * Both ends must be used by read, write, send and recv; what is exec'd is not followed. Sockets that are
 * connected come here, too (hooks_socket.c).
 */
#include "guest/descriptor.h"
#include "guest/hooks_event.h"
#include "guest/identity.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

/* The call that finds them all is for the first time. */
#define REAL(name) ((LOCKDAG_LIKELY(guest_real.name) ? &guest_real : guest_reals())->name)

#define PIPE_LOCKS UINT64_MAX /* several */

#define PIPE_MAX_FD 1024
#define PIPE_MAX 1023 /* of a process */
#define PIPE_UNREAD 64

static uint32_t pipe_count;

/* Which flow a descriptor reads from and writes to, 0: none. */
static struct pipe_end {
	uint32_t reads, writes;
	bool never_blocks;
	bool ready;    /* polled, and not read since */
	int32_t epoll; /* that it was added to + 1, as data */
	uint64_t data;
} pipe_ends[PIPE_MAX_FD];
static uint32_t pipe_n_polled; /* none behind these was ever added to an epoll */

/* An address for a flow's event where nothing can be, the same in all processes. It looks like none of a
 * lock (guest_name). */
static void *pipe_event(uint32_t flow)
{
	return (void *)(UINT64_C(1) << 62 | (uint64_t)flow * 16 | 4);
}

static struct guest_flow *pipe_flow(uint32_t flow)
{
	return (struct guest_flow *)(guest_process.writer.base + (uint64_t)flow * 16);
}

static void pipe_note_polled(uint32_t fd)
{
	uint32_t n = lockdag_load_relaxed(&pipe_n_polled);

	while (n <= fd && !lockdag_cas_acq_rel(&pipe_n_polled, &n, fd + 1))
		;
}

static bool pipe_is_fd(int fd)
{
	return fd >= 0 && fd < PIPE_MAX_FD;
}

void guest_flow_named(struct lockdag_block *t, uint32_t flow, const char *name, struct guest_site site)
{
	uint32_t key;

	guest_name(pipe_event(flow), name);
	guest_event_key(t, pipe_event(flow), LOCKDAG_LOCK_EVENT, site, &key);
}

/* Of what has no end of its own among descriptors, and is known by that hash in all processes. */
uint32_t guest_flow_of(struct lockdag_block *t, uint64_t hash, const char *name, struct guest_site site)
{
	struct lockdag_hash_entry *e = guest_shared_entry(hash | 1);
	uint32_t flow = e ? lockdag_load_acquire(&e->b) : 0, fresh; /* pairs with: below */

	if (!e || flow)
		return flow;
	fresh = (uint32_t)(lockdag_write_heap(&guest_process.writer, sizeof(struct guest_flow), 16) / 16);
	if (!fresh)
		return 0;
	pipe_flow(fresh)->read = 1; /* not written: anybody may, also who is not watched */
	if (!lockdag_cas_acq_rel(&e->b, &flow, fresh)) /* pairs with: above */
		fresh = flow;
	guest_flow_named(t, fresh, name, site);
	return fresh;
}

/* A new flow, born at site; 0: no more. */
static uint32_t pipe_new(struct guest_site site)
{
	struct lockdag_block *t = guest_current();
	uint64_t there;
	uint32_t key;

	if (!t || lockdag_load_relaxed(&pipe_count) >= PIPE_MAX ||
		lockdag_add_relaxed(&pipe_count, 1) >= PIPE_MAX)
		return 0;
	there = lockdag_write_heap(&guest_process.writer, sizeof(struct guest_flow), 16);
	if (there) {
		guest_identify(t, pipe_event((uint32_t)(there / 16)), LOCKDAG_LOCK_EVENT, true, 1, site, &key);
		pipe_flow((uint32_t)(there / 16))->read = pipe_flow((uint32_t)(there / 16))->written = 1;
	}
	return (uint32_t)(there / 16);
}

/* What never blocks is waited for by who polls it alone. */
static void pipe_set(int reader, int writer, int flags, struct guest_site site)
{
	const bool never_blocks = flags & O_NONBLOCK;
	uint32_t flow;

	if (!pipe_is_fd(reader) || !pipe_is_fd(writer))
		return;
	flow = pipe_new(site);
	/* As a socket reads and writes, both ends are set twice. */
	pipe_ends[reader] = (struct pipe_end){
		.reads = flow, .writes = pipe_ends[reader].writes, .never_blocks = never_blocks };
	pipe_ends[writer] = (struct pipe_end){
		.writes = flow, .reads = pipe_ends[writer].reads, .never_blocks = never_blocks };
}

GUEST_EXPORT int pipe(int fds[2])
{
	int r = REAL(pipe)(fds), saved = errno;

	if (!r)
		pipe_set(fds[0], fds[1], 0, GUEST_SITE());
	errno = saved;
	return r;
}

GUEST_EXPORT int pipe2(int fds[2], int flags)
{
	int r = REAL(pipe2)(fds, flags), saved = errno;

	if (!r)
		pipe_set(fds[0], fds[1], flags, GUEST_SITE());
	errno = saved;
	return r;
}

GUEST_EXPORT int socketpair(int domain, int type, int protocol, int fds[2])
{
	int r = REAL(socketpair)(domain, type, protocol, fds), saved = errno;

	if (!r) {
		pipe_set(fds[0], fds[1], type & SOCK_NONBLOCK ? O_NONBLOCK : 0, GUEST_SITE());
		pipe_set(fds[1], fds[0], type & SOCK_NONBLOCK ? O_NONBLOCK : 0, GUEST_SITE());
	}
	errno = saved;
	return r;
}

GUEST_EXPORT int eventfd(unsigned value, int flags)
{
	int fd = REAL(eventfd)(value, flags), saved = errno;

	if (fd >= 0) {
		pipe_set(fd, fd, flags & EFD_NONBLOCK ? O_NONBLOCK : 0, GUEST_SITE());
		if (pipe_is_fd(fd) && pipe_ends[fd].reads)
			lockdag_add_relaxed(&pipe_flow(pipe_ends[fd].reads)->there, value ? 8 : 0);
	}
	errno = saved;
	return fd;
}

/* ------------------------------------------------------------------ reading and writing */

/* With nothing held, only a wait that is one now counts: it may start an iteration. Whoever has had the
 * lock that was held over the write may have read under it that the bytes are there. */
static bool pipe_may_wait(struct lockdag_block *t, const struct guest_flow *flow)
{
	uint64_t told;

	if (lockdag_load_relaxed(&flow->there) <= 0)
		return true;
	told = lockdag_load_relaxed(&flow->told);
	return t->top != t->held &&
		(!told || (told != PIPE_LOCKS && !guest_has_asked(t, (uint32_t)(told - 1))));
}

/* What a write by t tells. */
static uint64_t pipe_tells(const struct lockdag_block *t)
{
	if (t->top == t->held)
		return 0;
	return t->top - t->held > 1 ? PIPE_LOCKS
				    : (uint64_t)LOCKDAG_KEY_ROW(LOCKDAG_META_KEY(t->held->meta)) + 1;
}

struct lockdag_block *guest_flow_await(uint32_t flow, unsigned flags, uint32_t timeout_ms, struct guest_site site)
{
	struct lockdag_block *t = guest_current();
	uint32_t key;

	if (!t || !pipe_may_wait(t, pipe_flow(flow)) ||
		!guest_event_key(t, pipe_event(flow), LOCKDAG_LOCK_EVENT, site, &key))
		return NULL;
	guest_event_wait(t, pipe_event(flow), key, LOCKDAG_KEY_NONE, flags, timeout_ms, 0, site);
	if (!lockdag_load_relaxed(&pipe_flow(flow)->written))
		guest_event_is_shared(t);
	return t;
}

struct lockdag_block *guest_pipe_await(int fd, struct guest_site site)
{
	const struct pipe_end *end = pipe_is_fd(fd) ? &pipe_ends[fd] : NULL;

	guest_workers_waits_elsewhere();
	return end && end->reads && !end->ready ? guest_flow_await(end->reads, 0, 0, site) : NULL;
}

static struct lockdag_block *pipe_before_read(int fd, struct guest_site site)
{
	return pipe_is_fd(fd) && pipe_ends[fd].never_blocks ? NULL : guest_pipe_await(fd, site);
}

static ssize_t pipe_after_read(int fd, struct lockdag_block *waited, ssize_t n)
{
	uint32_t flow = pipe_is_fd(fd) ? pipe_ends[fd].reads : 0;

	if (flow && n > 0) {
		lockdag_add_relaxed(&pipe_flow(flow)->there, -n);
		pipe_ends[fd].ready = false;
	}
	if (waited)
		guest_event_waited(waited);
	return n;
}

/* Somebody may read it: who is watched, or who has not had the time to come yet. */
static bool pipe_is_read(struct guest_flow *flow)
{
	return lockdag_load_relaxed(&flow->read) ||
		(flow->unread < PIPE_UNREAD && lockdag_add_relaxed(&flow->unread, 1) < PIPE_UNREAD);
}

void guest_flow_read(uint32_t flow, struct lockdag_block *waited, ssize_t n)
{
	if (n > 0)
		lockdag_add_relaxed(&pipe_flow(flow)->there, -n);
	if (waited)
		guest_event_waited(waited);
}

void guest_flow_wrote(uint32_t flow, ssize_t n)
{
	const struct lockdag_block *t = guest_current();

	if (t && n > 0) {
		lockdag_store_relaxed(&pipe_flow(flow)->told, pipe_tells(t));
		lockdag_add_relaxed(&pipe_flow(flow)->there, n);
	}
}

void guest_flow_signal(uint32_t flow, struct guest_site site)
{
	struct lockdag_block *t = guest_current();
	uint32_t key;

	if (t && pipe_is_read(pipe_flow(flow)) &&
		guest_event_key(t, pipe_event(flow), LOCKDAG_LOCK_EVENT, site, &key))
		guest_event_signal(t, pipe_event(flow), key, site);
}

static void pipe_before_write(int fd, struct guest_site site)
{
	if (pipe_is_fd(fd) && pipe_ends[fd].writes)
		guest_flow_signal(pipe_ends[fd].writes, site);
}

/* An event counter gives all it has to one read, 8 bytes; so it never holds more than those here. */
static ssize_t pipe_after_write(int fd, ssize_t n)
{
	struct pipe_end *end = pipe_is_fd(fd) ? &pipe_ends[fd] : NULL;
	struct lockdag_block *t = end && end->writes && n > 0 ? guest_current() : NULL;

	if (t) {
		struct guest_flow *flow = pipe_flow(end->writes);

		if (end->reads != end->writes) {
			guest_flow_wrote(end->writes, n);
			return n;
		}
		lockdag_store_relaxed(&flow->told, pipe_tells(t));
		lockdag_store_relaxed(&flow->there, 8);
	}
	return n;
}

GUEST_EXPORT ssize_t read(int fd, void *buffer, size_t size)
{
	struct lockdag_block *waited = pipe_before_read(fd, GUEST_SITE());

	return pipe_after_read(fd, waited, REAL(read)(fd, buffer, size));
}

GUEST_EXPORT ssize_t write(int fd, const void *buffer, size_t size)
{
	pipe_before_write(fd, GUEST_SITE());
	return pipe_after_write(fd, REAL(write)(fd, buffer, size));
}

GUEST_EXPORT ssize_t recv(int fd, void *buffer, size_t size, int flags)
{
	struct lockdag_block *waited =
		flags & MSG_DONTWAIT ? NULL : pipe_before_read(fd, GUEST_SITE());
	ssize_t n = REAL(recv)(fd, buffer, size, flags);

	pipe_after_read(fd, waited, flags & MSG_PEEK ? 0 : n);
	return n;
}

GUEST_EXPORT ssize_t send(int fd, const void *buffer, size_t size, int flags)
{
	pipe_before_write(fd, GUEST_SITE());
	return pipe_after_write(fd, REAL(send)(fd, buffer, size, flags));
}

GUEST_EXPORT ssize_t recvfrom(int fd, void *restrict buffer, size_t size, int flags,
	__SOCKADDR_ARG from, socklen_t *restrict length)
{
	struct lockdag_block *waited =
		flags & MSG_DONTWAIT ? NULL : pipe_before_read(fd, GUEST_SITE());
	ssize_t n = REAL(recvfrom)(fd, buffer, size, flags, from.__sockaddr__, length);

	pipe_after_read(fd, waited, flags & MSG_PEEK ? 0 : n);
	return n;
}

GUEST_EXPORT ssize_t sendto(int fd, const void *buffer, size_t size, int flags,
	__CONST_SOCKADDR_ARG to, socklen_t length)
{
	pipe_before_write(fd, GUEST_SITE());
	return pipe_after_write(fd, REAL(sendto)(fd, buffer, size, flags, to.__sockaddr__, length));
}

GUEST_EXPORT ssize_t readv(int fd, const struct iovec *parts, int n)
{
	struct lockdag_block *waited = pipe_before_read(fd, GUEST_SITE());

	return pipe_after_read(fd, waited, REAL(readv)(fd, parts, n));
}

GUEST_EXPORT ssize_t writev(int fd, const struct iovec *parts, int n)
{
	pipe_before_write(fd, GUEST_SITE());
	return pipe_after_write(fd, REAL(writev)(fd, parts, n));
}

GUEST_EXPORT ssize_t __read_chk(int fd, void *buffer, size_t size, size_t room);
GUEST_EXPORT ssize_t __read_chk(int fd, void *buffer, size_t size, size_t room)
{
	struct lockdag_block *waited = pipe_before_read(fd, GUEST_SITE());

	return pipe_after_read(fd, waited, REAL(__read_chk)(fd, buffer, size, room));
}

GUEST_EXPORT ssize_t __recv_chk(int fd, void *buffer, size_t size, size_t room, int flags);
GUEST_EXPORT ssize_t __recv_chk(int fd, void *buffer, size_t size, size_t room, int flags)
{
	struct lockdag_block *waited =
		flags & MSG_DONTWAIT ? NULL : pipe_before_read(fd, GUEST_SITE());
	ssize_t n = REAL(__recv_chk)(fd, buffer, size, room, flags);

	pipe_after_read(fd, waited, flags & MSG_PEEK ? 0 : n);
	return n;
}

GUEST_EXPORT ssize_t recvmsg(int fd, struct msghdr *message, int flags)
{
	struct lockdag_block *waited =
		flags & MSG_DONTWAIT ? NULL : pipe_before_read(fd, GUEST_SITE());
	ssize_t n = REAL(recvmsg)(fd, message, flags);

	pipe_after_read(fd, waited, flags & MSG_PEEK ? 0 : n);
	return n;
}

GUEST_EXPORT ssize_t sendmsg(int fd, const struct msghdr *message, int flags)
{
	pipe_before_write(fd, GUEST_SITE());
	return pipe_after_write(fd, REAL(sendmsg)(fd, message, flags));
}

/* ------------------------------------------------------------------ copies and ends */

struct lockdag_block *guest_pipe_reads(int fd, struct guest_site site)
{
	return pipe_before_read(fd, site);
}

void guest_pipe_was_read(int fd, struct lockdag_block *waited, ssize_t n)
{
	pipe_after_read(fd, waited, n);
}

void guest_pipe_wrote(int fd, ssize_t n, struct guest_site site)
{
	pipe_before_write(fd, site);
	pipe_after_write(fd, n);
}

void guest_pipe_set(int fd, uint32_t reads, uint32_t writes, bool never_blocks)
{
	if (pipe_is_fd(fd))
		pipe_ends[fd] = (struct pipe_end){
			.reads = reads, .writes = writes, .never_blocks = never_blocks };
}

uint32_t guest_pipe_flow(int fd)
{
	return pipe_is_fd(fd) ? pipe_ends[fd].reads : 0;
}

bool guest_pipe_is(int fd)
{
	return pipe_is_fd(fd) && (pipe_ends[fd].reads || pipe_ends[fd].writes);
}

void guest_pipe_closed(int fd)
{
	if (pipe_is_fd(fd))
		pipe_ends[fd] = (struct pipe_end){ 0 };
}

void guest_pipe_copied(int from, int to)
{
	if (pipe_is_fd(to))
		pipe_ends[to] = pipe_is_fd(from) ? pipe_ends[from] : (struct pipe_end){ 0 };
	if (pipe_is_fd(to) && pipe_ends[to].epoll)
		pipe_note_polled((uint32_t)to);
	if (to <= STDERR_FILENO && guest_pipe_is(to))
		guest_stdio_on_pipe();
}

void guest_pipe_blocks(int fd, bool blocks)
{
	if (guest_pipe_is(fd))
		pipe_ends[fd].never_blocks = !blocks;
}

void guest_pipe_is_ready(int fd)
{
	if (pipe_is_fd(fd) && pipe_ends[fd].reads)
		pipe_ends[fd].ready = true;
}

void guest_pipe_is_polled(int fd, int epoll, uint64_t data)
{
	if (!guest_pipe_is(fd))
		return;
	pipe_note_polled((uint32_t)fd);
	pipe_ends[fd].epoll = epoll + 1;
	pipe_ends[fd].data = data;
}

void guest_pipe_epolled(int epoll, uint64_t data)
{
	const uint32_t n = lockdag_load_relaxed(&pipe_n_polled);

	for (uint32_t fd = 0; fd < n; fd++)
		if (pipe_ends[fd].epoll == epoll + 1 && pipe_ends[fd].data == data)
			guest_pipe_is_ready((int)fd);
}
