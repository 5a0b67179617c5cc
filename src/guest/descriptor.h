/* SPDX-License-Identifier: MIT
 *
 * What is known of the program's descriptors: how each came to be, and for file locks whose it is. A table
 * by number, written by whoever opens and closes; what is stale in it (a file closed behind our hooks) is
 * found out by fstat when a lock is asked for.
 */
#ifndef LOCKDAG_GUEST_DESCRIPTOR_H
#define LOCKDAG_GUEST_DESCRIPTOR_H

#include "guest/guest.h"

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
/* A stream ends (hooks_stream.c). */
void guest_stream_closing(const void *stream);

/* hooks_file.c: before the close of a descriptor. The process holds no file's lock: nothing to do. */
extern uint32_t guest_files_held;
void guest_file_closing(int fd);
/* In a fork child: its parent's locks are not its own. */
void guest_files_forked(void);
/* Does the owner still hold the key's range? */
bool guest_file_is_held(uint32_t key, uint32_t owner);

/* hooks_pipe.c */
bool guest_pipe_is(int fd);
void guest_pipe_closed(int fd);
void guest_pipe_copied(int from, int to);

#endif
