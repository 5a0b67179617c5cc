/* SPDX-License-Identifier: MIT
 *
 * The reports of `lockdag kernel` as one graph, and which of them are new.
 */
#include <ctype.h>
#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "cli/cli.h"
#include "cli/kernel.h"

typedef LOCKDAG_VEC(uint64_t) id_vec;

/* ------------------------------------------------------------------ the baseline */

/* 16 hexadecimal digits at the start of a line: as JSON has them, or alone. */
static bool baseline_id(const char *s, uint64_t *ret_id)
{
	char digits[17];
	size_t n = 0;

	while (n < 16 && isxdigit((unsigned char)s[n])) {
		digits[n] = s[n];
		n++;
	}
	if (n < 16 || isalnum((unsigned char)s[n]))
		return false;
	digits[16] = 0;
	*ret_id = strtoull(digits, NULL, 16);
	return true;
}

static int baseline_push(id_vec *ids, uint64_t id)
{
	uint64_t *slot = lockdag_vec_push(ids);

	if (!slot)
		return -ENOMEM;
	*slot = id;
	return 0;
}

static int baseline_json_ids(id_vec *ids, const json_t *rows)
{
	const json_t *row;
	size_t i;
	int r = 0;

	json_array_foreach(rows, i, row)
	{
		const char *text = json_string_value(json_object_get(row, "id"));
		uint64_t id;

		if (r == 0 && text && baseline_id(text, &id))
			r = baseline_push(ids, id);
	}
	return r;
}

static int baseline_lines(id_vec *ids, char *text, const char *path)
{
	char *rest = NULL;
	unsigned line = 0;
	int r = 0;

	for (char *s = text; r == 0 && s && *s; s = rest) {
		uint64_t id;

		rest = strchr(s, '\n');
		if (rest)
			*rest++ = 0;
		line++;
		s += strspn(s, " \t\r");
		if (!*s || *s == '#')
			continue;
		if (!baseline_id(s, &id)) {
			cli_fail("%s:%u: a baseline has an id of 16 hexadecimal digits on each line, or is "
				 "a report in JSON",
				path, line);
			return -EINVAL;
		}
		r = baseline_push(ids, id);
	}
	return r;
}

static int baseline_read(const char *path, struct lockdag_text *text)
{
	FILE *file = fopen(path, "re");
	char part[4096];
	size_t n;
	int r;

	if (!file) {
		r = -errno;
		cli_fail("%s: %s", path, strerror(-r));
		return -EINVAL;
	}
	while ((n = fread(part, 1, sizeof(part), file)) > 0)
		lockdag_text_add_n(text, part, n);
	r = ferror(file) ? -EIO : 0;
	fclose(file);
	if (r)
		cli_fail("%s: cannot be read", path);
	return r ? -EINVAL : 0;
}

/* -EINVAL after a message. */
static int baseline_ids(id_vec *ids, const char *path)
{
	struct lockdag_text text = {0};
	char *s;
	int r = baseline_read(path, &text);

	s = lockdag_text_take(&text);
	if (r == 0 && !s)
		r = -ENOMEM;
	if (r == 0 && s[strspn(s, " \t\r\n")] == '{') {
		json_error_t error;
		json_t *document = json_loads(s, 0, &error);

		if (!document) {
			cli_fail("%s:%d:%d: %s", path, error.line, error.column, error.text);
			r = -EINVAL;
		}
		if (r == 0)
			r = baseline_json_ids(ids, json_object_get(document, "cycles"));
		if (r == 0)
			r = baseline_json_ids(ids, json_object_get(document, "reports"));
		json_decref(document);
	} else if (r == 0) {
		r = baseline_lines(ids, s, path);
	}
	free(s);
	return r;
}

