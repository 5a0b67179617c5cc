/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "cli/analyse.h"
#include "cli/cli.h"
#include "cli/debuginfod.h"
#include "cli/model.h"
#include "cli/order.h"
#include "cli/suppress.h"

/* 0 or 125 after a message. */
static int suppress_read(const char *path, struct lockdag_text *text)
{
	int r = cli_text_read(path, text);

	return r < 0 ? cli_fail("%s: %s", path, strerror(-r)) : 0;
}

static int suppress_say(const char *path, int r, const struct lockdag_suppress_error *error)
{
	if (r == -EINVAL)
		return cli_fail("%s:%u:%u: %s", path, error->line, error->column, error->message);
	return r < 0 ? cli_fail("%s: %s", path, strerror(-r)) : 0;
}

int cli_suppress_load(const struct cli_list *files, struct lockdag_suppressions **ret_suppressions)
{
	struct lockdag_suppressions *list = NULL;
	int status = 0;

	if (files->n && lockdag_suppressions_new(&list) < 0)
		return cli_fail("%s", strerror(ENOMEM));
	for (size_t i = 0; status == 0 && i < files->n; i++) {
		struct lockdag_suppress_error error = {0};
		struct lockdag_text text = {0};

		status = suppress_read(files->items[i], &text);
		if (status == 0)
			status = suppress_say(files->items[i],
				lockdag_suppressions_parse(list, files->items[i],
					text.n ? text.s : "", text.n, &error),
				&error);
		lockdag_text_clear(&text);
	}
	if (status)
		lockdag_suppressions_free(list);
	else
		*ret_suppressions = list;
	return status;
}

int cli_suppress_facts(const struct lockdag_suppressions *list, struct lockdag_report_facts *facts,
	struct lockdag_report_suppression **ret_rows)
{
	struct lockdag_report_suppression *rows;
	size_t n = list ? lockdag_suppressions_n(list) : 0;

	*ret_rows = NULL;
	if (!n)
		return 0;
	rows = calloc(n, sizeof(*rows));
	if (!rows)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++) {
		const struct lockdag_suppression_use use = lockdag_suppressions_use(list, i);

		rows[i] = (struct lockdag_report_suppression){use.name, use.file, use.line, use.n};
	}
	facts->n_suppressions = n;
	facts->suppressions = rows;
	*ret_rows = rows;
	return 0;
}

/* ------------------------------------------------------------------ known findings */

static int known_of_session(const char *path, const struct cli_settings *settings,
	struct lockdag_baseline *ret_baseline)
{
	struct cli_source source = {0};
	struct cli_analyst analyst = {
		.sources = &source, .n_sources = 1, .no_waits = !settings->waits};
	struct cli_analysis analysis = {0};
	char *paths[] = {(char *)path};
	int status = cli_report_open(&source, paths, 1), r;

	cli_debuginfod_set(settings, NULL, &analyst.symbols_options);
	if (status == 0) {
		r = cli_analyse(&analyst, &analysis);
		if (r == 0)
			r = lockdag_baseline_of(analysis.findings, ret_baseline);
		if (r < 0)
			status = cli_fail("%s: %s", path, strerror(-r));
	}
	cli_analysis_done(&analysis);
	cli_analyst_done(&analyst);
	cli_source_done(&source);
	return status;
}

int cli_known_load(const char *path, const struct cli_settings *settings,
	struct lockdag_baseline *ret_baseline)
{
	struct lockdag_suppress_error error = {0};
	struct lockdag_text text = {0};
	int status;

	if (cli_is_session(path))
		return known_of_session(path, settings, ret_baseline);
	status = suppress_read(path, &text);
	if (status == 0)
		status = suppress_say(path,
			lockdag_baseline_parse(text.n ? text.s : "", text.n, ret_baseline, &error),
			&error);
	lockdag_text_clear(&text);
	return status;
}
