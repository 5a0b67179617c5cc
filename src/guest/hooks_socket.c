/* SPDX-License-Identifier: MIT
 *
 * Connections within the machine whose two ends are both watched: two directions of bytes, as of a pipe
 * (hooks_pipe.c). The ends find each other by what both know: in IP the addresses of both; of a path or
 * an abstract name its n-th connection from that process, for they are accepted in the order in which
 * they were made. Where that order is not certain (two calls at once), nothing is known.
 * An end whose other one is not watched reads and writes what nobody else does, which says nothing.
 */
#include "guest/descriptor.h"
#include "guest/hooks_event.h"
#include "guest/identity.h"
#include "guest/text.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stddef.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/hash.h"

#define REAL(name) (guest_reals()->name)

/* Of a process: each takes a place in the session's set of classes. */
#define SOCKET_MAX 4096
#define SOCKET_UNSURE (1u << 31)
/* Above, ports are the kernel's choice, which is another one in each run. */
#define SOCKET_KERNELS_PORTS 32768

enum socket_side { SOCKET_CLIENT, SOCKET_SERVER };

/* A connection, in the session. flows[side] is what that side reads. */
struct socket_pair {
	struct guest_flow flows[2];
	uint32_t there[2]; /* the side has come */
	uint64_t spare;
};

/* How a connection is known in the session, and what is said of it. */
struct socket_known {
	uint64_t hash; /* 0: not */
	char at[112];
};

union socket_address {
	struct sockaddr any;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
	struct sockaddr_un path;
	struct sockaddr_storage room;
};

static uint32_t socket_count;

/* ------------------------------------------------------------------ what a connection is known by */

/* An IP address as IPv6 has it, low and high half, and its port. false: it is none. */
static bool socket_ip(const union socket_address *a, uint64_t ret[3])
{
	const uint32_t *words = a->v6.sin6_addr.s6_addr32;

	if (a->any.sa_family == AF_INET) {
		ret[0] = 0;
		ret[1] = UINT64_C(0xffff0000) | (uint64_t)a->v4.sin_addr.s_addr << 32;
		ret[2] = a->v4.sin_port;
		return true;
	}
	if (a->any.sa_family != AF_INET6)
		return false;
	ret[0] = (uint64_t)words[1] << 32 | words[0];
	ret[1] = (uint64_t)words[3] << 32 | words[2];
	ret[2] = a->v6.sin6_port;
	return true;
}

/* 127.x.y.z, whatever x, y and z, is one machine's. */
static bool socket_loops(const uint64_t a[3], const uint64_t b[3])
{
	const uint64_t net = UINT64_C(0xffffffffff), loop = UINT64_C(0x7fffff0000);

	return (a[0] == b[0] && a[1] == b[1]) ||
		(!a[0] && !b[0] && (a[1] & net) == loop && (b[1] & net) == loop);
}

static struct socket_known socket_by_ip(const union socket_address *client, const union socket_address *server)
{
	uint64_t a[3], b[3], port;
	struct socket_known known = { 0 };

	if (!socket_ip(client, a) || !socket_ip(server, b) || !socket_loops(a, b))
		return known;
	known.hash = 0x736f636b;
	for (int i = 0; i < 3; i++)
		known.hash = lockdag_hash_mix(lockdag_hash_mix(known.hash ^ a[i]) ^ b[i]) | 1;
	port = ntohs((uint16_t)b[2]);
	if (port < SOCKET_KERNELS_PORTS)
		guest_format(known.at, sizeof(known.at), "port %u", port);
	else
		guest_copy(known.at, sizeof(known.at), "a port");
	return known;
}

/* What listens at that path or name. */
static struct socket_known socket_by_path(const struct sockaddr_un *a, socklen_t length)
{
	const size_t head = offsetof(struct sockaddr_un, sun_path);
	struct socket_known known = { 0 };
	char path[sizeof(a->sun_path) + 1] = { 0 };
	struct stat file;

	if (a->sun_family != AF_UNIX || length <= head || length > sizeof(*a))
		return known;
	for (size_t i = 0; i < length - head; i++)
		path[i] = a->sun_path[i];
	guest_format(known.at, sizeof(known.at), "%s%s", path[0] ? "" : "@", path + !path[0]);
	if (path[0] && syscall(SYS_newfstatat, AT_FDCWD, path, &file, 0))
		return known;
	known.hash = path[0] ? lockdag_hash_mix(lockdag_hash_mix(file.st_ino ^ 0x756e6978) ^ file.st_dev) | 1
			     : 1;
	for (size_t i = 0; !path[0] && i < length - head; i++)
		known.hash = lockdag_hash_mix(known.hash ^ (unsigned char)path[i]) | 1;
	return known;
}

/* Of one listener: in `a` how often it has been made to listen, for an inode may be another's later. */
static struct lockdag_hash_entry *socket_listener(uint64_t listener)
{
	return guest_shared_entry(lockdag_hash_mix(listener));
}

