/* SPDX-License-Identifier: MIT
 *
 * What the reading side of the room shares: the open session, and the one place where an offset
 * out of a session turns into a pointer.
 */
#ifndef LOCKDAG_SESSION_REACH_H
#define LOCKDAG_SESSION_REACH_H

#include "base/atomic.h"
#include "session/session.h"

struct lockdag_session {
	const char *base;
	uint64_t limit; /* bytes at base that may be read; at least all tables */
	size_t mapped;  /* bytes to unmap; 0: the caller's memory */
	int fd;         /* of the memfd, or -1 */
	char command[sizeof(((struct lockdag_session_header *)NULL)->command)]; /* sanitised */
};

#define SESSION_ITEM_ALIGN 16u

static inline const struct lockdag_session_header *session_header(const struct lockdag_session *s)
{
	return (const void *)s->base;
}

/* Where the heap ends by now. Relaxed is enough: who holds an offset got it by an acquire load of
 * what was published after heap_next had moved beyond it. */
static inline uint64_t session_heap_end(const struct lockdag_session *s)
{
	uint64_t next = lockdag_load_relaxed(&session_header(s)->heap_next);

	return next < s->limit ? next : s->limit;
}

/* size bytes of the heap at offset, or NULL when they are not all there or not aligned. */
static inline const void *session_heap_at(
	const struct lockdag_session *s, uint64_t offset, uint64_t size, uint64_t align)
{
	uint64_t end = session_heap_end(s);

	if (offset < lockdag_session_layout.heap || offset % align != 0)
		return NULL;
	if (offset > end || size > end - offset)
		return NULL;
	return s->base + offset;
}

/* Copies text of at most max bytes for people: what is not printable UTF-8 becomes '?'. ret has
 * room for max bytes and ends in a zero. */
void session_sanitise(char *ret, const char *text, size_t max);

#endif
