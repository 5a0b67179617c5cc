/* SPDX-License-Identifier: MIT
 *
 * Streams on pipes and sockets. What stdio reads and writes, it does inside libc; so its functions are
 * looked at, those that take and give lines and blocks. They wait where the stream's buffer has not all that
 * is asked for; they signal when less is left in the buffer than they were given. A program that has put no
 * stream on what is watched pays one test a call.
 */
#include "guest/descriptor.h"
#include "guest/hooks.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static uint32_t stdio_on_pipe; /* some stream is */

/* Nothing to see: the real function at once. */
#define STDIO_PASSES(name) LOCKDAG_LIKELY(!stdio_on_pipe && guest_real.name)
#define REAL(name) (guest_reals()->name)

void guest_stdio_on_pipe(void)
{
	lockdag_store_relaxed(&stdio_on_pipe, 1);
}

GUEST_EXPORT FILE *fdopen(int fd, const char *mode)
{
	if (guest_pipe_is(fd))
		guest_stdio_on_pipe();
	return REAL(fdopen)(fd, mode);
}

/* ------------------------------------------------------------------ reading */

struct stdio_read {
	struct lockdag_block *waited;
	ssize_t before; /* bytes in the buffer */
	bool reads;
};

static ssize_t stdio_buffered(const FILE *f)
{
	return f->_IO_read_end - f->_IO_read_ptr;
}

/* wanted: bytes, at the most, up to delimiter (-1: none). */
static void stdio_begin(struct stdio_read *r, const FILE *f, size_t wanted, int delimiter,
	struct guest_site site)
{
	*r = (struct stdio_read){ .before = stdio_buffered(f) };
	if (!guest_pipe_is(f->_fileno) || (size_t)r->before >= wanted)
		return;
	for (ssize_t i = 0; delimiter >= 0 && i < r->before; i++)
		if ((unsigned char)f->_IO_read_ptr[i] == delimiter)
			return;
	r->reads = true;
	r->waited = guest_pipe_reads(f->_fileno, site);
}

static void stdio_end(struct stdio_read *r, const FILE *f, ssize_t given)
{
	int saved = errno;

	if (r->reads)
		guest_pipe_was_read(f->_fileno, r->waited,
			(given > 0 ? given : 0) + stdio_buffered(f) - r->before);
	errno = saved;
}

#define STDIO_READ(f, wanted, delimiter, type, call, given)                                        \
	do {                                                                                       \
		struct stdio_read read_;                                                           \
		type r_;                                                                           \
                                                                                                   \
		stdio_begin(&read_, (f), (wanted), (delimiter), GUEST_SITE());                     \
		r_ = (call);                                                                       \
		stdio_end(&read_, (f), (given));                                                   \
		return r_;                                                                         \
	} while (0)

GUEST_EXPORT char *fgets(char *restrict s, int n, FILE *restrict f)
{
	if (STDIO_PASSES(fgets))
		return guest_real.fgets(s, n, f);
	STDIO_READ(f, (size_t)(n > 0 ? n - 1 : 0), '\n', char *, REAL(fgets)(s, n, f),
		r_ ? (ssize_t)strlen(s) : 0);
}

GUEST_EXPORT char *__fgets_chk(char *s, size_t room, int n, FILE *f);
GUEST_EXPORT char *__fgets_chk(char *s, size_t room, int n, FILE *f)
{
	if (STDIO_PASSES(__fgets_chk))
		return guest_real.__fgets_chk(s, room, n, f);
	STDIO_READ(f, (size_t)(n > 0 ? n - 1 : 0), '\n', char *, REAL(__fgets_chk)(s, room, n, f),
		r_ ? (ssize_t)strlen(s) : 0);
}

GUEST_EXPORT size_t fread(void *restrict to, size_t size, size_t n, FILE *restrict f)
{
	if (STDIO_PASSES(fread))
		return guest_real.fread(to, size, n, f);
	STDIO_READ(f, size * n, -1, size_t, REAL(fread)(to, size, n, f), (ssize_t)(r_ * size));
}

