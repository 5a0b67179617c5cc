/* SPDX-License-Identifier: MIT
 *
 * What fds.c, sockets.c, streams.c and files.c share.
 */
#ifndef LOCKDAG_HANG_FILES_H
#define LOCKDAG_HANG_FILES_H

#include "internal.h"

struct hang_fd {
	int pid, fd;
	char *link;
};

struct hang_socket {
	uint64_t inode, peer; /* peer 0: none that is known here */
};

struct hang_files {
	bool scanned, sockets_read;
	LOCKDAG_VEC(struct hang_fd) fds;
	LOCKDAG_VEC(int) closed; /* processes whose descriptors may not be read */
	LOCKDAG_VEC(struct hang_socket) sockets;
};

/* fds.c */
bool files_link(int pid, int fd, char *buffer, size_t size); /* "pipe:[12]" */
/* fdinfo: its text (the caller frees it, in any case) and the open flags. */
bool files_info(int pid, int fd, char **ret_text, unsigned *ret_flags);
bool files_are_one(int pid1, int fd1, int pid2, int fd2); /* one open file, shared */
typedef int files_found(void *arg, int pid, int fd);
/* Calls found for each descriptor of that link, in all processes; stops at its first non-zero
 * return. *ret_closed: there are processes that may have it too and cannot be read. */
int files_each(struct hang *h, const struct hang_process *p, const char *link, files_found *found,
	void *arg, bool *ret_closed);

/* Has it handed work to the kernel that may write to its descriptors (io_uring, aio, a virtual
 * machine's interrupts)? */
bool files_by_kernel(struct hang *h, const struct hang_process *p);

/* sockets.c: the inode of the other end; 0: not on this machine, or not known. */
uint64_t files_socket_peer(struct hang *h, uint64_t inode);
/* Does a read (write) of it end by itself? True also when that cannot be known. */
bool files_socket_is_timed(int pid, int fd, bool write);

/* streams.c: one descriptor that is read (written); t: the thread in that call, NULL: it polls. *ret_kind is a kind of family STREAM, or
 * another one where nobody is known to have the other end. */
int files_stream(struct hang *h, uint32_t process, const struct hang_thread *t, int fd, bool write,
	struct lockdag_still_thread *row);

#endif
