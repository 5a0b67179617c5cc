/* SPDX-License-Identifier: MIT */
#include "cli/debuginfod.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/progress.h"

bool cli_debuginfod_is_right(const char *value)
{
	return !strcmp(value, "on") || !strcmp(value, "off") || strstr(value, "://");
}

/* NULL: nobody is to be asked. */
static const char *debuginfod_urls(const struct cli_settings *settings)
{
	const char *value = settings->debuginfod, *urls = getenv("DEBUGINFOD_URLS");

	if (value && !strcmp(value, "off"))
		return NULL;
	if (value && strcmp(value, "on") != 0)
		return value;
	if (value && (!urls || !*urls))
		cli_say("--debuginfod on: DEBUGINFOD_URLS is not set, so no server is asked "
			"(--debuginfod URL names one)");
	return urls && *urls ? urls : NULL;
}

/* A ^C that waits, where signals are blocked. */
static bool debuginfod_interrupted(void)
{
	static const int numbers[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};
	sigset_t pending;

	sigpending(&pending);
	for (size_t i = 0; i < LOCKDAG_ARRAY_SIZE(numbers); i++)
		if (sigismember(&pending, numbers[i]))
			return true;
	return false;
}

static bool debuginfod_waiting(void *context, const char *module, size_t done, size_t total)
{
	struct cli_child *child = context;
	bool go_on = !debuginfod_interrupted();
	char what[120];

	if (child)
		cli_child_signals(child); /* they are the program's, as long as it runs */
	snprintf(what, sizeof(what), total ? "debuginfod: %s, %zu of %zu KB" : "debuginfod: %s",
		module, done / 1024, total / 1024);
	cli_progress(what, 0, 0);
	return go_on;
}

void cli_debuginfod_set(const struct cli_settings *settings, struct cli_child *child,
	struct lockdag_symbols_options *options)
{
	*options = (struct lockdag_symbols_options){
		.debuginfod = debuginfod_urls(settings),
		.waiting = debuginfod_waiting,
		.context = child,
	};
}