/* The connections of one process to a listener, as one side counts them. process: 0: of all. */
static uint64_t socket_counts_hash(uint64_t listener, int process)
{
	const struct lockdag_hash_entry *e = socket_listener(listener);

	return lockdag_hash_mix(lockdag_hash_mix(listener ^ (e ? lockdag_load_relaxed(&e->a) : 0)) +
		(uint64_t)(uint32_t)process * 4);
}

static struct lockdag_hash_entry *socket_counts(uint64_t counts, enum socket_side side)
{
	return guest_shared_entry(lockdag_hash_mix(counts + 1u + side));
}

/* Two calls at once come in an order that nobody knows. */
static void socket_begin(struct lockdag_hash_entry *counts)
{
	if (counts && lockdag_add_relaxed(&counts->b, 1) & ~SOCKET_UNSURE)
		lockdag_or_relaxed(&counts->b, SOCKET_UNSURE);
}

/* The number of the connection that the call made; 0: it made none, or which is not known. */
static uint32_t socket_end(struct lockdag_hash_entry *calls, struct lockdag_hash_entry *counts, bool made)
{
	const uint32_t n = made && counts ? lockdag_add_relaxed(&counts->a, 1) + 1 : 0;

	lockdag_add_relaxed(&calls->b, -1u);
	return lockdag_load_relaxed(&calls->b) & SOCKET_UNSURE ? 0 : n;
}

/* ------------------------------------------------------------------ both ends */

static struct socket_pair *socket_pair_at(uint32_t there)
{
	return (struct socket_pair *)(guest_process.writer.base + (uint64_t)there * 16);
}

/* The connection, where this side has not come yet: of the same addresses once more it is another one.
 * Where it lies, in units of 16 bytes; 0: no room. */
static uint32_t socket_pair_of(uint64_t hash, enum socket_side side)
{
	struct lockdag_hash_entry *e = guest_shared_entry(hash);
	uint32_t there = e ? lockdag_load_acquire(&e->b) : 0, fresh, none; /* pairs with: below */

	while (e) {
		none = 0;
		if (there && lockdag_cas_acq_rel(&socket_pair_at(there)->there[side], &none, 1))
			return there;
		fresh = (uint32_t)(lockdag_write_heap(&guest_process.writer, sizeof(struct socket_pair), 16) / 16);
		if (!fresh)
			return 0;
		if (lockdag_cas_acq_rel(&e->b, &there, fresh)) /* pairs with: above */
			there = fresh;
	}
	return 0;
}

/* The side of a connection has come, with that descriptor. */
static void socket_come(struct lockdag_block *t, int fd, const struct socket_known *known,
	enum socket_side side, struct guest_site site)
{
	static const char *const words[] = { "replies of %s", "requests to %s" };
	const uint32_t step = (uint32_t)(sizeof(struct guest_flow) / 16);
	char name[sizeof(known->at) + 16];
	uint32_t there;

	if (!known->hash || lockdag_load_relaxed(&socket_count) >= SOCKET_MAX)
		return;
	lockdag_add_relaxed(&socket_count, 1);
	there = socket_pair_of(known->hash, side);
	if (!there)
		return;
	for (uint32_t i = 0; i < 2; i++) {
		guest_format(name, sizeof(name), words[i], known->at);
		guest_flow_named(t, there + i * step, name, site);
	}
	lockdag_store_relaxed(&socket_pair_at(there)->flows[side].read, 1);
	lockdag_store_relaxed(&socket_pair_at(there)->flows[!side].written, 1);
	guest_pipe_set(fd, there + side * step, there + !side * step,
		syscall(SYS_fcntl, fd, F_GETFL) & O_NONBLOCK);
}

static bool socket_is_stream(int fd)
{
	socklen_t size = sizeof(int);
	int type;

	return !getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &size) &&
		(type == SOCK_STREAM || type == SOCK_SEQPACKET);
}

/* ------------------------------------------------------------------ the client's side */

static struct socket_known socket_connected_ip(int fd, const struct sockaddr *to, socklen_t length, int r)
{
	union socket_address client, server = { .any.sa_family = AF_UNSPEC };
	socklen_t client_size = sizeof(client), server_size = sizeof(server);

	if (length > sizeof(server) || !socket_is_stream(fd) || getsockname(fd, &client.any, &client_size))
		return (struct socket_known){ 0 };
	/* Not there yet: it will be what was asked for. */
	if (r || getpeername(fd, &server.any, &server_size))
		for (socklen_t i = 0; i < length; i++)
			((char *)&server)[i] = ((const char *)to)[i];
	return socket_by_ip(&client, &server);
}

static int socket_connect_path(struct lockdag_block *t, int fd, const struct sockaddr *to, socklen_t length,
	struct guest_site site)
{
	struct socket_known known = socket_is_stream(fd)
		? socket_by_path((const struct sockaddr_un *)(const void *)to, length)
		: (struct socket_known){ 0 };
	const uint64_t hash = known.hash ? socket_counts_hash(known.hash, getpid()) : 0;
	struct lockdag_hash_entry *counts = hash ? socket_counts(hash, SOCKET_CLIENT) : NULL;
	uint32_t number;
	int r, saved;

