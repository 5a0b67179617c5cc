/* SPDX-License-Identifier: MIT
 *
 * What reports about interrupts have: usages with their stacks, and the trees of dependencies.
 */
#include "kernel/parse.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

/* ------------------------------------------------------------------ trees */

static bool dependency_wants_more(const char *s)
{
	const char *end = strstr(s, "){");

	return !end || !strchr(end, '}') || s[strlen(s) - 1] != '{';
}

/* "-> (class){+.+.}-{3:3} ops: 2 {" */
size_t parse_dependency(struct parser *p)
{
	const struct line *line = &p->lines[p->i];
	struct lockdag_kdeps *deps;
	struct lockdag_kdep *dep;
	struct lockdag_kclass class;
	const char *rest;
	size_t n;

	if (!text_starts(line->s, "-> (") || p->splat->n_deps == 0)
		return 0;
	n = parse_join(p, line->s, dependency_wants_more);
	if (p->joined.failed)
		return 0;
	rest = class_parse(p->memory, p->joined.s + 3, &class);
	if (!rest)
		return 0;
	deps = &p->splat->deps[p->splat->n_deps - 1];
	dep = RECORD_PUSH(p->memory, deps->items, deps->n);
	if (!dep)
		return n;
	dep->class = class;
	dep->depth = line->indent;
	rest = strstr(rest, "ops: ");
	dep->ops = rest ? strtoull(rest + 5, NULL, 10) : 0;
	p->sink = SINK_NONE;
	p->known = true;
	return n;
}

static void deps_open(struct parser *p, const char *s, size_t n)
{
	struct lockdag_kdeps *deps = RECORD_PUSH(p->memory, p->splat->deps, p->splat->n_deps);

	if (deps)
		deps->title = record_text(p->memory, s, n);
	p->sink = SINK_NONE;
	p->known = true;
}

/* "the dependencies between HARDIRQ-irq-safe lock and the holding lock:", "the first lock's
 * dependencies:"; some are two lines. */
static size_t deps_title(struct parser *p, const char *s)
{
	size_t n = strlen(s);

	if (!text_starts(s, "the ") || !strstr(s, "dependenc"))
		return 0;
	if (strstr(s, "existing dependency chain"))
		return 0;
	if (s[n - 1] == ':') {
		deps_open(p, s, n - 1);
		return 1;
	}
	if (p->i + 1 >= p->n || !text_ends(p->lines[p->i + 1].s, ":"))
		return 0;
	p->joined.n = 0;
	lockdag_text_add(&p->joined, s);
	lockdag_text_add(&p->joined, " ");
	lockdag_text_add(&p->joined, p->lines[p->i + 1].s);
	if (p->joined.failed)
		return 0;
	deps_open(p, p->joined.s, p->joined.n - 1);
	return 2;
}

/* ------------------------------------------------------------------ usages */

static struct lockdag_kdep *dep_last(struct parser *p)
{
	struct lockdag_kdeps *deps =
		p->splat->n_deps ? &p->splat->deps[p->splat->n_deps - 1] : NULL;

	return deps && deps->n ? &deps->items[deps->n - 1] : NULL;
}

/* In the trees of 2.6 such lines come behind all that a class holds, innermost first. */
static size_t dep_without_place(const struct lockdag_kdeps *deps)
{
	for (size_t i = deps->n; i-- > 0;)
		if (deps->items[i].acquired.n == 0)
			return i;
	return deps->n - 1;
}

static void usage_open(struct parser *p, const char *state, size_t n)
{
	struct lockdag_kusage *usage = RECORD_PUSH(p->memory, p->splat->usages, p->splat->n_usages);

	if (usage)
		usage->state = record_text(p->memory, state, n);
	p->sink = SINK_USAGE;
	p->known = true;
}

