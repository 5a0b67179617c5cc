/* SPDX-License-Identifier: MIT */
#include "cli/analyse.h"
#include "cli/cli.h"
#include "cli/describe.h"
#include "cli/load.h"
#include "cli/name.h"
#include "cli/progress.h"

void cli_analysis_done(struct cli_analysis *analysis)
{
	lockdag_class_graph_free(analysis->graph);
	lockdag_findings_free(analysis->findings);
	lockdag_model_free(analysis->model);
	*analysis = (struct cli_analysis){0};
}

void cli_analyst_done(struct cli_analyst *analyst)
{
	const char *trouble = analyst->symbols ? lockdag_symbols_trouble(analyst->symbols) : NULL;

	if (trouble)
		cli_say("%s", trouble);
	lockdag_symbols_free(analyst->symbols);
	analyst->symbols = NULL;
}

static int analyse_source(struct cli_analyst *analyst, struct cli_source *source,
	struct cli_stacks *stacks, struct cli_analysis *analysis)
{
	struct cli_loaded loaded;
	int r = cli_load(&loaded, source, analysis->model, stacks, analyst->symbols);

	if (r == 0)
		r = cli_name(&loaded);
	analysis->skipped += loaded.skipped;
	cli_loaded_done(&loaded);
	return r;
}

int cli_suppress(struct lockdag_suppressions *suppressions, const struct lockdag_model *m,
	struct lockdag_findings *f)
{
	size_t n;

	return suppressions ? lockdag_suppressions_apply(suppressions, m, f, &n) : 0;
}

int cli_analyse(struct cli_analyst *analyst, struct cli_analysis *ret)
{
	const struct lockdag_find_options options = {.no_waits = analyst->no_waits};
	struct cli_analysis analysis = {0};
	struct cli_stacks stacks = {0};
	int r = analyst->symbols ? 0 : lockdag_symbols_new(&analyst->symbols_options, &analyst->symbols);

	if (r == 0)
		r = lockdag_model_new(&analysis.model);
	cli_progress("reading", 0, 0);
	for (size_t i = 0; r == 0 && i < analyst->n_sources; i++)
		if (cli_load_has_edges(analyst->sources[i].session))
			r = analyse_source(analyst, &analyst->sources[i], &stacks, &analysis);
	analysis.order_given = analyst->order.text.n != 0;
	if (r == 0)
		r = cli_order_add(&analyst->order, analysis.model);
	cli_progress("looking for cycles", 0, 0);
	if (r == 0)
		r = lockdag_core_find(analysis.model, &options, &analysis.findings);
	if (r == 0)
		r = cli_describe(
			analysis.model, analysis.findings, analyst->symbols, analyst->unlikely);
	if (r == 0)
		r = cli_suppress(analyst->suppressions, analysis.model, analysis.findings);
	if (r == 0)
		r = lockdag_cut_find(analysis.model, analysis.findings);
	if (r == 0 && analyst->graph)
		r = lockdag_core_graph(analysis.model, &options, &analysis.graph);
	if (r == 0 && analyst->graph)
		r = cli_describe_graph(analysis.model, analysis.graph, analyst->symbols);
	cli_stacks_done(&stacks);
	if (r == 0)
		*ret = analysis;
	else
		cli_analysis_done(&analysis);
	return r;
}