static int baseline_compare(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

int cli_kernel_baseline(struct cli_kernel *kernel, const char *path)
{
	id_vec ids = {0};
	int r = baseline_ids(&ids, path);

	if (r == 0 && ids.n)
		qsort(ids.items, ids.n, sizeof(*ids.items), baseline_compare);
	free(kernel->known);
	kernel->known = ids.items;
	kernel->n_known = ids.n;
	return r;
}

bool cli_kernel_knows(const struct cli_kernel *kernel, uint64_t id)
{
	return kernel->n_known && bsearch(&id, kernel->known, kernel->n_known, sizeof(id),
					  baseline_compare);
}

/* ------------------------------------------------------------------ the union */

int cli_kernel_unite(struct cli_kernel *kernel)
{
	int r = lockdag_union_new(&kernel->all);

	for (size_t i = 0; r == 0 && i < kernel->splats.n; i++)
		r = lockdag_union_add(kernel->all, kernel->splats.items[i]);
	for (size_t i = 0; r == 0 && i < kernel->graphs.n; i++)
		r = lockdag_union_add_graph(kernel->all, kernel->graphs.items[i]);
	if (r == 0)
		r = lockdag_union_solve(kernel->all);
	for (size_t i = 0; r == 0 && i < kernel->splats.n; i++)
		if (cli_kernel_knows(kernel, lockdag_union_report_id(kernel->all, i)))
			lockdag_union_set_known(kernel->all, i);
	return r;
}

/* Frees the reports with drop[i] set, and unites the others. */
static int kernel_drop(struct cli_kernel *kernel, const bool *drop)
{
	size_t n = 0;

	for (size_t i = 0; i < kernel->splats.n; i++) {
		if (drop[i])
			lockdag_splat_free(kernel->splats.items[i]);
		else
			kernel->splats.items[n++] = kernel->splats.items[i];
	}
	kernel->splats.n = n;
	lockdag_union_free(kernel->all);
	kernel->all = NULL;
	return cli_kernel_unite(kernel);
}

int cli_kernel_only_new(struct cli_kernel *kernel)
{
	bool *drop = calloc(kernel->splats.n + 1, sizeof(*drop));
	int r = drop ? 0 : -ENOMEM;

	for (size_t i = 0; r == 0 && i < kernel->splats.n; i++)
		drop[i] = lockdag_union_is_known(kernel->all, i);
	if (r == 0)
		r = kernel_drop(kernel, drop);
	free(drop);
	return r;
}

bool cli_kernel_is_suppressed(
	const struct cli_kernel *kernel, const struct lockdag_splat *splat, uint64_t id)
{
	struct lockdag_model *m;
	bool is;

	if (!kernel->suppressions || lockdag_splat_model(splat, &m) < 0)
		return false;
	is = lockdag_suppressions_fit(kernel->suppressions, m, id) != NULL;
	lockdag_model_free(m);
	return is;
}

int cli_kernel_suppress(struct cli_kernel *kernel)
{
	bool *drop = calloc(kernel->splats.n + 1, sizeof(*drop));
	int r = drop ? 0 : -ENOMEM;

	for (size_t i = 0; r == 0 && i < kernel->splats.n; i++) {
		drop[i] = cli_kernel_is_suppressed(kernel, kernel->splats.items[i],
			lockdag_union_report_id(kernel->all, i));
		kernel->n_suppressed += drop[i];
	}
	if (r == 0 && kernel->n_suppressed)
		r = kernel_drop(kernel, drop);
	free(drop);
	return r;
}

int cli_kernel_what_if(const struct cli_kernel *kernel, const struct cli_settings *settings,
	struct lockdag_text *text, json_t *document)
{
	const struct {
		enum lockdag_union_change change;
		const char *option, *what;
	} changes[] = {
		{LOCKDAG_UNION_WITHOUT, "without", settings->without},
		{LOCKDAG_UNION_REORDER, "reorder", settings->reorder},
		{LOCKDAG_UNION_SPLIT, "split", settings->split},
	};
	int r = 0;

	for (size_t i = 0; r == 0 && i < LOCKDAG_ARRAY_SIZE(changes); i++) {
		if (!changes[i].what)
			continue;
		r = lockdag_union_what_if(
			kernel->all, changes[i].change, changes[i].what, text, document);
		if (r == -ENOENT) {
			cli_fail("--%s: '%s' is %s in what was read", changes[i].option,
				changes[i].what,
				changes[i].change == LOCKDAG_UNION_SPLIT
					? "no lock class of a cycle"
					: "no edge ('A -> B': A is held while B is asked for)");
			return -EINVAL;
		}
	}
	return r;
}
