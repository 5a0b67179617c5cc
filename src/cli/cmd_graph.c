/* SPDX-License-Identifier: MIT
 *
 * lockdag graph: all that was learned, of sessions or of a model in its text form.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/analyse.h"
#include "cli/cli.h"
#include "cli/debuginfod.h"
#include "cli/model.h"
#include "cli/output.h"
#include "cli/progress.h"

static int graph_print(const struct cli_settings *settings, const struct lockdag_model *m,
	const struct lockdag_class_graph *g)
{
	struct cli_output out;
	int status = cli_output_open(&out, settings, STDOUT_FILENO), r;

	if (status)
		return status;
	r = lockdag_report_graph(out.file, settings->graph_form, m, g, NULL);
	if (cli_output_close(&out) < 0 && r == 0)
		r = -EIO;
	if (r == -E2BIG)
		return cli_fail(
			"graph: %zu classes and %zu edges are too many for this form (--format "
			"dot writes them whatever their number; lockdag report --format html "
			"shows them)",
			g->n_classes, g->n_edges);
	if (r == -ENOSYS)
		return cli_fail(
			"graph: the plugins of Graphviz's library are missing (Debian: libgvc6)");
	return r < 0 ? cli_fail("cannot write the graph: %s", strerror(-r)) : 0;
}

static int graph_of_model(const struct cli_settings *settings, const char *path)
{
	const struct lockdag_find_options options = {.no_waits = !settings->waits};
	struct lockdag_class_graph *g = NULL;
	struct lockdag_model *m = NULL;
	int status = cli_model_parse(path, &m), r;

	if (status)
		return status;
	r = lockdag_core_graph(m, &options, &g);
	status = r < 0 ? cli_fail("%s: %s", path, strerror(-r)) : graph_print(settings, m, g);
	lockdag_class_graph_free(g);
	lockdag_model_free(m);
	return status;
}

static int graph_of_sessions(
	const struct cli_settings *settings, struct cli_source *sources, size_t n)
{
	struct cli_analyst analyst = {
		.sources = sources, .n_sources = n, .no_waits = !settings->waits, .graph = true};
	struct cli_analysis analysis = {0};
	int r, status;

	cli_debuginfod_set(settings, NULL, &analyst.symbols_options);
	cli_progress_begin();
	r = cli_analyse(&analyst, &analysis);
	cli_progress_end();

	status = r < 0 ? cli_fail("graph: %s", strerror(-r))
		       : graph_print(settings, analysis.model, analysis.graph);
	cli_analysis_done(&analysis);
	cli_analyst_done(&analyst);
	return status;
}

bool cli_is_session(const char *path)
{
	FILE *file = fopen(path, "re");
	char start[16];
	size_t n = file ? fread(start, 1, sizeof(start), file) : 0;

	if (file)
		fclose(file);
	return file && memchr(start, 0, n);
}

int cli_command_graph(int argc, char **argv)
{
	struct cli_settings settings;
	struct cli_source *sources;
	int operand, status;
	size_t n;

	if (cli_options_parse(&cli_options_graph, argc, argv, &settings, &operand) < 0)
		return CLI_EXIT_FAILURE;
	if (settings.help) {
		cli_options_help(&cli_options_graph, stdout);
		return 0;
	}
	n = (size_t)(argc - operand);
	if (n == 0)
		return cli_fail("graph: of what? usage: lockdag graph [options] FILE...");
	if (n == 1 && (!strcmp(argv[operand], "-") || !cli_is_session(argv[operand])))
		return graph_of_model(&settings, argv[operand]);
	sources = calloc(n, sizeof(*sources));
	if (!sources)
		return cli_fail("%s", strerror(ENOMEM));
	status = cli_report_open(sources, argv + operand, n);
	if (status == 0)
		status = graph_of_sessions(&settings, sources, n);
	for (size_t i = 0; i < n; i++)
		cli_source_done(&sources[i]);
	free(sources);
	return status;
}
