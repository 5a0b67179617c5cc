/* SPDX-License-Identifier: MIT
 *
 * A declared order as people write it down: lines of names with arrows between them.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/arena.h"
#include "core/labels.h"
#include "core/lex.h"

struct order_text {
	struct lex lex; /* for its errors */
	const char *start, *at, *end; /* of the line */
	char *names[2];		      /* the last one and the one before it, room for a line each */
	struct lockdag_model *m;
};

static unsigned order_column(const struct order_text *o)
{
	return (unsigned)(o->at - o->start) + 1;
}

static bool order_is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

static void order_skip_blanks(struct order_text *o)
{
	while (o->at < o->end && order_is_blank(*o->at))
		o->at++;
}

/* Length of the separator at s, with blanks or the line's ends round it; 0: there is none. */
static size_t order_separator(const struct order_text *o, const char *s)
{
	static const char *const words[] = {"->", "before"};

	if (s > o->start && !order_is_blank(s[-1]))
		return 0;
	for (size_t i = 0; i < LOCKDAG_ARRAY_SIZE(words); i++) {
		size_t n = strlen(words[i]);

		if ((size_t)(o->end - s) >= n && !memcmp(s, words[i], n) &&
			(s + n == o->end || order_is_blank(s[n])))
			return n;
	}
	return 0;
}

static int order_quoted(struct order_text *o, char *to)
{
	for (o->at++; o->at < o->end && *o->at != '"'; o->at++) {
		if (*o->at == '\\' && o->end - o->at > 1)
			o->at++;
		*to++ = *o->at;
	}
	*to = 0;
	if (o->at == o->end)
		return lex_error(&o->lex, order_column(o), "the quoted name does not end");
	o->at++;
	return 0;
}

/* Reads the name at hand into to. */
static int order_name(struct order_text *o, char *to)
{
	char *begin = to;
	int r = 0;

	order_skip_blanks(o);
	if (o->at < o->end && *o->at == '"') {
		r = order_quoted(o, to);
	} else {
		while (o->at < o->end && !order_separator(o, o->at))
			*to++ = *o->at++;
		while (to > begin && order_is_blank(to[-1]))
			to--;
		*to = 0;
	}
	if (!r && !*begin)
		r = lex_error(&o->lex, order_column(o), "a name is missing");
	for (const char *s = begin; !r && *s; s++)
		if ((unsigned char)*s < 0x20 || *s == 0x7f)
			r = lex_error(&o->lex, order_column(o), "a name has no control signs in it");
	order_skip_blanks(o);
	return r;
}

static int order_pair(struct order_text *o, const char *before, const char *after)
{
	int r = lockdag_model_add_declared(o->m, before, after);

	if (r == -EINVAL)
		return lex_error(&o->lex, order_column(o), "\"%.60s\" before itself", after);
	return r < 0 ? r : 0;
}

static int order_line(struct order_text *o)
{
	size_t n, names = 0;
	int r = 0;

	order_skip_blanks(o);
	if (o->at == o->end || *o->at == '#')
		return 0;
	while (!r) {
		char *last = o->names[0];

		o->names[0] = o->names[1];
		o->names[1] = last;
		r = order_name(o, last);
		if (!r && names++)
			r = order_pair(o, o->names[0], last);
		if (r || o->at == o->end)
			break;
		n = order_separator(o, o->at);
		if (!n)
			return lex_error(&o->lex, order_column(o), "an arrow is missing: A -> B");
		o->at += n;
	}
	if (!r && names < 2)
		r = lex_error(&o->lex, 1, "this line has one name: A -> B says what comes first");
	return r;
}

/* ------------------------------------------------------------------ circles */

struct order_node {
	uint32_t before; /* names that come directly before this one and were not taken off yet */
	const char *name;
};

static uint32_t order_node(
	struct labels *names, struct lockdag_arena *arena, struct order_node *nodes, const char *name)
{
	uint32_t i = labels_find(names, name);

	if (i != LOCKDAG_NONE)
		return i;
	i = (uint32_t)names->n;
	if (labels_add(names, arena, name, i) < 0)
		return LOCKDAG_NONE;
	nodes[i] = (struct order_node){0, name};
	return i;
}

/* Takes off, again and again, what nothing comes before (Kahn 1962); *ret_left: a name that cannot be,
 * or NULL. */
static int order_take_off(const struct lockdag_model *m, uint32_t *pairs, struct order_node *nodes,
	uint32_t n, const char **ret_left)
{
	uint32_t *queue = malloc(((size_t)n + 1) * sizeof(*queue)), head = 0, tail = 0;

	if (!queue)
		return -ENOMEM;
	for (uint32_t i = 0; i < n; i++)
		if (!nodes[i].before)
			queue[tail++] = i;
	while (head < tail) {
		uint32_t at = queue[head++];

		for (size_t i = 0; i < m->declared.n; i++)
			if (pairs[2 * i] == at && !--nodes[pairs[2 * i + 1]].before)
				queue[tail++] = pairs[2 * i + 1];
	}
	*ret_left = NULL;
	for (uint32_t i = 0; i < n && tail < n; i++)
		if (nodes[i].before)
			*ret_left = nodes[i].name;
	free(queue);
	return 0;
}

static int order_circle(const struct lockdag_model *m, const char **ret_left)
{
	size_t rows = m->declared.n;
	uint32_t *pairs = malloc((2 * rows + 1) * sizeof(*pairs));
	struct order_node *nodes = malloc((2 * rows + 1) * sizeof(*nodes));
	struct lockdag_arena *arena = lockdag_arena_new();
	struct labels names = {0};
	int r = pairs && nodes && arena ? 0 : -ENOMEM;

	for (size_t i = 0; !r && i < rows; i++) {
		const struct lockdag_declared *d = &m->declared.items[i];

		pairs[2 * i] = order_node(&names, arena, nodes, d->before);
		pairs[2 * i + 1] = order_node(&names, arena, nodes, d->after);
		if (pairs[2 * i] == LOCKDAG_NONE || pairs[2 * i + 1] == LOCKDAG_NONE)
			r = -ENOMEM;
		else
			nodes[pairs[2 * i + 1]].before++;
	}
	if (!r)
		r = order_take_off(m, pairs, nodes, (uint32_t)names.n, ret_left);
	labels_done(&names);
	lockdag_arena_free(arena);
	free(nodes);
	free(pairs);
	return r;
}

/* ------------------------------------------------------------------ the door */

int lockdag_model_parse_declared(const char *text, size_t n, struct lockdag_model *m,
	struct lockdag_parse_error *error)
{
	struct order_text o = {.m = m, .end = text};
	const char *end = text + n, *left = NULL;
	int r;

	lex_init(&o.lex, text, n, error);
	o.names[0] = malloc(n + 1);
	o.names[1] = malloc(n + 1);
	r = o.names[0] && o.names[1] ? 0 : -ENOMEM;
	while (!r && o.end < end) {
		o.lex.line++;
		o.start = o.at = o.lex.line > 1 ? o.end + 1 : text;
		o.end = memchr(o.start, '\n', (size_t)(end - o.start));
		if (!o.end)
			o.end = end;
		r = order_line(&o);
	}
	if (!r)
		r = order_circle(m, &left);
	if (!r && left)
		r = lex_error(&o.lex, 1, "\"%.60s\" is declared to come before itself, over others", left);
	lex_done(&o.lex);
	free(o.names[0]);
	free(o.names[1]);
	return r;
}
