/* SPDX-License-Identifier: MIT
 *
 * What is known of the program's descriptors: how each came to be, and for file locks whose it is. A table
 * by number, written by whoever opens and closes; what is stale in it (a file closed behind our hooks) is
 * found out by fstat when a lock is asked for.
 */
#ifndef LOCKDAG_GUEST_DESCRIPTOR_H
#define LOCKDAG_GUEST_DESCRIPTOR_H

#include "guest/hooks.h"

#define GUEST_MAX_FD 1024

struct guest_descriptor {
	uint64_t path;	  /* address of the path that was opened, in the program's memory, or 0 */
	uint64_t open_ip; /* where it was opened, or 0 */
	uint64_t dev, ino; /* as of the last lock; 0: not looked at */
	uint32_t owner; /* number of the open file description, as a lock's owner; 0: none yet */
};
extern struct guest_descriptor guest_descriptors[GUEST_MAX_FD];

LOCKDAG_INLINE struct guest_descriptor *guest_descriptor(int fd)
{
	return fd >= 0 && fd < GUEST_MAX_FD ? &guest_descriptors[fd] : NULL;
}

/* It was opened, by the call at ip of that path; gives fd back. */
int guest_opened(int fd, const void *path, uint64_t ip);
/* The open file description's number; makes it. */
uint32_t guest_descriptor_owner(struct guest_descriptor *d);
/* The descriptor `to` is a copy of `from` now; gives it back. */
int guest_copied(int from, int to);
/* Before fd is closed. errno may change. */
void guest_closing(int fd);
/* A stream ends (hooks_stream.c, hooks_stdio.c). */
/* From now on some stream is on a pipe. */
void guest_stdio_on_pipe(void);
void guest_stdio_closing(FILE *f, struct guest_site site);
void guest_stream_closing(const void *stream);

/* hooks_file.c: before the close of a descriptor. The process holds no file's lock: nothing to do. */
extern uint32_t guest_files_held;
void guest_file_closing(int fd);
/* In a fork child: its parent's locks are not its own. */
void guest_files_forked(void);
/* Does the owner still hold the key's range? */
bool guest_file_is_held(uint32_t key, uint32_t owner);

/* hooks_pipe.c
 *
 * One direction of bytes, in the session, where all processes count. Its number is where it lies there, in
 * units of 16 bytes. */
struct guest_flow {
	int64_t there; /* bytes written and not read yet */
	uint64_t told; /* the last ones were written with this lock held: row of its key + 1, or all bits: several */
	uint32_t read, written; /* by somebody who is watched */
	uint64_t unread; /* writes while it was not read so */
};
/* It is called so, and is seen at site. */
void guest_flow_named(struct lockdag_block *t, uint32_t flow, const char *name, struct guest_site site);
/* The flow that is known by that hash in all processes, called name; 0: no room. */
uint32_t guest_flow_of(struct lockdag_block *t, uint64_t hash, const char *name, struct guest_site site);
/* Round a read of n bytes, or messages, from it: what await gives ends the wait. Before a write, and after it. */
struct lockdag_block *guest_flow_await(uint32_t flow, unsigned flags, uint32_t timeout_ms, struct guest_site site);
void guest_flow_read(uint32_t flow, struct lockdag_block *waited, ssize_t n);
void guest_flow_signal(uint32_t flow, struct guest_site site);
void guest_flow_wrote(uint32_t flow, ssize_t n);
/* Round a read of fd by others than the hooks of read: what begins a wait gives what ends it, with the
 * number of bytes. After a write. */
struct lockdag_block *guest_pipe_reads(int fd, struct guest_site site);
void guest_pipe_was_read(int fd, struct lockdag_block *waited, ssize_t n);
void guest_pipe_wrote(int fd, ssize_t n, struct guest_site site);
/* fd reads and writes these. */
void guest_pipe_set(int fd, uint32_t reads, uint32_t writes, bool never_blocks);
bool guest_pipe_is(int fd);
/* What it reads, 0: nothing that is watched. */
uint32_t guest_pipe_flow(int fd);
void guest_pipe_closed(int fd);
void guest_pipe_copied(int from, int to);
/* Its reads block, or never do. */
void guest_pipe_blocks(int fd, bool blocks);
/* Announces a wait for something to read from fd: the thread, which ends it by guest_event_waited();
 * NULL: it is no pipe, or the wait is none. */
struct lockdag_block *guest_pipe_await(int fd, struct guest_site site);
/* There is something to read from fd; whoever reads it does not wait. */
void guest_pipe_is_ready(int fd);
/* fd was added to epoll (-1: to none) as data; epoll has said that data is ready. */
void guest_pipe_is_polled(int fd, int epoll, uint64_t data);
void guest_pipe_epolled(int epoll, uint64_t data);

/* hooks_poll.c: round each call that polls. timeout_ms < 0: without limit. begin announces a wait, and
 * end takes what it gave; r is the call's result, given back. */
struct lockdag_block *guest_poll_begin(
	const struct pollfd *fds, nfds_t n, int64_t timeout_ms, struct guest_site site);
int guest_poll_end(struct lockdag_block *waited, const struct pollfd *fds, nfds_t n, int r);
struct lockdag_block *guest_select_begin(int n, const fd_set *readable, const fd_set *writable,
	const fd_set *exceptional, int64_t timeout_ms, struct guest_site site);
int guest_select_end(struct lockdag_block *waited, int n, const fd_set *readable, int r);
struct lockdag_block *guest_epoll_begin(int epoll, int64_t timeout_ms, struct guest_site site);
int guest_epoll_end(
	struct lockdag_block *waited, int epoll, const struct epoll_event *events, int r);

#endif
