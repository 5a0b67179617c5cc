/* SPDX-License-Identifier: MIT
 *
 * What a file's lock is called. People say the variable that the path is in ("pid_file"), or that has
 * the descriptor ("lock_fd"), unless its name tells nothing; else the file's own name. The class goes
 * by the file's path: one variable may have had the paths of many files.
 */
#include "cli/name_file.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "cli/cli.h"

#define FILE_NAME_SIZE 512

/* Words for any path or descriptor. */
static bool file_is_common(const char *name)
{
	static const char *const words[] = {"path", "pathname", "name", "file", "filename", "fname",
		"template", "tmpl", "temp", "tmp", "buf", "buffer", "fd", "fildes", "arg", "p", "f", "g",
		"h", "d", "s", "n"};

	for (size_t i = 0; i < LOCKDAG_ARRAY_SIZE(words); i++)
		if (!strcmp(name, words[i]))
			return true;
	return false;
}

/* "pid_file[0]", "*name", "&path[0]", "fileno(log)" -> the variable */
static void file_variable(const char *text, char *name)
{
	size_t n;

	if (!strncmp(text, "fileno(", 7))
		text += 7;
	text += strspn(text, "&*( ");
	snprintf(name, FILE_NAME_SIZE, "%s", text);
	n = strlen(name);
	if (n && name[n - 1] == ')')
		name[--n] = 0;
	if (n > 3 && !strcmp(name + n - 3, "[0]"))
		name[n - 3] = 0;
}

/* Is the path's variable that of one file only? */
static bool file_is_alone(
	const struct cli_loaded *l, uint32_t key, const struct lockdag_session_key *row)
{
	struct lockdag_session_class class;
	struct lockdag_session_key other;

	for (uint32_t i = 0; i < l->locks.n; i++)
		if (i != key && l->locks.rows[i] != LOCKDAG_NONE &&
			lockdag_session_key(l->source->session, i, &other) &&
			other.place == row->place && other.class_id != row->class_id &&
			lockdag_session_class(l->source->session, other.class_id, &class) &&
			class.type == LOCKDAG_LOCK_FILE)
			return false;
	return true;
}

static bool file_by_place(struct cli_loaded *l, uint32_t key,
	const struct lockdag_session_key *row, char *name)
{
	struct lockdag_symbols_name found;
	int module = cli_source_module(l->source, l->symbols, LOCKDAG_FRAME_MODULE(row->place));

	if (!row->place || module < 0 ||
		lockdag_symbols_variable(
			l->symbols, module, LOCKDAG_FRAME_OFFSET(row->place), &found) < 0 ||
		!found.name || strchr(found.name, '+') || !file_is_alone(l, key, row))
		return false;
	file_variable(found.name, name);
	return true;
}

/* The text of the call, when it is one that tells. */
static bool file_by_text(const struct lockdag_symbols_name *found, char *name)
{
	if (!found->name || strpbrk(found->name, " \""))
		return false;
	file_variable(found->name, name);
	return *name && !strchr(name, '(') && !file_is_common(name);
}

static bool file_by_open(
	struct cli_loaded *l, const struct lockdag_session_class *class, char *name)
{
	struct lockdag_session_class open = *class;
	struct lockdag_symbols_name found;

	if (!class->open_site)
		return false;
	open.frames[0] = class->open_site;
	open.n_frames = 1;
	open.snapshot = 0;
	return cli_name_ask(l, &open, &found) == 0 && file_by_text(&found, name);
}

static void file_by_path(const char *path, char *name)
{
	const char *base = cli_base_name(path);

	snprintf(name, FILE_NAME_SIZE, "%s", *base ? base : "a file");
}

static bool file_is_whole(const struct lockdag_session_key *row)
{
	return !row->first && row->last == INT64_MAX;
}

/* Has the file another part that is locked by itself? */
static bool file_has_parts(const struct cli_loaded *l, uint32_t key, uint32_t class_id)
{
	struct lockdag_session_key other;

	for (uint32_t i = 0; i < l->locks.n; i++)
		if (i != key && l->locks.rows[i] != LOCKDAG_NONE &&
			lockdag_session_key(l->source->session, i, &other) &&
			other.class_id == class_id && !file_is_whole(&other))
			return true;
	return false;
}

/* Parts are locks of their own: "db_file[100..199]". */
static char *file_add_part(const struct lockdag_session_key *row, const char *text)
{
	return lockdag_textf("%s[%" PRIu64 "..%" PRIu64 "]", text, row->first, row->last);
}

/* The class's key, of a part: with the part. */
static char *file_class_key(const struct lockdag_session_key *row,
	const struct lockdag_session_class *class, const char *path)
{
	char *key = *path ? lockdag_textf("%s:%s", class->flock ? "flock" : "file", path)
			  : lockdag_textf("file #%u", row->class_id);
	char *part = key && !file_is_whole(row) ? file_add_part(row, key) : NULL;

	if (!part)
		return key;
	free(key);
	return part;
}

int cli_name_file(struct cli_loaded *l, uint32_t key, const struct lockdag_session_key *row,
	uint32_t lock)
{
	struct lockdag_session_class class;
	struct lockdag_symbols_name asked = {0};
	char name[FILE_NAME_SIZE], path[FILE_NAME_SIZE] = "", *deleted, *class_key, *part;
	int r = -ENOMEM;

	if (!lockdag_session_class(l->source->session, row->class_id, &class))
		return 0;
	if (class.path)
		lockdag_session_text(l->source->session, class.path, path, sizeof(path));
	deleted = strstr(path, " (deleted)");
	if (deleted)
		*deleted = 0;
	cli_name_ask(l, &class, &asked);
	if (!file_by_place(l, key, row, name) && !file_by_open(l, &class, name) &&
		!file_by_text(&asked, name))
		file_by_path(path, name);
	class_key = file_class_key(row, &class, path);
	part = !file_is_whole(row) && file_has_parts(l, key, row->class_id)
		       ? file_add_part(row, name)
		       : strdup(name);
	if (class_key && part)
		r = lockdag_model_name_lock(l->model, lock, part, class_key, part, asked.where);
	free(class_key);
	free(part);
	return r;
}
