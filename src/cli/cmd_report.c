/* SPDX-License-Identifier: MIT
 *
 * lockdag report: kept sessions, judged again as one model.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/analyse.h"
#include "cli/cli.h"
#include "cli/debuginfod.h"
#include "cli/facts.h"
#include "cli/live.h"
#include "cli/output.h"
#include "cli/progress.h"

int cli_report_open(struct cli_source *sources, char **paths, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const char *why = NULL;
		int r = lockdag_session_open(paths[i], &sources[i].session, &why);

		if (r < 0)
			return cli_fail("%s: %s", paths[i], why ? why : strerror(-r));
		sources[i].label = lockdag_session_command(sources[i].session);
		r = cli_live_last_look(&sources[i]);
		if (r < 0)
			return cli_fail("%s: %s", paths[i], strerror(-r));
	}
	return 0;
}

static int report_model(const struct lockdag_model *m, FILE *out)
{
	char *text;
	int r = lockdag_model_print(m, &text);

	if (r < 0)
		return r;
	r = fputs(text, out) < 0 || fflush(out) ? -EIO : 0;
	free(text);
	return r;
}

static int report_print(struct cli_output *out, const struct cli_settings *settings,
	const struct cli_source *sources, size_t n, const struct cli_analysis *analysis)
{
	struct cli_facts facts;
	int r;

	if (settings->print_model)
		return report_model(analysis->model, out->file);
	out->graph = analysis->graph;
	r = cli_facts_gather(&facts, sources, n, analysis, 0);
	if (r == 0)
		r = cli_output_report(
			out, settings, analysis->model, analysis->findings, &facts.facts);
	cli_facts_done(&facts);
	return r;
}

static int report_sessions(
	const struct cli_settings *settings, struct cli_source *sources, size_t n)
{
	struct cli_analyst analyst = {
		.sources = sources, .n_sources = n, .unlikely = settings->show_unlikely,
		.no_waits = !settings->waits,
		.graph = cli_output_wants(settings, LOCKDAG_FORMAT_GRAPH)};
	struct cli_analysis analysis = {0};
	struct cli_output out;
	int status = cli_order_open(&analyst.order, settings->order), r;

	if (status == 0)
		status = cli_output_open(&out, settings, STDOUT_FILENO);
	if (status) {
		cli_order_done(&analyst.order);
		return status;
	}
	analyst.suppressions = out.suppressions;
	cli_debuginfod_set(settings, NULL, &analyst.symbols_options);
	cli_progress_begin();
	r = cli_analyse(&analyst, &analysis);
	cli_progress_end();
	if (r == 0)
		r = report_print(&out, settings, sources, n, &analysis);
	if (r == 0 && cli_output_fails(settings, analysis.findings))
		status = settings->exit_code;
	cli_analysis_done(&analysis);
	cli_analyst_done(&analyst);
	cli_order_done(&analyst.order);
	if (cli_output_close(&out) < 0 && r == 0)
		r = -EIO;
	return r < 0 ? cli_fail("report: %s", strerror(-r)) : status;
}

int cli_command_report(int argc, char **argv)
{
	struct cli_settings settings;
	struct cli_source *sources;
	int operand, status;
	size_t n;

	if (cli_options_parse(&cli_options_report, argc, argv, &settings, &operand) < 0)
		return CLI_EXIT_FAILURE;
	if (settings.help) {
		cli_options_help(&cli_options_report, stdout);
		return 0;
	}
	if (operand >= argc)
		return cli_fail(
			"report: which session? usage: lockdag report [options] SESSION...");
	n = (size_t)(argc - operand);
	sources = calloc(n, sizeof(*sources));
	if (!sources)
		return cli_fail("%s", strerror(ENOMEM));
	status = cli_report_open(sources, argv + operand, n);
	if (status == 0)
		status = report_sessions(&settings, sources, n);
	for (size_t i = 0; i < n; i++)
		cli_source_done(&sources[i]);
	free(sources);
	return status;
}
