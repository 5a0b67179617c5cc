/* SPDX-License-Identifier: MIT
 *
 * Keeps a session as a file. Only rows in use and the heap are copied, and of them no page of
 * zeroes, so that the file takes the room of what was recorded. The hash sets stay empty: they are
 * for the guest, which never sees a kept file.
 *
 * The session may still grow meanwhile. What refers is therefore copied before what it refers to:
 * thread rows, the heap (chunks in it ascending, `used` before the items), then the other tables,
 * then the header.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"
#include "session/reach.h"

#define SAVE_PAGE UINT64_C(4096)
#define SAVE_RUN (UINT64_C(1) << 20)
#define SAVE_NAMES 100

struct save {
	const struct lockdag_session *s;
	int fd;
};

static int save_write(const struct save *to, const void *bytes, uint64_t n, uint64_t offset)
{
	const char *p = bytes;

	while (n > 0) {
		ssize_t done = pwrite(to->fd, p, n, (off_t)offset);

		if (done < 0 && errno == EINTR)
			continue;
		if (done <= 0)
			return done < 0 ? -errno : -EIO;
		p += done;
		n -= (uint64_t)done;
		offset += (uint64_t)done;
	}
	return 0;
}

static bool save_is_zero(const char *p, uint64_t n)
{
	return p[0] == 0 && memcmp(p, p + 1, n - 1) == 0;
}

/* Bytes up to the next page's start or to end. */
static uint64_t save_piece(uint64_t offset, uint64_t end)
{
	uint64_t next = (offset / SAVE_PAGE + 1) * SAVE_PAGE;

	return (next < end ? next : end) - offset;
}

static int save_pages(const struct save *to, uint64_t from, uint64_t end)
{
	const char *base = to->s->base;

	while (from < end) {
		uint64_t n = 0;
		int r;

		while (from + n < end && n < SAVE_RUN &&
			!save_is_zero(base + from + n, save_piece(from + n, end)))
			n += save_piece(from + n, end);
		if (n == 0) {
			from += save_piece(from, end);
			continue;
		}
		r = save_write(to, base + from, n, from);
		if (r < 0)
			return r;
		from += n;
	}
	return 0;
}

/* Holes of a memfd are left out by asking for them: to read one would fill it. */
static int save_range(const struct save *to, uint64_t from, uint64_t end)
{
	int source = to->s->fd;

	while (from < end) {
		off_t data = (off_t)from, hole = (off_t)end;
		int r;

		if (source >= 0) {
			data = lseek(source, (off_t)from, SEEK_DATA);
			if (data < 0 && errno == ENXIO)
				return 0;
			if (data < 0)
				return -errno;
			hole = lseek(source, data, SEEK_HOLE);
			if (hole < 0)
				return -errno;
		}
		if ((uint64_t)data >= end)
			return 0;
		r = save_pages(to, (uint64_t)data, (uint64_t)hole < end ? (uint64_t)hole : end);
		if (r < 0)
			return r;
		from = (uint64_t)hole;
	}
	return 0;
}

static int save_table(const struct save *to, uint64_t table, uint32_t n, size_t row_size)
{
	return save_range(to, table, table + (uint64_t)n * row_size);
}

static int save_header(const struct save *to, uint32_t n_threads, uint64_t heap_end)
{
	struct lockdag_session_header header;

	memcpy(&header, to->s->base, sizeof(header));
	header.magic = LOCKDAG_SESSION_MAGIC;
	header.version = LOCKDAG_SESSION_VERSION;
	header.header_size = sizeof(header);
	header.size = LOCKDAG_SESSION_SIZE;
	header.n_threads = n_threads;
	header.heap_next = heap_end;
	header.free_block = 0;
	return save_write(to, &header, sizeof(header), 0);
}

static int save_set_size(const struct save *to, uint64_t heap_end)
{
	uint64_t size = (heap_end + SAVE_PAGE - 1) / SAVE_PAGE * SAVE_PAGE;
	struct rlimit limit;

	/* beyond the limit the kernel would send SIGXFSZ */
	if (getrlimit(RLIMIT_FSIZE, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY &&
		limit.rlim_cur < size)
		return -EFBIG;
	return ftruncate(to->fd, (off_t)size) < 0 ? -errno : 0;
}

static int save_copy(const struct save *to)
{
	const struct lockdag_session_layout *at = &lockdag_session_layout;
	const struct lockdag_session *s = to->s;
	uint32_t n_threads = lockdag_session_n_threads(s);
	uint64_t heap_end;
	int r;

	/* The size first, and the threads' part of it last of all that may fail late. */
	r = save_set_size(to, session_heap_end(s));
	if (r == 0)
		r = save_table(to, at->threads, n_threads, sizeof(struct lockdag_session_thread));
	heap_end = session_heap_end(s);
	if (r == 0)
		r = save_set_size(to, heap_end);
	if (r == 0)
		r = save_range(to, at->heap, heap_end);
	if (r == 0)
		r = save_table(to, at->processes, lockdag_session_n_processes(s),
			sizeof(struct lockdag_session_process));
	if (r == 0)
		r = save_table(to, at->modules, lockdag_session_n_modules(s),
			sizeof(struct lockdag_session_module));
	if (r == 0)
		r = save_table(to, at->classes, lockdag_session_n_classes(s),
			sizeof(struct lockdag_session_class));
	if (r == 0)
		r = save_table(to, at->keys, lockdag_session_n_keys(s),
			sizeof(struct lockdag_session_key));
	return r == 0 ? save_header(to, n_threads, heap_end) : r;
}

/* A new file beside path. Nobody else's file is touched, nobody's link followed. */
static int save_temporary(const char *path, char **ret_name)
{
	for (int i = 0; i < SAVE_NAMES; i++) {
		char *name = lockdag_textf("%s.%d-%d.part", path, (int)getpid(), i);
		int fd;

		if (!name)
			return -ENOMEM;
		fd = open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
		if (fd >= 0) {
			*ret_name = name;
			return fd;
		}
		fd = -errno;
		free(name);
		if (fd != -EEXIST)
			return fd;
	}
	return -EEXIST;
}

/* rename() would put a file in the place of /dev/null as gladly as of a file. */
static int save_check_target(const char *path)
{
	struct stat st;

	if (stat(path, &st) < 0)
		return errno == ENOENT ? 0 : -errno;
	if (S_ISDIR(st.st_mode))
		return -EISDIR;
	return S_ISREG(st.st_mode) ? 0 : -EINVAL;
}

int lockdag_session_save(const struct lockdag_session *s, const char *path)
{
	struct save to = {.s = s, .fd = -1};
	char *name = NULL;
	int r = save_check_target(path);

	if (r < 0)
		return r;
	to.fd = save_temporary(path, &name);
	if (to.fd < 0)
		return to.fd;
	r = save_copy(&to);
	if (close(to.fd) < 0 && r == 0)
		r = -errno;
	if (r == 0 && rename(name, path) < 0)
		r = -errno;
	if (r < 0)
		unlink(name);
	free(name);
	return r;
}
