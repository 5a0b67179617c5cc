/* SPDX-License-Identifier: MIT
 *
 * The files of `lockdag kernel`: one after another through one scanner.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"
#include "cli/cli.h"
#include "cli/kernel.h"

#define KERNEL_READ_SIZE ((size_t)1 << 18)
#define KERNEL_FOLLOW_US 200000 /* how long a growing file is left alone */

struct reading {
	struct cli_kernel *kernel;
	struct lockdag_kernel_scanner *scanner;
	char *buffer; /* KERNEL_READ_SIZE bytes */
	bool follow;
	int status;
};

/* ------------------------------------------------------------------ what is found */

static int read_splat(void *context, struct lockdag_splat *splat)
{
	struct cli_kernel *kernel = context;
	struct lockdag_splat **slot;

	if (kernel->told) {
		int r = kernel->told(kernel, splat);

		lockdag_splat_free(splat);
		return r;
	}
	slot = lockdag_vec_push(&kernel->splats);
	if (!slot) {
		lockdag_splat_free(splat);
		return -ENOMEM;
	}
	*slot = splat;
	return 0;
}

static int read_graph(void *context, struct lockdag_kgraph *graph)
{
	struct cli_kernel *kernel = context;
	struct lockdag_kgraph **slot = lockdag_vec_push(&kernel->graphs);

	if (!slot) {
		lockdag_kgraph_free(graph);
		return -ENOMEM;
	}
	*slot = graph;
	return 0;
}

static int read_note(void *context, const struct lockdag_splat_note *note)
{
	struct cli_kernel *kernel = context;
	struct lockdag_splat_note *copy = lockdag_vec_push(&kernel->notes);

	if (!copy)
		return -ENOMEM;
	*copy = *note;
	copy->title = strdup(note->title);
	copy->file = strdup(note->file);
	return copy->title && copy->file ? 0 : -ENOMEM;
}

/* ------------------------------------------------------------------ files */

/* A regular file and a terminal may grow; a pipe that has ended will not. A log that is shorter
 * than what was read of it was begun anew. */
static bool read_may_grow(int fd)
{
	struct stat st;

	if (fstat(fd, &st) < 0 || S_ISFIFO(st.st_mode) || S_ISSOCK(st.st_mode))
		return false;
	if (S_ISREG(st.st_mode) && st.st_size < lseek(fd, 0, SEEK_CUR))
		lseek(fd, 0, SEEK_SET);
	return true;
}

/* At the end of what is there: waits for more. *ret_over: there will be none. */
static int read_wait(struct reading *reading, int fd, bool *quiet, bool *ret_over)
{
	int r = 0;

	*ret_over = !reading->follow || !read_may_grow(fd);
	if (*ret_over)
		return 0;
	if (*quiet)
		r = lockdag_kernel_flush(reading->scanner);
	*quiet = true;
	usleep(KERNEL_FOLLOW_US);
	return r;
}

/* Goes on until the file ends, or for ever when it is followed. 0 or a negative errno. */
static int read_descriptor(struct reading *reading, int fd)
{
	bool quiet = false, over = false;
	int r = 0;

	while (r == 0 && !over) {
		ssize_t n = read(fd, reading->buffer, KERNEL_READ_SIZE);

		if (n < 0 && errno != EINTR)
			return -errno;
		if (n > 0) {
			r = lockdag_kernel_feed(reading->scanner, reading->buffer, (size_t)n);
			quiet = false;
		} else if (n == 0) {
			r = read_wait(reading, fd, &quiet, &over);
		}
	}
	return r;
}

static int read_file(struct reading *reading, const char *path)
{
	bool is_stdin = !strcmp(path, "-");
	int fd = is_stdin ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	int r;

	if (fd < 0)
		return -errno;
	r = lockdag_kernel_begin(reading->scanner, path);
	if (r == 0)
		r = read_descriptor(reading, fd);
	if (r == 0)
		r = lockdag_kernel_end(reading->scanner);
	if (!is_stdin)
		close(fd);
	return r;
}

static int read_path(struct reading *reading, const char *path);

/* In a folder only files and folders count: no pipes and devices, and links to folders may be
 * loops. */
static bool read_wanted(const char *path)
{
	struct stat st, target;

	if (lstat(path, &st) < 0)
		return false;
	if (S_ISLNK(st.st_mode))
		return stat(path, &target) == 0 && S_ISREG(target.st_mode);
	return S_ISREG(st.st_mode) || S_ISDIR(st.st_mode);
}

static int read_directory(struct reading *reading, const char *path)
{
	struct dirent **entries;
	int n = scandir(path, &entries, NULL, alphasort), r = 0;

	if (n < 0)
		return -errno;
	for (int i = 0; i < n; i++) {
		const char *name = entries[i]->d_name;
		char *inner = NULL;

		if (r == 0 && strcmp(name, ".") && strcmp(name, "..")) {
			inner = lockdag_textf("%s/%s", path, name);
			r = !inner ? -ENOMEM : read_wanted(inner) ? read_path(reading, inner) : 0;
		}
		free(inner);
		free(entries[i]);
	}
	free(entries);
	return r;
}

/* Says what cannot be read and goes on; only an end of everything (no memory) comes back. */
static int read_path(struct reading *reading, const char *path)
{
	struct stat st;
	int r = 0;

	if (strcmp(path, "-") && stat(path, &st) < 0)
		r = -errno;
	else if (!strcmp(path, "-") || !S_ISDIR(st.st_mode))
		r = read_file(reading, path);
	else
		r = read_directory(reading, path);
	if (r == -ENOMEM)
		return r;
	if (r < 0)
		reading->status = cli_fail("%s: %s", path, strerror(-r));
	return 0;
}

int cli_kernel_read(struct cli_kernel *kernel, char **paths, int n, bool follow)
{
	const struct lockdag_kernel_sink sink = {read_splat, read_note, read_graph, kernel};
	struct reading reading = {.kernel = kernel};
	int r = lockdag_kernel_open(&sink, &reading.scanner);

	reading.buffer = malloc(KERNEL_READ_SIZE);
	if (r == 0 && !reading.buffer)
		r = -ENOMEM;
	for (int i = 0; r == 0 && i < n; i++) {
		reading.follow = follow && i == n - 1;
		r = read_path(&reading, paths[i]);
	}
	lockdag_kernel_close(reading.scanner);
	free(reading.buffer);
	return r < 0 ? cli_fail("kernel: %s", strerror(-r)) : reading.status;
}

void cli_kernel_done(struct cli_kernel *kernel)
{
	for (size_t i = 0; i < kernel->splats.n; i++)
		lockdag_splat_free(kernel->splats.items[i]);
	for (size_t i = 0; i < kernel->graphs.n; i++)
		lockdag_kgraph_free(kernel->graphs.items[i]);
	for (size_t i = 0; i < kernel->notes.n; i++) {
		free((char *)kernel->notes.items[i].title);
		free((char *)kernel->notes.items[i].file);
	}
	lockdag_union_free(kernel->all);
	free(kernel->known);
	lockdag_vec_clear(&kernel->splats);
	lockdag_vec_clear(&kernel->graphs);
	lockdag_vec_clear(&kernel->notes);
}
