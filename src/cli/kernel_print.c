/* SPDX-License-Identifier: MIT
 *
 * The output of `lockdag kernel`.
 */
#include <errno.h>
#include <jansson.h>

#include "cli/kernel.h"
#include "cli/output.h"

#define KERNEL_CUTS_TEXT 3
#define KERNEL_CUTS_JSON 20
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
		char id[17];

		r = lockdag_splat_json(kernel->splats.items[i], &report);
		if (r == 0 && json_array_append_new(reports, report) != 0)
			r = -ENOMEM;
		snprintf(id, sizeof(id), "%016llx",
			(unsigned long long)lockdag_union_report_id(kernel->all, i));
		if (r == 0)
			r = kernel_put(report, "id", json_string(id));
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

/* Of somebody's file: it may be no UTF-8. */
static json_t *kernel_text(const char *s)
{
	json_t *text = json_string(s);

	return text ? text : json_string("(no UTF-8)");
}

static int kernel_json_suppressed(const struct cli_kernel *kernel, json_t *document)
{
	size_t n = kernel->suppressions ? lockdag_suppressions_n(kernel->suppressions) : 0;
	json_t *rows = json_array();
	int r = n ? kernel_put(document, "suppressed", json_integer((json_int_t)kernel->n_suppressed))
		  : 0;

	for (size_t i = 0; r == 0 && i < n; i++) {
		const struct lockdag_suppression_use use =
			lockdag_suppressions_use(kernel->suppressions, i);

		if (json_array_append_new(rows,
			    json_pack("{s:o, s:o, s:i, s:I}", "name", kernel_text(use.name), "file",
				    kernel_text(use.file), "line", (int)use.line, "reports",
				    (json_int_t)use.n)) != 0)
			r = -ENOMEM;
	}
	if (r == 0 && n)
		return kernel_put(document, "suppressions", rows);
	json_decref(rows);
	return r;
}

