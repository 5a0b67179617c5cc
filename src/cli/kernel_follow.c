/* SPDX-License-Identifier: MIT
 *
 * lockdag kernel -f: a growing log. Each report is printed when it is whole, or when nothing has
 * come for a while, and is not kept.
 */
#include <errno.h>
#include <jansson.h>

#include "base/text.h"
#include "cli/kernel.h"

struct following {
	FILE *out;
	enum lockdag_format format;
	bool only_new;
};

static int follow_json(FILE *out, const struct lockdag_splat *splat, uint64_t id)
{
	json_t *report;
	char digits[17];
	int r = lockdag_splat_json(splat, &report);

	if (r < 0)
		return r;
	snprintf(digits, sizeof(digits), "%016llx", (unsigned long long)id);
	if (json_object_set_new(report, "id", json_string(digits)) != 0)
		r = -ENOMEM;
	else if (json_dumpf(report, out, JSON_COMPACT) < 0 || fputc('\n', out) == EOF)
		r = -EIO;
	json_decref(report);
	return r;
}

static int follow_print(const struct following *following, const struct lockdag_union *one,
	const struct lockdag_splat *splat)
{
	struct lockdag_text text = {0};
	int r;

	if (following->format == LOCKDAG_FORMAT_JSON)
		r = follow_json(following->out, splat, lockdag_union_report_id(one, 0));
	else if (following->format == LOCKDAG_FORMAT_KERNEL)
		r = lockdag_splat_print(splat, &text);
	else
		r = lockdag_union_report_text(one, 0, &text);
	if (following->format != LOCKDAG_FORMAT_JSON)
		lockdag_text_add(&text, "\n");
	if (r == 0 && text.failed)
		r = -ENOMEM;
	if (r == 0 && text.n && fwrite(text.s, 1, text.n, following->out) != text.n)
		r = -EIO;
	if (r == 0 && fflush(following->out))
		r = -EIO;
	lockdag_text_clear(&text);
	return r;
}

/* Each report by itself: nothing is kept, so that a log may grow for ever. */
static int follow_tell(struct cli_kernel *kernel, const struct lockdag_splat *splat)
{
	const struct following *following = kernel->told_context;
	struct lockdag_union *one;
	int r = lockdag_union_new(&one);

	if (r)
		return r;
	r = lockdag_union_add(one, splat);
	if (r == 0)
		r = lockdag_union_solve(one);
	if (r == 0 && !(following->only_new &&
			      cli_kernel_knows(kernel, lockdag_union_report_id(one, 0))) &&
		!cli_kernel_is_suppressed(kernel, splat, lockdag_union_report_id(one, 0)))
		r = follow_print(following, one, splat);
	lockdag_union_free(one);
	return r;
}

int cli_kernel_follow(struct cli_kernel *kernel, char **paths, int n, FILE *out,
	const struct cli_settings *settings)
{
	struct following following = {out, settings->format, settings->only_new};

	kernel->told = follow_tell;
	kernel->told_context = &following;
	return cli_kernel_read(kernel, paths, n, true);
}
