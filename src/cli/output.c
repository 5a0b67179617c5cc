/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/output.h"
#include "cli/suppress.h"

static bool output_color(const struct cli_settings *settings, int fd)
{
	const char *term = getenv("TERM"), *no_color = getenv("NO_COLOR");

	if (settings->color != CLI_COLOR_AUTO)
		return settings->color == CLI_COLOR_ALWAYS;
	return isatty(fd) && !(no_color && *no_color) && term && strcmp(term, "dumb");
}

bool cli_output_wants(const struct cli_settings *settings, enum lockdag_format_trait trait)
{
	unsigned traits = lockdag_format_traits(settings->format);

	for (size_t i = 0; i < settings->reports.n; i++)
		traits |= lockdag_format_traits(settings->reports.items[i].format);
	return traits & trait;
}

static int output_open_more(struct cli_output *out, const struct cli_report *report)
{
	int fd = open(report->path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOCTTY, 0666);
	struct cli_output_more *more = fd < 0 ? NULL : lockdag_vec_push(&out->more);
	struct stat st;

	if (fd < 0)
		return cli_fail("%s: cannot write the report: %s", report->path, strerror(errno));
	if (more) {
		more->format = report->format;
		more->rewritten = fstat(fd, &st) == 0 && S_ISREG(st.st_mode);
		more->file = fdopen(fd, "w");
	}
	if (more && more->file)
		return 0;
	close(fd);
	return cli_fail("%s", strerror(ENOMEM));
}

static int output_open_rest(struct cli_output *out, const struct cli_settings *settings)
{
	int status = 0, r = 0;

	if (cli_output_wants(settings, LOCKDAG_FORMAT_TREE))
		r = cli_tree_init(&out->tree, settings->source_root);
	if (r < 0)
		return cli_fail("--source-root %s: %s",
			settings->source_root ? settings->source_root : ".", strerror(-r));
	status = cli_suppress_load(&settings->suppressions, &out->suppressions);
	for (size_t i = 0; status == 0 && i < settings->reports.n; i++)
		status = output_open_more(out, &settings->reports.items[i]);
	return status;
}

int cli_output_open(struct cli_output *out, const struct cli_settings *settings, int fd)
{
	struct stat st;

	*out = (struct cli_output){.is_file = settings->output != NULL};
	if (settings->output)
		fd = open(settings->output, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOCTTY,
			0666);
	else
		fd = fcntl(fd, F_DUPFD_CLOEXEC, 3);
	if (fd < 0 && settings->output)
		return cli_fail(
			"%s: cannot write the report: %s", settings->output, strerror(errno));
	if (fd < 0)
		return cli_fail("cannot write reports: %s", strerror(errno));
	out->rewritten = settings->output && fstat(fd, &st) == 0 && S_ISREG(st.st_mode);
	out->color = output_color(settings, fd);
	out->file = fdopen(fd, "w");
	if (!out->file) {
		close(fd);
		return cli_fail("%s", strerror(ENOMEM));
	}
	return output_open_rest(out, settings);
}

int cli_output_close(struct cli_output *out)
{
	int r = 0;

	if (out->file && fclose(out->file) != 0)
		r = -errno;
	out->file = NULL;
	for (size_t i = 0; i < out->more.n; i++)
		if (out->more.items[i].file && fclose(out->more.items[i].file) != 0)
			r = -errno;
	lockdag_vec_clear(&out->more);
	lockdag_vec_clear(&out->told);
	cli_tree_done(&out->tree);
	lockdag_suppressions_free(out->suppressions);
	out->suppressions = NULL;
	return r;
}

static struct lockdag_report_options output_options(
	const struct cli_output *out, const struct cli_settings *settings)
{
	return (struct lockdag_report_options){
		.show_unlikely = settings->show_unlikely,
		.color = out->color,
		.columns = settings->columns,
		.version = LOCKDAG_VERSION,
		.tree = out->tree.root ? &out->tree.tree : NULL,
		.graph = out->graph,
		.n_told = out->told.n,
		.told = out->told.items,
	};
}

/* Empties a file that can be written again. */
static int output_rewind(FILE *file, bool rewritten)
{
	if (rewritten && (fflush(file) || ftruncate(fileno(file), 0) < 0 || fseek(file, 0, SEEK_SET) < 0))
		return -errno;
	return 0;
}

/* To the files of --report. */
static int output_report_more(struct cli_output *out, const struct cli_settings *settings,
	const struct lockdag_model *m, const struct lockdag_findings *f,
	const struct lockdag_report_facts *facts)
{
	struct lockdag_report_options options = output_options(out, settings);
	int r = 0;

	options.color = false;
	options.n_told = 0;
	for (size_t i = 0; r == 0 && i < out->more.n; i++) {
		const struct cli_output_more *more = &out->more.items[i];

		r = output_rewind(more->file, more->rewritten);
		if (r == 0)
			r = lockdag_report_print(more->file, more->format, m, f, facts, &options);
	}
	return r;
}

/* --gen-suppressions. */
static int output_generate(
	const char *path, const struct lockdag_model *m, const struct lockdag_findings *f)
{
	char *text = NULL;
	int r = lockdag_suppressions_generate(m, f, &text);
	FILE *file = r == 0 ? fopen(path, "we") : NULL;

	if (r == 0 && (!file || fputs(text, file) < 0))
		r = errno ? -errno : -EIO;
	if (file && fclose(file) != 0 && r == 0)
		r = -errno;
	free(text);
	return r;
}

int cli_output_report(struct cli_output *out, const struct cli_settings *settings,
	const struct lockdag_model *m, const struct lockdag_findings *f,
	const struct lockdag_report_facts *facts)
{
	struct lockdag_report_options options = output_options(out, settings);
	struct lockdag_report_facts all = *facts;
	struct lockdag_report_suppression *rows;
	int r = cli_suppress_facts(out->suppressions, &all, &rows);

	if (r == 0 && !out->silent) {
		r = output_rewind(out->file, out->rewritten);
		if (r == 0)
			r = lockdag_report_print(out->file, settings->format, m, f, &all, &options);
	}
	if (r == 0)
		r = output_report_more(out, settings, m, f, &all);
	if (r == 0 && settings->gen_suppressions)
		r = output_generate(settings->gen_suppressions, m, f);
	free(rows);
	return r;
}

int cli_output_finding(struct cli_output *out, const struct cli_settings *settings,
	const struct lockdag_model *m, const struct lockdag_finding *finding)
{
	struct lockdag_report_options options = output_options(out, settings);
	int r;

	if (!(lockdag_format_traits(settings->format) & LOCKDAG_FORMAT_LIVE))
		return 0;
	r = lockdag_report_finding(out->file, settings->format, m, finding, &options);
	return r == 0 && fflush(out->file) ? -errno : r;
}

bool cli_output_fails(const struct cli_settings *settings, const struct lockdag_findings *f)
{
	for (size_t i = 0; i < f->n; i++)
		if ((unsigned)f->items[i].grade >= settings->fail_on &&
			(!f->items[i].standstill ||
				f->items[i].standstill->verdict == LOCKDAG_VERDICT_DEADLOCK))
			return true;
	return false;
}
