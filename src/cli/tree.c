/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"
#include "cli/tree.h"

#define TREE_MAX_FILE (8 << 20)

static bool tree_is_file(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISREG(st.st_mode);
}

/* An existing absolute path as told from the root. Takes path. */
static char *tree_below(const struct cli_tree *tree, char *path)
{
	size_t n = strlen(tree->root);
	char *real = path ? realpath(path, NULL) : NULL;
	char *below = NULL;

	free(path);
	if (!real)
		return NULL;
	if (!strncmp(real, tree->root, n) && real[n] == '/')
		below = strdup(real + n + 1);
	if (!below)
		return real;
	free(real);
	return below;
}

/* A name that is not absolute is told from where the compiler ran, which may have been a build
 * directory beside or below the root: without its leading "../" it is below the root then. */
static char *tree_find_path(const struct cli_tree *tree, const char *name)
{
	char *path;

	if (*name == '/')
		return tree_is_file(name) ? tree_below(tree, strdup(name)) : NULL;
	for (;;) {
		path = lockdag_textf("%s/%s", tree->root, name);
		if (path && tree_is_file(path))
			return tree_below(tree, path);
		free(path);
		if (strncmp(name, "../", 3))
			return NULL;
		name += 3;
	}
}

/* The place of a name in the sorted files, or where it belongs. */
static size_t tree_search(const struct cli_tree *tree, const char *name, bool *ret_found)
{
	size_t low = 0, high = tree->files.n;

	*ret_found = false;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = strcmp(tree->files.items[middle].name, name);

		if (order == 0)
			*ret_found = true;
		if (order >= 0)
			high = middle;
		else
			low = middle + 1;
	}
	return low;
}

static struct cli_tree_file *tree_file(struct cli_tree *tree, const char *name)
{
	bool found;
	size_t at = tree_search(tree, name, &found);
	struct cli_tree_file file = {0}, *last;

	if (found)
		return &tree->files.items[at];
	file.name = strdup(name);
	last = file.name ? lockdag_vec_push(&tree->files) : NULL;
	if (!last) {
		free(file.name);
		return NULL;
	}
	file.path = tree_find_path(tree, name);
	memmove(&tree->files.items[at + 1], &tree->files.items[at],
		(tree->files.n - 1 - at) * sizeof(file));
	tree->files.items[at] = file;
	return &tree->files.items[at];
}

static char *tree_read(const struct cli_tree *tree, const char *path)
{
	char *whole = *path == '/' ? strdup(path) : lockdag_textf("%s/%s", tree->root, path);
	FILE *file = whole ? fopen(whole, "re") : NULL;
	struct lockdag_text t = {0};
	char buffer[1 << 14];
	size_t n;

	free(whole);
	if (!file)
		return NULL;
	while (t.n < TREE_MAX_FILE && (n = fread(buffer, 1, sizeof(buffer), file)) > 0)
		lockdag_text_add_n(&t, buffer, n);
	fclose(file);
	return lockdag_text_take(&t);
}

static void tree_take(struct cli_tree_file *file, char *text)
{
	const char **line = lockdag_vec_push(&file->lines);

	file->text = text;
	if (line)
		*line = text;
	for (const char *at = text; line && *at; at++) {
		if (*at != '\n' && at[1])
			continue;
		line = lockdag_vec_push(&file->lines);
		if (line)
			*line = at + 1;
	}
}

static const char *tree_find(void *context, const char *name)
{
	struct cli_tree_file *file = tree_file(context, name);

	return file ? file->path : NULL;
}

static const char *tree_line(void *context, const char *name, unsigned line, size_t *ret_n)
{
	struct cli_tree *tree = context;
	struct cli_tree_file *file = tree_file(tree, name);
	const char *start;
	size_t n;
	char *text;

	if (!file || !file->path)
		return NULL;
	if (!file->read) {
		file->read = true;
		text = tree_read(tree, file->path);
		if (text)
			tree_take(file, text);
	}
	if (!line || line >= file->lines.n)
		return NULL;
	start = file->lines.items[line - 1];
	n = (size_t)(file->lines.items[line] - start);
	while (n && (start[n - 1] == '\n' || start[n - 1] == '\r'))
		n--;
	*ret_n = n;
	return start;
}

int cli_tree_init(struct cli_tree *tree, const char *root)
{
	*tree = (struct cli_tree){0};
	if (!root)
		root = getenv("GITHUB_WORKSPACE");
	tree->root = realpath(root && *root ? root : ".", NULL);
	if (!tree->root)
		return -errno;
	tree->tree = (struct lockdag_report_tree){
		.context = tree, .root = tree->root, .find = tree_find, .line = tree_line};
	return 0;
}

void cli_tree_done(struct cli_tree *tree)
{
	for (size_t i = 0; i < tree->files.n; i++) {
		struct cli_tree_file *file = &tree->files.items[i];

		free(file->name);
		free(file->path);
		free(file->text);
		lockdag_vec_clear(&file->lines);
	}
	lockdag_vec_clear(&tree->files);
	free(tree->root);
	*tree = (struct cli_tree){0};
}
