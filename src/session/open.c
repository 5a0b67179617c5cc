/* SPDX-License-Identifier: MIT
 *
 * A kept session: is it one, is it all there, and may this lockdag read it?
 *
 * A kept file is mapped privately and read-only. Somebody who cuts it shorter while it is open gets
 * a SIGBUS for it; somebody who writes to it gets nonsense, but no wrong access.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "session/reach.h"

#define OPEN_ALIGN _Alignof(struct lockdag_session_header)

static uint64_t open_min(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

static const char *open_other_version(uint32_t version)
{
	static _Thread_local char why[80];

	snprintf(why, sizeof(why), "made by another version of lockdag (format %u, not %u)",
		(unsigned)version, (unsigned)LOCKDAG_SESSION_VERSION);
	return why;
}

/* NULL and *ret_limit when the n bytes are a session, else why they are none. What comes first in
 * a file decides: a foreign file is not called cut off. */
static const char *open_check(const void *bytes, uint64_t n, uint64_t *ret_limit)
{
	struct lockdag_session_header header = {0};

	if (n == 0)
		return "not a lockdag session: the file is empty";
	memcpy(&header, bytes, open_min(n, sizeof(header)));
	if (n < sizeof(header.magic) || header.magic != LOCKDAG_SESSION_MAGIC)
		return "not a lockdag session";
	if (n < offsetof(struct lockdag_session_header, size))
		return "cut off: its header is not complete";
	if (header.version != LOCKDAG_SESSION_VERSION)
		return open_other_version(header.version);
	if (header.header_size != sizeof(header))
		return "damaged: its header does not have the size of this version";
	if (n < sizeof(header))
		return "cut off: its header is not complete";
	if (header.size < lockdag_session_layout.heap ||
		header.heap_next < lockdag_session_layout.heap)
		return "damaged: its header gives a size that no session has";
	if (n < lockdag_session_layout.heap)
		return "cut off: its tables are not complete";
	if (n < open_min(header.heap_next, header.size))
		return "cut off: the end of what was recorded is missing";
	*ret_limit = open_min(n, open_min(header.size, LOCKDAG_SESSION_SIZE));
	return NULL;
}

int lockdag_session_from_memory(
	const void *bytes, size_t n, struct lockdag_session **ret_session, const char **ret_why)
{
	uint64_t limit = 0;
	struct lockdag_session *s;
	const char *why;

	if ((uintptr_t)bytes % OPEN_ALIGN != 0)
		why = "not aligned as a session in memory has to be";
	else
		why = open_check(bytes, n, &limit);
	*ret_why = why;
	if (why)
		return -EINVAL;
	s = calloc(1, sizeof(*s));
	if (!s)
		return -ENOMEM;
	s->base = bytes;
	s->limit = limit;
	s->fd = -1;
	session_sanitise(s->command, session_header(s)->command, sizeof(s->command));
	*ret_session = s;
	return 0;
}

static int open_mapped(int fd, size_t n, struct lockdag_session **ret_session, const char **ret_why)
{
	void *base;
	int r;

	if (n == 0)
		return lockdag_session_from_memory(NULL, 0, ret_session, ret_why);
	base = mmap(NULL, n, PROT_READ, MAP_PRIVATE | MAP_NORESERVE, fd, 0);
	if (base == MAP_FAILED)
		return -errno;
	r = lockdag_session_from_memory(base, n, ret_session, ret_why);
	if (r < 0)
		munmap(base, n);
	else
		(*ret_session)->mapped = n;
	return r;
}

int lockdag_session_open(
	const char *path, struct lockdag_session **ret_session, const char **ret_why)
{
	/* not blocking: the name may be that of a pipe */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	struct stat st;
	int r;

	*ret_why = NULL;
	if (fd < 0)
		return -errno;
	if (fstat(fd, &st) < 0) {
		r = -errno;
	} else if (!S_ISREG(st.st_mode)) {
		*ret_why = "not a lockdag session: not even a file";
		r = -EINVAL;
	} else {
		uint64_t n = open_min((uint64_t)st.st_size, LOCKDAG_SESSION_SIZE);

		r = open_mapped(fd, (size_t)n, ret_session, ret_why);
	}
	close(fd);
	return r;
}

void lockdag_session_close(struct lockdag_session *s)
{
	if (!s)
		return;
	if (s->mapped)
		munmap((void *)(uintptr_t)s->base, s->mapped);
	if (s->fd >= 0)
		close(s->fd);
	free(s);
}
