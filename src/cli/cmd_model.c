/* SPDX-License-Identifier: MIT
 *
 * lockdag model: a model in its text form, judged. For fixtures and bug reports.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "cli/cli.h"
#include "cli/analyse.h"
#include "cli/model.h"
#include "cli/order.h"
#include "cli/output.h"

int cli_model_parse(const char *path, struct lockdag_model **ret_model)
{
	struct lockdag_parse_error error = {0};
	struct lockdag_text text = {0};
	int r = cli_text_read(path, &text), status = 0;

	if (r < 0)
		status = cli_fail("%s: %s", path, strerror(-r));
	else if (lockdag_model_parse(text.n ? text.s : "", text.n, ret_model, &error) < 0)
		status = cli_fail("%s:%u:%u: %s", path, error.line, error.column,
			*error.message ? error.message : "cannot be read");
	lockdag_text_clear(&text);
	return status;
}

static int model_lines(const struct lockdag_model *m, const struct lockdag_findings *f, FILE *out)
{
	char *text;
	int r = lockdag_findings_print(m, f, &text);

	if (r < 0)
		return r;
	r = fputs(text, out) < 0 || fflush(out) ? -EIO : 0;
	free(text);
	return r;
}

static int model_judge(const struct cli_settings *settings, const char *path,
	const struct lockdag_model *m, struct cli_output *out)
{
	struct lockdag_report_facts facts = {
		.command = path,
		.processes = m->processes.n,
		.threads = m->threads.n,
		.locks = m->locks.n,
		.acquisitions = m->acquires.n,
	};
	struct lockdag_class_graph *graph = NULL;
	struct lockdag_findings *f;
	const struct lockdag_find_options options = {.no_waits = !settings->waits};
	int r = lockdag_core_find(m, &options, &f), status = 0;

	if (r < 0)
		return cli_fail("%s: %s", path, strerror(-r));
	r = cli_suppress(out->suppressions, m, f);
	if (r == 0)
		r = lockdag_cut_find(m, f);
	if (r < 0) {
		lockdag_findings_free(f);
		return cli_fail("%s: %s", path, strerror(-r));
	}
	facts.classes = f->n_classes;
	facts.edges = f->n_edges;
	if (cli_output_wants(settings, LOCKDAG_FORMAT_GRAPH))
		r = lockdag_core_graph(m, &options, &graph);
	out->graph = graph;
	if (r == 0)
		r = settings->lines ? model_lines(m, f, out->file)
			    : cli_output_report(out, settings, m, f, &facts);
	if (r < 0)
		status = cli_fail("cannot write the report: %s", strerror(-r));
	else if (cli_output_fails(settings, f))
		status = settings->exit_code;
	lockdag_class_graph_free(graph);
	lockdag_findings_free(f);
	return status;
}

int cli_command_model(int argc, char **argv)
{
	struct lockdag_model *m = NULL;
	struct cli_settings settings;
	struct cli_order order;
	struct cli_output out;
	int operand, status;

	if (cli_options_parse(&cli_options_model, argc, argv, &settings, &operand) < 0)
		return CLI_EXIT_FAILURE;
	if (settings.help) {
		cli_options_help(&cli_options_model, stdout);
		return 0;
	}
	if (operand + 1 != argc)
		return cli_fail("model: one file, please: lockdag model [options] FILE");
	status = cli_order_open(&order, settings.order);
	if (status == 0)
		status = cli_model_parse(argv[operand], &m);
	if (status == 0 && cli_order_add(&order, m) < 0)
		status = cli_fail("%s", strerror(ENOMEM));
	cli_order_done(&order);
	if (status == 0)
		status = cli_output_open(&out, &settings, STDOUT_FILENO);
	if (status == 0) {
		status = model_judge(&settings, argv[operand], m, &out);
		if (cli_output_close(&out) < 0 && status == 0)
			status = cli_fail("cannot write the report: %s", strerror(EIO));
	}
	lockdag_model_free(m);
	return status;
}
