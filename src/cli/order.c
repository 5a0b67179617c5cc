/* SPDX-License-Identifier: MIT */
#include "cli/order.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"

int cli_text_read(const char *path, struct lockdag_text *ret_text)
{
	FILE *file = strcmp(path, "-") ? fopen(path, "re") : stdin;
	char buffer[1 << 16];
	size_t n;
	int r = 0;

	if (!file)
		return -errno;
	while ((n = fread(buffer, 1, sizeof(buffer), file)) > 0)
		lockdag_text_add_n(ret_text, buffer, n);
	if (ferror(file))
		r = errno ? -errno : -EIO;
	if (file != stdin)
		fclose(file);
	return r == 0 && ret_text->failed ? -ENOMEM : r;
}

static int order_parse(
	const struct cli_order *o, struct lockdag_model *m, struct lockdag_parse_error *error)
{
	*error = (struct lockdag_parse_error){0};
	return lockdag_model_parse_declared(o->text.n ? o->text.s : "", o->text.n, m, error);
}

int cli_order_open(struct cli_order *o, const char *path)
{
	struct lockdag_parse_error error;
	struct lockdag_model *m;
	int r;

	*o = (struct cli_order){0};
	if (!path)
		return 0;
	r = cli_text_read(path, &o->text);
	if (r == 0)
		r = lockdag_model_new(&m);
	if (r < 0)
		return cli_fail("--order %s: %s", path, strerror(-r));
	r = order_parse(o, m, &error);
	lockdag_model_free(m);
	if (r < 0 && *error.message)
		return cli_fail("--order %s:%u:%u: %s", path, error.line, error.column, error.message);
	return r < 0 ? cli_fail("--order %s: %s", path, strerror(-r)) : 0;
}

int cli_order_add(const struct cli_order *o, struct lockdag_model *m)
{
	struct lockdag_model *alone;
	struct lockdag_parse_error error;
	int r = o->text.n ? lockdag_model_new(&alone) : 0;

	if (r < 0 || !o->text.n)
		return r;
	/* By itself: what the program has declared may contradict it, which is not the file's fault. */
	r = order_parse(o, alone, &error);
	for (size_t i = 0; r >= 0 && i < alone->declared.n; i++)
		r = lockdag_model_add_declared(
			m, alone->declared.items[i].before, alone->declared.items[i].after);
	lockdag_model_free(alone);
	return r < 0 ? r : 0;
}

void cli_order_done(struct cli_order *o)
{
	lockdag_text_clear(&o->text);
}
