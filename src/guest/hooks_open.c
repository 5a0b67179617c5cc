/* SPDX-License-Identifier: MIT
 *
 * Descriptors: opened, copied, closed. Nothing is recorded here; it is only noted where a path is, so
 * that a lock on the file can be called what the program calls it.
 */
#include "guest/descriptor.h"
#include "guest/hooks.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#define REAL(name) (guest_reals()->name)

struct guest_descriptor guest_descriptors[GUEST_MAX_FD];

uint32_t guest_descriptor_owner(struct guest_descriptor *d)
{
	if (!d->owner)
		d->owner = LOCKDAG_OWNER_FILE |
			(uint32_t)lockdag_add_relaxed(&guest_process.writer.header->next_serial, 1);
	return d->owner;
}

int guest_opened(int fd, const void *path, uint64_t ip)
{
	struct guest_descriptor *d = guest_descriptor(fd);

	if (!d)
		return fd;
	*d = (struct guest_descriptor){ .path = (uint64_t)path, .open_ip = ip };
	/* Now, so that who inherits it over a fork has the same number. */
	if (guest_ready())
		guest_descriptor_owner(d);
	return fd;
}

/* The child of a vfork has its parent's memory and descriptors of its own. */
static bool open_is_ours(void)
{
	return guest_process.state == GUEST_READY &&
		guest_process_row(guest_process.row)->pid == getpid();
}

/* What was noted of fd stays: whoever opens the number again overwrites it. */
void guest_closing(int fd)
{
	if (LOCKDAG_LIKELY(!guest_pipe_is(fd) && !lockdag_load_relaxed(&guest_files_held)))
		return;
	if (!open_is_ours())
		return;
	if (guest_files_held)
		guest_file_closing(fd);
	guest_pipe_closed(fd);
}

/* ------------------------------------------------------------------ opening */

static bool open_has_mode(int flags)
{
	return flags & O_CREAT || (flags & O_TMPFILE) == O_TMPFILE;
}

#define OPEN_MODE(flags)                                                                           \
	mode_t mode = 0;                                                                           \
                                                                                                   \
	if (open_has_mode(flags)) {                                                                \
		va_list ap;                                                                        \
                                                                                                   \
		va_start(ap, flags);                                                               \
		mode = va_arg(ap, mode_t);                                                         \
		va_end(ap);                                                                        \
	}

GUEST_EXPORT int open(const char *path, int flags, ...)
{
	OPEN_MODE(flags)
	return guest_opened(REAL(open)(path, flags, mode), path, GUEST_IP());
}

GUEST_EXPORT int open64(const char *path, int flags, ...)
{
	OPEN_MODE(flags)
	return guest_opened(REAL(open64)(path, flags, mode), path, GUEST_IP());
}

GUEST_EXPORT int openat(int at, const char *path, int flags, ...)
{
	OPEN_MODE(flags)
	return guest_opened(REAL(openat)(at, path, flags, mode), path, GUEST_IP());
}

GUEST_EXPORT int openat64(int at, const char *path, int flags, ...)
{
	OPEN_MODE(flags)
	return guest_opened(REAL(openat64)(at, path, flags, mode), path, GUEST_IP());
}

#define OPEN_PLAIN(name, parameters, arguments)                                                    \
	GUEST_EXPORT int name parameters;                                                          \
	GUEST_EXPORT int name parameters                                                           \
	{                                                                                          \
		return guest_opened(REAL(name) arguments, path, GUEST_IP());                       \
	}

/* What _FORTIFY_SOURCE makes of open. */
OPEN_PLAIN(__open_2, (const char *path, int flags), (path, flags))
OPEN_PLAIN(__open64_2, (const char *path, int flags), (path, flags))
OPEN_PLAIN(__openat_2, (int at, const char *path, int flags), (at, path, flags))
OPEN_PLAIN(__openat64_2, (int at, const char *path, int flags), (at, path, flags))
OPEN_PLAIN(creat, (const char *path, mode_t mode), (path, mode))
OPEN_PLAIN(creat64, (const char *path, mode_t mode), (path, mode))
OPEN_PLAIN(mkstemp, (char *path), (path))
OPEN_PLAIN(mkstemp64, (char *path), (path))
OPEN_PLAIN(mkostemp, (char *path, int flags), (path, flags))
OPEN_PLAIN(mkostemp64, (char *path, int flags), (path, flags))
OPEN_PLAIN(mkstemps, (char *path, int suffix), (path, suffix))
OPEN_PLAIN(mkostemps, (char *path, int suffix, int flags), (path, suffix, flags))
OPEN_PLAIN(shm_open, (const char *path, int flags, mode_t mode), (path, flags, mode))

GUEST_EXPORT FILE *fopen(const char *restrict path, const char *restrict mode)
{
	FILE *f = REAL(fopen)(path, mode);

	if (f)
		guest_opened(f->_fileno, path, GUEST_IP());
	return f;
}

GUEST_EXPORT FILE *fopen64(const char *restrict path, const char *restrict mode)
{
	FILE *f = REAL(fopen64)(path, mode);

	if (f)
		guest_opened(f->_fileno, path, GUEST_IP());
	return f;
}

/* ------------------------------------------------------------------ copying */

int guest_copied(int from, int to)
{
	struct guest_descriptor *f = guest_descriptor(from), *t = guest_descriptor(to);
	int saved = errno;

	if (to < 0 || from == to || !open_is_ours())
		return to;
	errno = saved;
	if (f)
		guest_descriptor_owner(f);
	if (t)
		*t = f ? *f : (struct guest_descriptor){ 0 };
	guest_pipe_copied(from, to);
	return to;
}

GUEST_EXPORT int dup(int fd)
{
	return guest_copied(fd, REAL(dup)(fd));
}

/* What the new number was before is closed. */
static void open_replaces(int from, int to)
{
	int saved = errno;

	if (from != to && guest_descriptor(from))
		guest_closing(to);
	errno = saved;
}

GUEST_EXPORT int dup2(int from, int to)
{
	open_replaces(from, to);
	return guest_copied(from, REAL(dup2)(from, to));
}

GUEST_EXPORT int dup3(int from, int to, int flags)
{
	open_replaces(from, to);
	return guest_copied(from, REAL(dup3)(from, to, flags));
}

/* ------------------------------------------------------------------ closing */

GUEST_EXPORT int close(int fd)
{
	int saved = errno;

	guest_closing(fd);
	errno = saved;
	return REAL(close)(fd);
}

GUEST_EXPORT int fclose(FILE *f)
{
	int saved = errno;

	guest_stream_closing(f);
	guest_stdio_closing(f, GUEST_SITE());
	guest_closing(f->_fileno);
	errno = saved;
	return REAL(fclose)(f);
}

static void open_close_range(unsigned first, unsigned last)
{
	int saved = errno;

	for (unsigned fd = first; fd <= last && fd < GUEST_MAX_FD; fd++)
		guest_closing((int)fd);
	errno = saved;
}

GUEST_EXPORT int close_range(unsigned first, unsigned last, int flags)
{
	if (!flags)
		open_close_range(first, last);
	return REAL(close_range)(first, last, flags);
}

GUEST_EXPORT void closefrom(int first)
{
	open_close_range(first < 0 ? 0 : (unsigned)first, GUEST_MAX_FD);
	REAL(closefrom)(first);
}
