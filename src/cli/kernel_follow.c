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
};

/* "console:157: init/26 holds lk_b and asks for lk_a: lk_a -> lk_b -> lk_a" */
static void follow_line(const struct lockdag_splat *s, struct lockdag_text *text)
{
	lockdag_text_addf(text, "%s:%llu: %s: ", s->file, (unsigned long long)s->line,
		lockdag_splat_kind_word(s->kind));
	if (s->comm)
		lockdag_text_addf(text, "%s/%ld", s->comm, s->pid);
	if (s->holding.class.name)
		lockdag_text_addf(text, " holds %s", s->holding.class.name);
	if (s->acquiring.class.name)
		lockdag_text_addf(text, "%s %s", s->holding.class.name ? " and asks for" : ":",
			s->acquiring.class.name);
	for (size_t i = 0; i < s->n_chain; i++)
		lockdag_text_addf(text, "%s%s", i ? " -> " : "; ", s->chain[i].lock.class.name);
	if (s->chain_whole)
		lockdag_text_addf(text, " -> %s", s->chain[0].lock.class.name);
	lockdag_text_add(text, s->complete ? "\n" : " (not whole)\n");
}

static int follow_json(FILE *out, const struct lockdag_splat *splat)
{
	json_t *report;
	int r = lockdag_splat_json(splat, &report);

	if (r < 0)
		return r;
	if (json_dumpf(report, out, JSON_COMPACT) < 0 || fputc('\n', out) == EOF)
		r = -EIO;
	json_decref(report);
	return r;
}

static int follow_tell(struct cli_kernel *kernel, const struct lockdag_splat *splat)
{
	const struct following *following = kernel->told_context;
	struct lockdag_text text = {0};
	int r = 0;

	if (following->format == LOCKDAG_FORMAT_JSON)
		r = follow_json(following->out, splat);
	else if (following->format == LOCKDAG_FORMAT_KERNEL)
		r = lockdag_splat_print(splat, &text);
	else
		follow_line(splat, &text);
	if (r == 0 && text.failed)
		r = -ENOMEM;
	if (r == 0 && text.n && fwrite(text.s, 1, text.n, following->out) != text.n)
		r = -EIO;
	if (r == 0 && fflush(following->out))
		r = -EIO;
	lockdag_text_clear(&text);
	return r;
}

int cli_kernel_follow(struct cli_kernel *kernel, char **paths, int n, FILE *out,
	const struct cli_settings *settings)
{
	struct following following = {out, settings->format};

	kernel->told = follow_tell;
	kernel->told_context = &following;
	return cli_kernel_read(kernel, paths, n, true);
}
