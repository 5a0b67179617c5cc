/* SPDX-License-Identifier: MIT
 *
 * The output of `lockdag kernel`.
 */
#include <errno.h>
#include <jansson.h>

#include "cli/kernel.h"

#define KERNEL_JSON_VERSION 1 /* changes when a reader of the old one would be misled */

static int kernel_put(json_t *object, const char *key, json_t *value)
{
	return json_object_set_new(object, key, value) == 0 ? 0 : -ENOMEM;
}

static int kernel_reports(const struct cli_kernel *kernel, json_t *document)
{
	json_t *reports = json_array(), *notes = json_array();
	int r = kernel_put(document, "version", json_integer(KERNEL_JSON_VERSION));

	if (r == 0)
		r = kernel_put(document, "reports", reports);
	if (r == 0)
		r = kernel_put(document, "notes", notes);
	for (size_t i = 0; r == 0 && i < kernel->splats.n; i++) {
		json_t *report;

		r = lockdag_splat_json(kernel->splats.items[i], &report);
		if (r == 0 && json_array_append_new(reports, report) != 0)
			r = -ENOMEM;
	}
	for (size_t i = 0; r == 0 && i < kernel->notes.n; i++) {
		json_t *note;

		r = lockdag_splat_note_json(&kernel->notes.items[i], &note);
		if (r == 0 && json_array_append_new(notes, note) != 0)
			r = -ENOMEM;
	}
	return r;
}

static int kernel_graphs(const struct cli_kernel *kernel, json_t *document)
{
	json_t *graphs = json_array();
	int r = kernel_put(document, "graphs", graphs);

	for (size_t i = 0; r == 0 && i < kernel->graphs.n; i++) {
		json_t *graph;

		r = lockdag_kgraph_json(kernel->graphs.items[i], &graph);
		if (r == 0 && json_array_append_new(graphs, graph) != 0)
			r = -ENOMEM;
	}
	return r;
}

static int kernel_json(FILE *out, const struct cli_kernel *kernel)
{
	json_t *document = json_object();
	int r = document ? kernel_reports(kernel, document) : -ENOMEM;

	if (r == 0)
		r = kernel_graphs(kernel, document);
	if (r == 0 && (json_dumpf(document, out, JSON_INDENT(1)) < 0 || fputc('\n', out) == EOF))
		r = -EIO;
	json_decref(document);
	return r;
}

static int kernel_layout(FILE *out, const struct cli_kernel *kernel)
{
	struct lockdag_text text = {0};
	int r = 0;

	for (size_t i = 0; r == 0 && i < kernel->splats.n; i++) {
		text.n = 0;
		r = lockdag_splat_print(kernel->splats.items[i], &text);
		if (r == 0 && (fprintf(out, "%s\n", text.s) < 0))
			r = -EIO;
	}
	lockdag_text_clear(&text);
	return r;
}

static int kernel_list(FILE *out, const struct cli_kernel *kernel)
{
	for (size_t i = 0; i < kernel->splats.n; i++) {
		const struct lockdag_splat *splat = kernel->splats.items[i];

		if (fprintf(out, "%s:%llu: %s\n", splat->file, (unsigned long long)splat->line,
			    splat->title) < 0)
			return -EIO;
	}
	return 0;
}

int cli_kernel_print(
	FILE *out, const struct cli_kernel *kernel, const struct cli_settings *settings)
{
	switch (settings->format) {
	case LOCKDAG_FORMAT_JSON:
		return kernel_json(out, kernel);
	case LOCKDAG_FORMAT_KERNEL:
		return kernel_layout(out, kernel);
	default:
		return kernel_list(out, kernel);
	}
}
