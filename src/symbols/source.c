/* SPDX-License-Identifier: MIT
 *
 * Files of the source: found, read once, comments and the insides of literals made blank so that
 * what reads calls in them need not know about either.
 */
#include "internal.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SOURCE_MAX_SIZE (32u << 20)

bool sym_is_system_path(const char *path)
{
	return !strncmp(path, "/usr/include/", 13) || !strncmp(path, "/usr/lib/", 9) ||
	       strstr(path, "/include/c++/") || strstr(path, "/libstdc++-v3/") ||
	       strstr(path, "/lib/gcc/") || !strncmp(path, "/rustc/", 7) ||
	       strstr(path, "/lib/rustlib/") || !strncmp(path, "library/std/", 12) ||
	       !strncmp(path, "library/core/", 13) || !strncmp(path, "library/alloc/", 14);
}

static char *source_read(const char *path, size_t *ret_size)
{
	struct stat st;
	char *text = NULL;
	size_t n = 0;
	ssize_t got;
	int fd;

	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		return NULL;
	if (!fstat(fd, &st) && S_ISREG(st.st_mode) && st.st_size >= 0 &&
		st.st_size < SOURCE_MAX_SIZE)
		text = malloc((size_t)st.st_size + 1);
	while (text && n < (size_t)st.st_size) {
		got = read(fd, text + n, (size_t)st.st_size - n);
		if (got <= 0)
			break;
		n += (size_t)got;
	}
	close(fd);
	if (text)
		text[n] = 0;
	*ret_size = n;
	return text;
}

/* Skips a literal that starts at i, blanks its inside; returns the index behind it. */
static size_t source_blank_literal(char *s, size_t n, size_t i)
{
	char quote = s[i++];

	while (i < n && s[i] != quote && s[i] != '\n') {
		if (s[i] == '\\' && i + 1 < n && s[i + 1] != '\n')
			s[i++] = ' ';
		s[i++] = ' ';
	}
	return i + 1;
}

static void source_blank(char *s, size_t n)
{
	size_t i = 0;

	while (i < n) {
		if (s[i] == '/' && s[i + 1] == '/') {
			while (i < n && s[i] != '\n')
				s[i++] = ' ';
		} else if (s[i] == '/' && s[i + 1] == '*') {
			s[i++] = ' ';
			s[i++] = ' ';
			for (; i < n && !(s[i] == '*' && s[i + 1] == '/'); i++) {
				if (s[i] != '\n')
					s[i] = ' ';
			}
			for (size_t end = i + 2; i < n && i < end; i++)
				s[i] = ' ';
		} else if (s[i] == '"' ||
			   (s[i] == '\'' && (!i || s[i - 1] < '0' || s[i - 1] > '9'))) {
			i = source_blank_literal(s, n, i); /* not 1'000 */
		} else {
			i++;
		}
	}
}

/* As the debug information says; below the prefix: the shortened name, all of it, its base. */
static char *source_find(struct lockdag_symbols *s, const struct sym_frame *frame, size_t *ret_size)
{
	const char *tails[] = {frame->file, frame->path, sym_base_name(frame->path)};
	char *path, *text;

	/* A relative one is left where the directory was mapped away ("."): then it is the
	 * caller's. */
	text = source_read(frame->path, ret_size);
	if (text)
		return text;
	for (size_t i = 0; s->source_prefix && i < LOCKDAG_ARRAY_SIZE(tails); i++) {
		path = lockdag_textf("%s/%s", s->source_prefix, tails[i]);
		text = path ? source_read(path, ret_size) : NULL;
		free(path);
		if (text)
			return text;
	}
	return NULL;
}

static struct sym_source_file *source_new(struct lockdag_symbols *s, const char *path)
{
	struct sym_source_file *file = calloc(1, sizeof(*file));
	struct sym_source_file **place = file ? lockdag_vec_push(&s->sources) : NULL;

	if (!place) {
		free(file);
		return NULL;
	}
	*place = file;
	file->path = path;
	return file;
}

static void source_take(struct sym_source_file *file, char *text, size_t size)
{
	file->text = text;
	file->size = size;
	source_blank(text, size);
	for (size_t at = 0; at <= size;) {
		uint32_t *line = lockdag_vec_push(&file->lines);
		const char *end = memchr(text + at, '\n', size - at);

		if (!line)
			break;
		*line = (uint32_t)at;
		if (!end)
			break;
		at = (size_t)(end - text) + 1;
	}
}

const struct sym_source_file *sym_source(struct lockdag_symbols *s, const struct sym_frame *frame)
{
	struct sym_source_file *file;
	size_t size = 0;
	char *text;

	if (!frame->path || !frame->line)
		return NULL;
	for (size_t i = 0; i < s->sources.n; i++) {
		file = s->sources.items[i];
		if (!strcmp(file->path, frame->path))
			return file->text ? file : NULL;
	}
	file = source_new(s, frame->path);
	text = file ? source_find(s, frame, &size) : NULL;
	if (!text)
		return NULL;
	source_take(file, text, size);
	return file;
}

bool sym_source_give(struct lockdag_symbols *s, const char *path, const char *text, size_t size)
{
	struct sym_source_file *file = source_new(s, sym_string(s, path));
	char *copy = file && file->path ? malloc(size + 1) : NULL;

	if (!copy)
		return false;
	memcpy(copy, text, size);
	copy[size] = 0;
	source_take(file, copy, size);
	return true;
}

size_t sym_source_offset(const struct sym_source_file *file, unsigned line)
{
	return line && line <= file->lines.n ? file->lines.items[line - 1] : file->size;
}
