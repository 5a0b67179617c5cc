/* SPDX-License-Identifier: MIT
 *
 * The scenario's table and the sketch of the chain, both for people; and DEPT's contexts.
 */
#include "kernel/parse.h"

#include <ctype.h>
#include <string.h>

#define COLUMN 18 /* CPU1's text stands at 31, CPU0's at 2 or 4 */

static void table_add(struct parser *p, const char *s, unsigned indent)
{
	static const char *const words[] = {"lock", "rlock", "sync", "unlock", "local_irq_disable"};
	const char *open = strchr(s, '('), *close;
	struct lockdag_kstep *step = RECORD_PUSH(p->memory, p->splat->steps, p->splat->n_steps);

	if (!step)
		return;
	step->cpu = indent >= COLUMN;
	step->in_interrupt = p->interrupt_cpus >> step->cpu & 1;
	if (s[0] == '<') {
		step->what = "<Interrupt>";
		p->interrupt_cpus |= 1u << step->cpu;
		return;
	}
	for (size_t i = 0; open && i < LOCKDAG_ARRAY_SIZE(words); i++)
		if (!strncmp(s, words[i], (size_t)(open - s)) && words[i][open - s] == 0)
			step->what = words[i];
	close = s + strlen(s);
	while (close > s && *close != ')')
		close--;
	if (open && close > open + 1)
		step->class = record_text(p->memory, open + 1, (size_t)(close - open - 1));
}

static bool table_row(const char *s)
{
	return text_starts(s, "lock(") || text_starts(s, "rlock(") || text_starts(s, "sync(") ||
	       text_starts(s, "unlock(") || text_starts(s, "local_irq_disable(") ||
	       text_starts(s, "<Interrupt>");
}

static bool row_wants_more(const char *s)
{
	return s[0] != '<' && !text_ends(s, ");");
}

size_t parse_table(struct parser *p)
{
	const struct line *line = &p->lines[p->i];
	size_t n;

	if (strstr(line->s, "unsafe locking scenario") && text_starts(line->s, "Possible")) {
		n = line->n - (line->n && line->s[line->n - 1] == ':');
		p->splat->scenario = record_text(p->memory, line->s, n);
		p->table = true;
		p->sink = SINK_NONE;
		return 1;
	}
	if (!p->table)
		return 0;
	if (text_starts(line->s, "CPU0") || text_starts(line->s, "----"))
		return 1;
	if (text_starts(line->s, "***")) {
		p->table = false;
		return 1;
	}
	if (!table_row(line->s))
		return 0;
	n = parse_join(p, line->s, row_wants_more);
	if (p->joined.failed)
		return 0;
	table_add(p, p->joined.s, line->indent);
	p->known = true;
	return n;
}

/* "Chain exists of:" and "A --> B --> C", which may be wrapped. */
size_t parse_sketch(struct parser *p)
{
	size_t n = 1;

	if (!text_starts(p->lines[p->i].s, "Chain exists of"))
		return 0;
	p->sink = SINK_NONE;
	p->joined.n = 0;
	for (; p->i + n < p->n && n < 8; n++) {
		const char *s = p->lines[p->i + n].s;

		if (!*s || (n > 1 && parse_starts(s)))
			break;
		if (n > 1)
			lockdag_text_add(&p->joined, " ");
		lockdag_text_add(&p->joined, s);
	}
	if (p->joined.failed || p->joined.n == 0)
		return n;
	for (const char *s = p->joined.s; s && p->splat->n_sketch < 8;) {
		const char *next = strstr(s, "-->"), **slot;
		size_t k = next ? (size_t)(next - s) : strlen(s);

		while (k > 0 && s[k - 1] == ' ')
			k--;
		slot = RECORD_PUSH(p->memory, p->splat->sketch, p->splat->n_sketch);
		if (slot)
			*slot = record_text(p->memory, s, k);
		s = next ? next + 3 : NULL;
		while (s && *s == ' ')
			s++;
	}
	return n;
}

/* ------------------------------------------------------------------ DEPT */

static struct lockdag_kdept *dept_context(struct parser *p, const char *name, size_t n)
{
	struct lockdag_splat *s = p->splat;
	struct lockdag_kdept *context;

	for (size_t i = 0; i < s->n_contexts; i++) {
		if (!strncmp(s->contexts[i].name, name, n) && s->contexts[i].name[n] == 0) {
			/* the last one is where stacks go */
			struct lockdag_kdept again = s->contexts[i];

			memmove(&s->contexts[i], &s->contexts[i + 1],
				(s->n_contexts - i - 1) * sizeof(again));
			s->contexts[s->n_contexts - 1] = again;
			return &s->contexts[s->n_contexts - 1];
		}
	}
	context = RECORD_PUSH(p->memory, s->contexts, s->n_contexts);
	if (context)
		context->name = record_text(p->memory, name, n);
	return context;
}

bool parse_dept(struct parser *p, const char *s)
{
	struct lockdag_kdept *context;
	const char *what, **slot;

	if (text_starts(s, "context ") && isupper((unsigned char)s[8])) {
		size_t n = 1;

		while (isalnum((unsigned char)s[8 + n]))
			n++;
		dept_context(p, s + 8, n);
		p->known = true;
		p->sink = SINK_NONE;
		return true;
	}
	if (p->splat->n_contexts == 0 || s[0] != '[' || s[1] == 0 || s[2] != ']')
		return false;
	context = &p->splat->contexts[p->splat->n_contexts - 1];
	what = s + 3;
	while (*what == ' ')
		what++;
	if (*what == 0 || *what == ':')
		return true;
	slot = s[1] == 'S'   ? &context->start
	       : s[1] == 'W' ? &context->wait
	       : s[1] == 'E' ? &context->event
			     : NULL;
	if (!slot)
		return false;
	p->sink = s[1] == 'S' ? SINK_DEPT_START : s[1] == 'W' ? SINK_DEPT_WAIT : SINK_DEPT_EVENT;
	if (!*slot) {
		size_t n = strlen(what);

		*slot = record_text(p->memory, what, n - (what[n - 1] == ':'));
	}
	return true;
}
