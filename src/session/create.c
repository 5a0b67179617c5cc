/* SPDX-License-Identifier: MIT
 *
 * A new session: a sealed memfd that the program to be watched inherits.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <unistd.h>

#include "session/reach.h"

#ifndef MFD_NOEXEC_SEAL
#define MFD_NOEXEC_SEAL 0x0008u /* Linux 6.3 */
#endif

/* Programs put their own descriptors low and close the low ones: stay out of their way. Not above
 * this number though: a fork copies the table of descriptors up to the highest one in use. */
#define CREATE_HIGHEST_FD 4096u
#define CREATE_FD_MARGIN 32u
#define CREATE_FD_MIN 64u

static int create_move_high(int fd)
{
	struct rlimit limit;
	rlim_t soft = 0;
	int high = -1;

	if (getrlimit(RLIMIT_NOFILE, &limit) == 0)
		soft = limit.rlim_cur < CREATE_HIGHEST_FD ? limit.rlim_cur : CREATE_HIGHEST_FD;
	if (soft > CREATE_FD_MIN + CREATE_FD_MARGIN)
		high = fcntl(fd, F_DUPFD, (int)(soft - CREATE_FD_MARGIN));
	if (high < 0)
		high = fcntl(fd, F_DUPFD, (int)CREATE_FD_MIN);
	if (high < 0)
		return fd;
	close(fd);
	return high;
}

/* An ftruncate beyond RLIMIT_FSIZE would end us by SIGXFSZ, so that is asked first. */
static int create_file(void)
{
	struct rlimit limit;
	int fd, r;

	if (getrlimit(RLIMIT_FSIZE, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY &&
		limit.rlim_cur < LOCKDAG_SESSION_SIZE)
		return -EFBIG;
	fd = memfd_create("lockdag", MFD_NOEXEC_SEAL | MFD_ALLOW_SEALING);
	if (fd < 0 && errno == EINVAL)
		fd = memfd_create("lockdag", MFD_ALLOW_SEALING);
	if (fd < 0)
		return -errno;
	/* Sealed, since a program that truncates a descriptor it does not know would end by SIGBUS,
	 * and we with it. */
	if (ftruncate(fd, (off_t)LOCKDAG_SESSION_SIZE) < 0 ||
		fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) < 0) {
		r = -errno;
		close(fd);
		return r;
	}
	return create_move_high(fd);
}

static int create_cookie(uint32_t *ret_cookie)
{
	uint32_t cookie = 0;

	while (cookie == 0) {
		ssize_t n = getrandom(&cookie, sizeof(cookie), 0);

		if (n < 0 && errno != EINTR)
			return -errno;
		if (n != (ssize_t)sizeof(cookie))
			cookie = 0;
	}
	*ret_cookie = cookie;
	return 0;
}

/* Through the descriptor: the judge's own mapping stays read-only. The magic goes in last. */
static int create_header(int fd, const char *command, uint32_t options)
{
	struct lockdag_session_header header = {
		.version = LOCKDAG_SESSION_VERSION,
		.header_size = sizeof(header),
		.size = LOCKDAG_SESSION_SIZE,
		.judge_pid = getpid(),
		.options = options,
		.heap_next = lockdag_session_layout.heap,
		.next_serial = 1,
	};
	const uint64_t magic = LOCKDAG_SESSION_MAGIC;
	int r = create_cookie(&header.cookie);

	if (r < 0)
		return r;
	if (command)
		memcpy(header.command, command, strnlen(command, sizeof(header.command) - 1));
	if (pwrite(fd, &header, sizeof(header), 0) != (ssize_t)sizeof(header) ||
		pwrite(fd, &magic, sizeof(magic), 0) != (ssize_t)sizeof(magic))
		return errno ? -errno : -EIO;
	return 0;
}

int lockdag_session_create(
	const char *command, uint32_t options, struct lockdag_session **ret_session)
{
	struct lockdag_session *s = calloc(1, sizeof(*s));
	void *base;
	int r;

	if (!s)
		return -ENOMEM;
	s->fd = create_file();
	if (s->fd < 0) {
		r = s->fd;
		goto out;
	}
	r = create_header(s->fd, command, options);
	if (r < 0)
		goto out;
	base = mmap(NULL, LOCKDAG_SESSION_SIZE, PROT_READ, MAP_SHARED | MAP_NORESERVE, s->fd, 0);
	if (base == MAP_FAILED) {
		r = -errno;
		goto out;
	}
	(void)madvise(base, LOCKDAG_SESSION_SIZE, MADV_DONTDUMP);
	s->base = base;
	s->limit = s->mapped = LOCKDAG_SESSION_SIZE;
	session_sanitise(s->command, session_header(s)->command, sizeof(s->command));
	*ret_session = s;
	return 0;
out:
	lockdag_session_close(s);
	return r;
}

int lockdag_session_fd(const struct lockdag_session *s)
{
	return s->fd;
}