GUEST_EXPORT size_t __fread_chk(void *to, size_t room, size_t size, size_t n, FILE *f);
GUEST_EXPORT size_t __fread_chk(void *to, size_t room, size_t size, size_t n, FILE *f)
{
	if (STDIO_PASSES(__fread_chk))
		return guest_real.__fread_chk(to, room, size, n, f);
	STDIO_READ(f, size * n, -1, size_t, REAL(__fread_chk)(to, room, size, n, f),
		(ssize_t)(r_ * size));
}

GUEST_EXPORT ssize_t getline(char **restrict line, size_t *restrict room, FILE *restrict f)
{
	if (STDIO_PASSES(getline))
		return guest_real.getline(line, room, f);
	STDIO_READ(f, SIZE_MAX, '\n', ssize_t, REAL(getline)(line, room, f), r_);
}

GUEST_EXPORT ssize_t getdelim(
	char **restrict line, size_t *restrict room, int delimiter, FILE *restrict f)
{
	if (STDIO_PASSES(getdelim))
		return guest_real.getdelim(line, room, delimiter, f);
	STDIO_READ(f, SIZE_MAX, delimiter & 0xff, ssize_t,
		REAL(getdelim)(line, room, delimiter, f), r_);
}

GUEST_EXPORT ssize_t __getdelim(char **restrict line, size_t *restrict room, int delimiter,
	FILE *restrict f);
GUEST_EXPORT ssize_t __getdelim(char **restrict line, size_t *restrict room, int delimiter,
	FILE *restrict f)
{
	if (STDIO_PASSES(__getdelim))
		return guest_real.__getdelim(line, room, delimiter, f);
	STDIO_READ(f, SIZE_MAX, delimiter & 0xff, ssize_t,
		REAL(__getdelim)(line, room, delimiter, f), r_);
}

/* ------------------------------------------------------------------ writing */

static ssize_t stdio_pending(const FILE *f)
{
	return f->_IO_write_ptr - f->_IO_write_base;
}

/* given bytes were added to those that were pending before. */
static void stdio_wrote(const FILE *f, ssize_t before, ssize_t given, struct guest_site site)
{
	const ssize_t n = before + given - stdio_pending(f);
	int saved = errno;

	if (n > 0 && guest_pipe_is(f->_fileno))
		guest_pipe_wrote(f->_fileno, n, site);
	errno = saved;
}

GUEST_EXPORT int fputs(const char *restrict s, FILE *restrict f)
{
	ssize_t before;
	int r;

	if (STDIO_PASSES(fputs))
		return guest_real.fputs(s, f);
	before = stdio_pending(f);
	r = REAL(fputs)(s, f);
	stdio_wrote(f, before, r >= 0 ? (ssize_t)strlen(s) : 0, GUEST_SITE());
	return r;
}

GUEST_EXPORT size_t fwrite(const void *restrict from, size_t size, size_t n, FILE *restrict f)
{
	ssize_t before;
	size_t r;

	if (STDIO_PASSES(fwrite))
		return guest_real.fwrite(from, size, n, f);
	before = stdio_pending(f);
	r = REAL(fwrite)(from, size, n, f);
	stdio_wrote(f, before, (ssize_t)(r * size), GUEST_SITE());
	return r;
}

GUEST_EXPORT int fflush(FILE *f)
{
	ssize_t before;
	int r;

	if (STDIO_PASSES(fflush) || !f)
		return REAL(fflush)(f);
	before = stdio_pending(f);
	r = REAL(fflush)(f);
	stdio_wrote(f, before, 0, GUEST_SITE());
	return r;
}

/* What is pending is written now. */
void guest_stdio_closing(FILE *f, struct guest_site site)
{
	if (LOCKDAG_UNLIKELY(stdio_on_pipe) && guest_pipe_is(f->_fileno) && stdio_pending(f) > 0)
		guest_pipe_wrote(f->_fileno, stdio_pending(f), site);
}
