/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"

/* One write(2) for the line: it may land between lines of the program's own stderr, not inside. */
static void say_line(const char *fmt, va_list arguments)
{
	char line[2048] = "lockdag: ";
	size_t n = strlen(line);
	int length = vsnprintf(line + n, sizeof(line) - n - 1, fmt, arguments);

	if (length < 0)
		return;
	n += (size_t)length;
	if (n > sizeof(line) - 2)
		n = sizeof(line) - 2;
	line[n++] = '\n';
	(void)!write(STDERR_FILENO, line, n);
}

void cli_say(const char *fmt, ...)
{
	va_list arguments;

	va_start(arguments, fmt);
	say_line(fmt, arguments);
	va_end(arguments);
}

int cli_fail(const char *fmt, ...)
{
	va_list arguments;

	va_start(arguments, fmt);
	say_line(fmt, arguments);
	va_end(arguments);
	return CLI_EXIT_FAILURE;
}

const char *cli_base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}
