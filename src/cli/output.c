/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/output.h"

static bool output_color(const struct cli_settings *settings, int fd)
{
	const char *term = getenv("TERM"), *no_color = getenv("NO_COLOR");

	if (settings->color != CLI_COLOR_AUTO)
		return settings->color == CLI_COLOR_ALWAYS;
	return isatty(fd) && !(no_color && *no_color) && term && strcmp(term, "dumb");
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
	return 0;
}

int cli_output_close(struct cli_output *out)
{
	int r = 0;

	if (out->file && fclose(out->file) != 0)
		r = -errno;
	out->file = NULL;
	lockdag_vec_clear(&out->told);
	return r;
}

static struct lockdag_report_options output_options(
	const struct cli_output *out, const struct cli_settings *settings)
{
	return (struct lockdag_report_options){
		.show_unlikely = settings->show_unlikely,
		.color = out->color,
		.n_told = out->told.n,
		.told = out->told.items,
	};
}

int cli_output_report(struct cli_output *out, const struct cli_settings *settings,
	const struct lockdag_model *m, const struct lockdag_findings *f,
	const struct lockdag_report_facts *facts)
{
	struct lockdag_report_options options = output_options(out, settings);
	int r;

	if (out->rewritten && (fflush(out->file) || ftruncate(fileno(out->file), 0) < 0 ||
				      fseek(out->file, 0, SEEK_SET) < 0))
		return -errno;
	r = lockdag_report_print(out->file, settings->format, m, f, facts, &options);
	return r == 0 && fflush(out->file) ? -errno : r;
}

int cli_output_finding(struct cli_output *out, const struct cli_settings *settings,
	const struct lockdag_model *m, const struct lockdag_finding *finding)
{
	struct lockdag_report_options options = output_options(out, settings);
	int r;

	if (settings->format == LOCKDAG_FORMAT_JSON)
		return 0;
	r = lockdag_report_finding(out->file, settings->format, m, finding, &options);
	return r == 0 && fflush(out->file) ? -errno : r;
}

bool cli_output_fails(const struct cli_settings *settings, const struct lockdag_findings *f)
{
	for (size_t i = 0; i < f->n; i++)
		if ((unsigned)f->items[i].grade >= settings->fail_on)
			return true;
	return false;
}
