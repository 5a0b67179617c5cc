/* SPDX-License-Identifier: MIT
 *
 * Who is at the other end of a socket: Unix sockets by sock_diag(7), TCP of this machine by
 * /proc/net/tcp.
 */
#include "files.h"

#include <inttypes.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/sock_diag.h>
#include <linux/unix_diag.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>

#define SOCKETS_BUFFER 32768

static void sockets_add(struct hang_files *f, uint64_t inode, uint64_t peer)
{
	struct hang_socket *row = lockdag_vec_push(&f->sockets);

	if (row)
		*row = (struct hang_socket){inode, peer};
}

static void sockets_unix_message(struct hang_files *f, const struct nlmsghdr *header)
{
	const struct unix_diag_msg *m = NLMSG_DATA(header);
	const struct rtattr *a = (const void *)(m + 1);
	size_t n = header->nlmsg_len - NLMSG_LENGTH(sizeof(*m));
	uint32_t peer = 0;

	if (header->nlmsg_len < NLMSG_LENGTH(sizeof(*m)))
		return;
	for (; RTA_OK(a, n); a = RTA_NEXT(a, n))
		if (a->rta_type == UNIX_DIAG_PEER && RTA_PAYLOAD(a) >= sizeof(peer))
			memcpy(&peer, RTA_DATA(a), sizeof(peer));
	if (peer)
		sockets_add(f, m->udiag_ino, peer);
}

static bool sockets_unix_answer(struct hang_files *f, int fd)
{
	_Alignas(struct nlmsghdr) char buffer[SOCKETS_BUFFER];
	ssize_t got = recv(fd, buffer, sizeof(buffer), 0);
	const struct nlmsghdr *header = (const void *)buffer;
	size_t n = got > 0 ? (size_t)got : 0;

	for (; NLMSG_OK(header, n); header = NLMSG_NEXT(header, n)) {
		if (header->nlmsg_type == NLMSG_DONE || header->nlmsg_type == NLMSG_ERROR)
			return false;
		if (header->nlmsg_type == SOCK_DIAG_BY_FAMILY)
			sockets_unix_message(f, header);
	}
	return got > 0;
}

static void sockets_unix(struct hang_files *f)
{
	struct {
		struct nlmsghdr header;
		struct unix_diag_req request;
	} message = {
		.header = {.nlmsg_len = sizeof(message),
			.nlmsg_type = SOCK_DIAG_BY_FAMILY,
			.nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP},
		.request = {.sdiag_family = AF_UNIX,
			.udiag_states = ~0u,
			.udiag_show = UDIAG_SHOW_PEER},
	};
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);

	if (fd < 0)
		return;
	if (send(fd, &message, sizeof(message), 0) == (ssize_t)sizeof(message))
		while (sockets_unix_answer(f, fd)) {
		}
	close(fd);
}

struct sockets_tcp {
	char local[48], remote[48];
	uint64_t inode;
};

/* Both ends of a connection within the machine are lines of the same table. */
static void sockets_tcp_table(struct hang_files *f, const char *path)
{
	LOCKDAG_VEC(struct sockets_tcp) all = {0};
	char *text = hang_slurp(path);

	for (char *line = text; line && *line; line = strchr(line, '\n')) {
		struct sockets_tcp row, *added;

		line += *line == '\n';
		if (sscanf(line, " %*u: %47s %47s %*x %*s %*s %*s %*u %*u %" SCNu64, row.local,
			    row.remote, &row.inode) != 3 ||
			!row.inode)
			continue;
		added = lockdag_vec_push(&all);
		if (added)
			*added = row;
	}
	for (size_t i = 0; i < all.n && all.n < 4096; i++)
		for (size_t k = 0; k < all.n; k++)
			if (!strcmp(all.items[i].local, all.items[k].remote) &&
				!strcmp(all.items[i].remote, all.items[k].local))
				sockets_add(f, all.items[i].inode, all.items[k].inode);
	lockdag_vec_clear(&all);
	free(text);
}

uint64_t files_socket_peer(struct hang *h, uint64_t inode)
{
	struct hang_files *f = h->files;

	if (!f->sockets_read) {
		f->sockets_read = true;
		sockets_unix(f);
		sockets_tcp_table(f, "/proc/net/tcp");
		sockets_tcp_table(f, "/proc/net/tcp6");
	}
	for (size_t i = 0; i < f->sockets.n; i++)
		if (f->sockets.items[i].inode == inode)
			return f->sockets.items[i].peer;
	return 0;
}

bool files_socket_is_timed(int pid, int fd, bool write)
{
	struct timeval timeout = {.tv_sec = 1};
	socklen_t n = sizeof(timeout);
	int pidfd = (int)syscall(SYS_pidfd_open, pid, 0), copy;

	if (pidfd < 0)
		return true;
	copy = (int)syscall(SYS_pidfd_getfd, pidfd, fd, 0);
	close(pidfd);
	if (copy < 0)
		return true;
	if (getsockopt(copy, SOL_SOCKET, write ? SO_SNDTIMEO : SO_RCVTIMEO, &timeout, &n) < 0)
		timeout.tv_sec = 1;
	close(copy);
	return timeout.tv_sec || timeout.tv_usec;
}
