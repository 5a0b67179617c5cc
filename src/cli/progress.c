/* SPDX-License-Identifier: MIT */
#include "cli/progress.h"

#include <stdio.h>
#include <time.h>
#include <unistd.h>

#define PROGRESS_CLOCK 16 /* steps between two looks at the clock */

static struct cli_progress progress;

static int64_t progress_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

void cli_progress_begin(void)
{
	if (isatty(STDERR_FILENO) && !progress.on)
		progress = (struct cli_progress){.on = true, .begin = progress_now()};
}

void cli_progress_end(void)
{
	if (progress.shown)
		fputs("\r\033[K", stderr);
	progress = (struct cli_progress){0};
}

bool cli_progress_line(struct cli_progress *p, int64_t now, const char *what, size_t done,
	size_t total, char *line, size_t size)
{
	if (!p->on || now - p->begin < CLI_PROGRESS_AFTER_MS ||
		(p->shown && now - p->last < CLI_PROGRESS_EVERY_MS))
		return false;
	p->shown = true;
	p->last = now;
	if (total)
		snprintf(line, size, "lockdag: %s, %zu of %zu (%d s)", what, done, total,
			(int)((now - p->begin) / 1000));
	else
		snprintf(line, size, "lockdag: %s (%d s)", what, (int)((now - p->begin) / 1000));
	return true;
}

void cli_progress(const char *what, size_t done, size_t total)
{
	char line[160];

	if (!progress.on || done % PROGRESS_CLOCK)
		return;
	if (cli_progress_line(&progress, progress_now(), what, done, total, line, sizeof(line)))
		fprintf(stderr, "\r%s\033[K", line);
}
