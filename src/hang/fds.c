/* SPDX-License-Identifier: MIT
 *
 * All open descriptors of all processes that may be read, once; and who else has the same.
 */
#include "files.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/kcmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static void fds_free_all(struct hang_files *f)
{
	for (size_t i = 0; i < f->fds.n; i++)
		free(f->fds.items[i].link);
	lockdag_vec_clear(&f->fds);
	lockdag_vec_clear(&f->closed);
	lockdag_vec_clear(&f->sockets);
	f->scanned = f->sockets_read = false;
}

void hang_files_close(struct hang_files *f)
{
	if (!f)
		return;
	fds_free_all(f);
	free(f);
}

int hang_files_open(struct hang *h)
{
	if (!h->files)
		h->files = calloc(1, sizeof(*h->files));
	if (!h->files)
		return -ENOMEM;
	fds_free_all(h->files);
	return 0;
}

/* Only what can be waited for: pipes, sockets, eventfds, and files (they may be locked). */
static void fds_process(struct hang_files *f, int pid)
{
	char path[64], link[1024];
	struct dirent *entry;
	DIR *d;

	snprintf(path, sizeof(path), "/proc/%d/fd", pid);
	d = opendir(path);
	if (!d) {
		int *row = errno == EACCES || errno == EPERM ? lockdag_vec_push(&f->closed) : NULL;

		if (row)
			*row = pid;
		return;
	}
	while ((entry = readdir(d))) {
		struct hang_fd *row;
		ssize_t n;

		if (!isdigit((unsigned char)entry->d_name[0]))
			continue;
		n = readlinkat(dirfd(d), entry->d_name, link, sizeof(link) - 1);
		if (n <= 0)
			continue;
		link[n] = 0;
		row = lockdag_vec_push(&f->fds);
		if (!row)
			break;
		*row = (struct hang_fd){pid, atoi(entry->d_name), strdup(link)};
	}
	closedir(d);
}

static void fds_scan(struct hang_files *f)
{
	struct dirent *entry;
	DIR *d;

	if (f->scanned)
		return;
	f->scanned = true;
	d = opendir("/proc");
	while (d && (entry = readdir(d)))
		if (isdigit((unsigned char)entry->d_name[0]))
			fds_process(f, atoi(entry->d_name));
	if (d)
		closedir(d);
}

bool files_link(int pid, int fd, char *buffer, size_t size)
{
	char path[64];
	ssize_t n;

	snprintf(path, sizeof(path), "/proc/%d/fd/%d", pid, fd);
	n = readlink(path, buffer, size - 1);
	buffer[n > 0 ? n : 0] = 0;
	return n > 0;
}

bool files_info(int pid, int fd, char **ret_text, unsigned *ret_flags)
{
	char path[64];
	const char *at;

	snprintf(path, sizeof(path), "/proc/%d/fdinfo/%d", pid, fd);
	*ret_text = hang_slurp(path);
	if (!*ret_text)
		return false;
	at = strstr(*ret_text, "flags:");
	*ret_flags = at ? (unsigned)strtoul(at + 6, NULL, 8) : 0;
	return at != NULL;
}

bool files_are_one(int pid1, int fd1, int pid2, int fd2)
{
	if (pid1 == pid2 && fd1 == fd2)
		return true;
	return syscall(SYS_kcmp, pid1, pid2, KCMP_FILE, fd1, fd2) == 0;
}

/* A process whose descriptors may not be read counts where it can have inherited this one: when it
 * is of the same session as the waiter, or descends from it. */
static bool fds_may_share(const struct hang_files *f, int pid, const struct hang_process *p)
{
	struct hang_process other = {0};
	char path[64], *text, state;
	bool same = false;

	(void)f;
	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	text = hang_slurp(path);
	if (text && hang_parse_stat(text, &other, &state))
		same = other.session == p->session || other.ppid == p->pid;
	free(text);
	return same;
}

int files_each(struct hang *h, const struct hang_process *p, const char *link, files_found *found,
	void *arg, bool *ret_closed)
{
	struct hang_files *f = h->files;
	int r = 0;

	fds_scan(f);
	*ret_closed = false;
	for (size_t i = 0; r == 0 && i < f->fds.n; i++)
		if (f->fds.items[i].link && !strcmp(f->fds.items[i].link, link))
			r = found(arg, f->fds.items[i].pid, f->fds.items[i].fd);
	for (size_t i = 0; i < f->closed.n; i++)
		*ret_closed = *ret_closed || fds_may_share(f, f->closed.items[i], p);
	return r;
}

bool files_by_kernel(struct hang *h, const struct hang_process *p)
{
	static const char *const doers[] = {"anon_inode:[io_uring]", "/dev/kvm", "/dev/vfio/", NULL};
	const struct hang_files *f = h->files;

	for (size_t i = 0; i < p->regions.n; i++)
		if (p->regions.items[i].path && !strncmp(p->regions.items[i].path, "/[aio]", 6))
			return true;
	fds_scan(h->files);
	for (size_t i = 0; i < f->fds.n; i++)
		for (size_t k = 0; f->fds.items[i].pid == p->pid && f->fds.items[i].link && doers[k]; k++)
			if (!strncmp(f->fds.items[i].link, doers[k], strlen(doers[k])))
				return true;
	return false;
}