	socket_begin(counts);
	r = REAL(connect)(fd, to, length);
	saved = errno;
	number = counts ? socket_end(counts, counts, !r) : 0;
	known.hash = number ? lockdag_hash_mix(hash + ((uint64_t)number << 2)) | 1 : 0;
	socket_come(t, fd, &known, SOCKET_CLIENT, site);
	errno = saved;
	return r;
}

GUEST_EXPORT int connect(int fd, __CONST_SOCKADDR_ARG to, socklen_t length)
{
	struct lockdag_block *t = to.__sockaddr__ ? guest_current() : NULL;
	struct socket_known known;
	int r, saved = errno;

	if (t && to.__sockaddr__->sa_family == AF_UNIX)
		return socket_connect_path(t, fd, to.__sockaddr__, length, GUEST_SITE());
	errno = saved;
	r = REAL(connect)(fd, to.__sockaddr__, length);
	saved = errno;
	if (t && (!r || saved == EINPROGRESS) && !guest_pipe_is(fd)) {
		known = socket_connected_ip(fd, to.__sockaddr__, length, r);
		socket_come(t, fd, &known, SOCKET_CLIENT, GUEST_SITE());
	}
	errno = saved;
	return r;
}

/* ------------------------------------------------------------------ the server's side */

GUEST_EXPORT int listen(int fd, int n)
{
	union socket_address address = { .any.sa_family = AF_UNSPEC };
	socklen_t length = sizeof(address);
	struct lockdag_hash_entry *e;
	struct socket_known known;
	int saved = errno;

	if (guest_current() && !getsockname(fd, &address.any, &length) && address.any.sa_family == AF_UNIX) {
		known = socket_by_path(&address.path, length);
		e = known.hash ? socket_listener(known.hash) : NULL;
		if (e)
			lockdag_add_relaxed(&e->a, 1);
	}
	errno = saved;
	return REAL(listen)(fd, n);
}

struct socket_accepting {
	struct lockdag_block *t;
	struct socket_known listener;
	struct lockdag_hash_entry *calls;
	bool is_path;
};

static void socket_accept_begin(struct socket_accepting *a, int listener)
{
	union socket_address address = { .any.sa_family = AF_UNSPEC };
	socklen_t length = sizeof(address);
	int saved = errno;

	*a = (struct socket_accepting){ .t = guest_current() };
	a->is_path = a->t && !getsockname(listener, &address.any, &length) &&
		address.any.sa_family == AF_UNIX;
	if (a->is_path)
		a->listener = socket_by_path(&address.path, length);
	if (a->listener.hash)
		a->calls = socket_counts(socket_counts_hash(a->listener.hash, 0), SOCKET_SERVER);
	socket_begin(a->calls);
	errno = saved;
}

static void socket_accepted_path(struct socket_accepting *a, int fd)
{
	struct ucred peer;
	socklen_t size = sizeof(peer);
	const bool made = fd >= 0 && !getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size);
	const uint64_t hash = made ? socket_counts_hash(a->listener.hash, peer.pid) : 0;
	const uint32_t number =
		socket_end(a->calls, hash ? socket_counts(hash, SOCKET_SERVER) : NULL, made);

	a->listener.hash = number ? lockdag_hash_mix(hash + ((uint64_t)number << 2)) | 1 : 0;
}

static void socket_accepted_ip(struct socket_accepting *a, int fd)
{
	union socket_address client, server;
	socklen_t client_size = sizeof(client), server_size = sizeof(server);

	if (!getpeername(fd, &client.any, &client_size) && !getsockname(fd, &server.any, &server_size))
		a->listener = socket_by_ip(&client, &server);
}

static int socket_accept_end(struct socket_accepting *a, int fd, struct guest_site site)
{
	int saved = errno;

	if (a->calls)
		socket_accepted_path(a, fd);
	else if (a->is_path)
		a->listener.hash = 0;
	else if (a->t && fd >= 0)
		socket_accepted_ip(a, fd);
	if (fd >= 0) {
		guest_pipe_closed(fd); /* what it was, it was closed behind our hooks */
		if (a->t)
			socket_come(a->t, fd, &a->listener, SOCKET_SERVER, site);
	}
	errno = saved;
	return fd;
}

GUEST_EXPORT int accept(int fd, __SOCKADDR_ARG from, socklen_t *restrict length)
{
	struct socket_accepting a;

	socket_accept_begin(&a, fd);
	return socket_accept_end(&a, REAL(accept)(fd, from.__sockaddr__, length), GUEST_SITE());
}

GUEST_EXPORT int accept4(int fd, __SOCKADDR_ARG from, socklen_t *restrict length, int flags)
{
	struct socket_accepting a;

	socket_accept_begin(&a, fd);
	return socket_accept_end(&a, REAL(accept4)(fd, from.__sockaddr__, length, flags), GUEST_SITE());
}