static int kernel_json(
	FILE *out, const struct cli_kernel *kernel, const struct cli_settings *settings)
{
	json_t *document = json_object();
	struct lockdag_text text = {0};
	int r = document ? kernel_reports(kernel, document) : -ENOMEM;

	if (r == 0)
		r = kernel_graphs(kernel, document);
	if (r == 0)
		r = lockdag_union_json(kernel->all,
			settings->cuts ? settings->cuts : KERNEL_CUTS_JSON, document);
	if (r == 0)
		r = kernel_json_suppressed(kernel, document);
	if (r == 0)
		r = cli_kernel_what_if(kernel, settings, &text, document);
	if (r == 0 && (json_dumpf(document, out, JSON_INDENT(1)) < 0 || fputc('\n', out) == EOF))
		r = -EIO;
	json_decref(document);
	lockdag_text_clear(&text);
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

static int kernel_write(FILE *out, struct lockdag_text *text)
{
	int r = text->failed ? -ENOMEM : 0;

	if (r == 0 && text->n && fwrite(text->s, 1, text->n, out) != text->n)
		r = -EIO;
	text->n = 0;
	return r;
}

int cli_kernel_print_report(FILE *out, const struct cli_kernel *kernel, size_t report)
{
	struct lockdag_text text = {0};
	int r = lockdag_union_report_text(kernel->all, report, &text);

	if (r == 0)
		r = kernel_write(out, &text);
	lockdag_text_clear(&text);
	return r == 0 && fputc('\n', out) == EOF ? -EIO : r;
}

/* How many reports are not there, and which suppressions were of no use. */
static void kernel_suppressed(const struct cli_kernel *kernel, struct lockdag_text *text)
{
	size_t n = kernel->suppressions ? lockdag_suppressions_n(kernel->suppressions) : 0;

	if (!n)
		return;
	lockdag_text_addf(text, "%zu report%s suppressed\n", kernel->n_suppressed,
		kernel->n_suppressed == 1 ? "" : "s");
	for (size_t i = 0; i < n; i++) {
		const struct lockdag_suppression_use use =
			lockdag_suppressions_use(kernel->suppressions, i);

		if (!use.n)
			lockdag_text_addf(text, "note: this suppression is of no use: %s (%s:%u)\n",
				use.name, use.file, use.line);
	}
}

static int kernel_story(
	FILE *out, const struct cli_kernel *kernel, const struct cli_settings *settings)
{
	struct lockdag_text text = {0};
	int r = lockdag_union_summary(kernel->all, &text);

	kernel_suppressed(kernel, &text);
	lockdag_text_add(&text, "\n");
	if (r == 0)
		r = kernel_write(out, &text);
	for (size_t i = 0; r == 0 && i < kernel->splats.n; i++)
		r = cli_kernel_print_report(out, kernel, i);
	for (size_t i = 0; r == 0 && i < kernel->notes.n; i++)
		if (fprintf(out, "note: %s:%llu: %s\n", kernel->notes.items[i].file,
			    (unsigned long long)kernel->notes.items[i].line,
			    kernel->notes.items[i].title) < 0)
			r = -EIO;
	if (r == 0)
		r = lockdag_union_text(kernel->all,
			settings->cuts ? settings->cuts : KERNEL_CUTS_TEXT, &text);
	if (r == 0)
		r = cli_kernel_what_if(kernel, settings, &text, NULL);
	if (r == 0)
		r = kernel_write(out, &text);
	lockdag_text_clear(&text);
	return r;
}

/* The forms that show findings get them as of any model. */
static int kernel_findings(
	struct cli_output *out, const struct cli_kernel *kernel, const struct cli_settings *settings)
{
	const struct lockdag_find_options options = {.max_length = 64, .max_cycles = 10000};
	struct lockdag_report_facts facts = {.command = "lockdag kernel"};
	struct lockdag_class_graph *graph = NULL;
	struct lockdag_findings *f = NULL;
	struct lockdag_model *m = NULL;
	int r = lockdag_union_model(kernel->all, &m);

	if (r == 0)
		r = lockdag_core_find(m, &options, &f);
	if (r == 0)
		r = lockdag_union_cut_findings(kernel->all, f);
	if (r == 0 && cli_output_wants(settings, LOCKDAG_FORMAT_GRAPH))
		r = lockdag_core_graph(m, NULL, &graph);
	if (r == 0) {
		facts.processes = kernel->splats.n;
		facts.threads = m->threads.n;
		facts.locks = m->locks.n;
		facts.classes = f->n_classes;
		facts.edges = f->n_edges;
		facts.acquisitions = m->acquires.n;
		out->graph = graph;
		r = cli_output_report(out, settings, m, f, &facts);
		out->graph = NULL;
	}
	lockdag_class_graph_free(graph);
	lockdag_findings_free(f);
	lockdag_model_free(m);
	return r;
}

static int kernel_main(struct cli_output *out, const struct cli_kernel *kernel,
	const struct cli_settings *settings)
{
	switch (settings->format) {
	case LOCKDAG_FORMAT_JSON:
		return kernel_json(out->file, kernel, settings);
	case LOCKDAG_FORMAT_KERNEL:
		return kernel_layout(out->file, kernel);
	case LOCKDAG_FORMAT_TEXT:
		return kernel_story(out->file, kernel, settings);
	default:
		return kernel_findings(out, kernel, settings);
	}
}

int cli_kernel_print(struct cli_output *out, const struct cli_kernel *kernel,
	const struct cli_settings *settings)
{
	const bool own = settings->format == LOCKDAG_FORMAT_JSON || settings->format == LOCKDAG_FORMAT_KERNEL ||
			 settings->format == LOCKDAG_FORMAT_TEXT;
	int r = kernel_main(out, kernel, settings);

	if (r == 0 && own && settings->reports.n) { /* the others have written those, too */
		out->silent = true;
		r = kernel_findings(out, kernel, settings);
		out->silent = false;
	}
	return r;
}