/* "HARDIRQ-ON-W at:", "INITIAL USE at:", "in-softirq-W at:" */
static bool dep_usage(struct parser *p, const char *s)
{
	struct lockdag_kdep *dep = dep_last(p);
	struct lockdag_kusage *usage;
	size_t n = strlen(s);

	if (!dep || n < 6 || n > 40 || strcmp(s + n - 3, "at:") || strchr(s, '('))
		return false;
	for (n -= 3; n > 0 && s[n - 1] == ' '; n--)
		;
	for (size_t i = 0; i < n; i++)
		if (!isalpha((unsigned char)s[i]) && s[i] != '-' && s[i] != '_' && s[i] != ' ')
			return false;
	usage = RECORD_PUSH(p->memory, dep->usages, dep->n_usages);
	if (usage)
		usage->state = record_text(p->memory, s, n);
	p->sink = SINK_DEP_USAGE;
	return true;
}

/* "... key      at: [<ffffffff818dd2d8>] sp_b+0x18/0x60", "... acquired at:" */
static bool dep_place(struct parser *p, const char *s)
{
	struct lockdag_kdep *dep = dep_last(p);
	const char *at = strstr(s, "at:");

	if (!dep || !text_starts(s, "... ") || !at)
		return false;
	if (strstr(s, "acquired")) {
		p->sink = SINK_DEP_ACQUIRED;
		p->dep = dep_without_place(&p->splat->deps[p->splat->n_deps - 1]);
		return true;
	}
	if (!strstr(s, "key"))
		return false;
	at += 3;
	while (*at == ' ')
		at++;
	frame_parse(p->memory, at, &dep->key);
	return true;
}

/* "{IN-HARDIRQ-W} state was registered at:", "... which became HARDIRQ-irq-safe at:" */
static bool usage_line(struct parser *p, const char *s)
{
	const char *end;

	if (s[0] == '{' && (end = strchr(s, '}')) && text_starts(end, "} state")) {
		usage_open(p, s + 1, (size_t)(end - s - 1));
		return true;
	}
	s = strstr(s, "which became ");
	if (!s)
		return false;
	s += strlen("which became ");
	end = strstr(s, " at:");
	if (!end)
		return false;
	usage_open(p, s, (size_t)(end - s));
	return true;
}

/* "inconsistent {IN-HARDIRQ-W} -> {HARDIRQ-ON-W} usage." */
static bool pair_wants_more(const char *s)
{
	return !strstr(s, "usage");
}

size_t parse_usage_pair(struct parser *p)
{
	const char *was, *was_end, *now, *now_end;
	size_t n;

	if (!text_starts(p->lines[p->i].s, "inconsistent {"))
		return 0;
	n = parse_join(p, p->lines[p->i].s, pair_wants_more);
	if (p->joined.failed)
		return 0;
	was = p->joined.s + strlen("inconsistent {");
	was_end = strchr(was, '}');
	now = was_end ? strchr(was_end, '{') : NULL;
	now_end = now ? strchr(now, '}') : NULL;
	if (!now_end)
		return n;
	p->splat->usage_was = record_text(p->memory, was, (size_t)(was_end - was));
	p->splat->usage_now = record_text(p->memory, now + 1, (size_t)(now_end - now - 1));
	p->known = true;
	return n;
}

static bool irq_question(struct parser *p, const char *s)
{
	if (strstr(s, "connects a") && strstr(s, "-safe lock"))
		p->expect = EXPECT_SAFE;
	else if (text_starts(s, "to a ") && strstr(s, "-unsafe lock"))
		p->expect = EXPECT_UNSAFE;
	else if (strstr(s, "lock took another") || strstr(s, "lock took a"))
		p->expect = EXPECT_UNSAFE;
	else if (strstr(s, "lock was taken by another"))
		p->expect = EXPECT_SAFE;
	else if (strstr(s, "would create a new lock dependency"))
		p->expect = EXPECT_DEPENDENCY;
	else
		return false;
	p->sink = SINK_NONE;
	return true;
}

size_t parse_irq_line(struct parser *p, const char *s)
{
	size_t n;

	/* the braces around a class's usages */
	if (!strcmp(s, "}") || !strcmp(s, "..."))
		return 1;
	if (usage_line(p, s) || dep_place(p, s) || dep_usage(p, s) || irq_question(p, s))
		return 1;
	n = deps_title(p, s);
	return n;
}
