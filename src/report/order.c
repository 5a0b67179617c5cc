/* SPDX-License-Identifier: MIT
 *
 * The learned order of all classes as text: a hierarchy file, or lines for clang's thread safety
 * analysis. What follows from other lines is left out, so that a file can be read, and kept by
 * hand.
 */
#include "report/render.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define ORDER_MAX_REDUCED 8192 /* classes; the reachability of so many takes 8 MiB */

struct order {
	const struct lockdag_class_graph *g;
	uint32_t *by_position; /* classes, outermost first */
	size_t *first_edge;    /* of each class, n_classes + 1 of them */
	uint64_t *reach; /* n_words for each class: what can be reached from it; NULL: too many */
	size_t n_words;
};

static bool order_reaches(const struct order *o, uint32_t from, uint32_t to)
{
	return o->reach[from * o->n_words + to / 64] >> (to % 64) & 1;
}

static void order_mark(struct order *o, uint32_t from, uint32_t to)
{
	uint64_t *row = &o->reach[from * o->n_words], *below = &o->reach[to * o->n_words];

	row[to / 64] |= UINT64_C(1) << (to % 64);
	for (size_t i = 0; i < o->n_words; i++)
		row[i] |= below[i];
}

static void order_done(struct order *o)
{
	free(o->by_position);
	free(o->first_edge);
	free(o->reach);
}

/* From the innermost class outwards: what a class reaches is what its followers reach. */
static int order_init(struct order *o, const struct lockdag_class_graph *g)
{
	*o = (struct order){.g = g, .n_words = (g->n_classes + 63) / 64};
	o->by_position = calloc(g->n_classes + 1, sizeof(*o->by_position));
	o->first_edge = calloc(g->n_classes + 2, sizeof(*o->first_edge));
	if (g->n_classes <= ORDER_MAX_REDUCED)
		o->reach = calloc(g->n_classes * o->n_words + 1, sizeof(*o->reach));
	if (!o->by_position || !o->first_edge || (g->n_classes <= ORDER_MAX_REDUCED && !o->reach))
		return -ENOMEM;
	for (uint32_t i = 0; i < g->n_classes; i++)
		o->by_position[g->classes[i].position] = i;
	for (size_t i = 0; i < g->n_edges; i++)
		o->first_edge[g->edges[i].from + 1]++;
	for (size_t i = 0; i < g->n_classes; i++)
		o->first_edge[i + 1] += o->first_edge[i];
	if (!g->ordered)
		return 0;
	for (size_t i = g->n_classes; o->reach && i-- > 0;) {
		uint32_t from = o->by_position[i];

		for (size_t e = o->first_edge[from]; e < o->first_edge[from + 1]; e++)
			if (!g->edges[e].back)
				order_mark(o, from, g->edges[e].to);
	}
	return 0;
}

/* Does the edge follow from two or more others? */
static bool order_follows(const struct order *o, const struct lockdag_graph_edge *e)
{
	for (size_t i = o->first_edge[e->from]; o->reach && i < o->first_edge[e->from + 1]; i++) {
		const struct lockdag_graph_edge *other = &o->g->edges[i];

		if (other != e && !other->back && order_reaches(o, other->to, e->to))
			return true;
	}
	return false;
}

static void order_edge(struct lockdag_text *t, const struct order *o, const char *lead,
	const struct lockdag_graph_edge *e)
{
	lockdag_text_add(t, lead);
	report_escape(t, o->g->classes[e->from].name);
	lockdag_text_add(t, " -> ");
	report_escape(t, o->g->classes[e->to].name);
	lockdag_text_add(t, "\n");
}

static void order_lines(struct lockdag_text *t, const struct order *o)
{
	for (size_t i = 0; i < o->g->n_classes; i++) {
		uint32_t from = o->by_position[i];

		for (size_t e = o->first_edge[from]; e < o->first_edge[from + 1]; e++)
			if (!o->g->edges[e].back && !order_follows(o, &o->g->edges[e]))
				order_edge(t, o, "", &o->g->edges[e]);
	}
}

int report_order(struct report *r, const struct lockdag_class_graph *g)
{
	struct order o;
	size_t backs = 0;
	int err = g->ordered ? order_init(&o, g) : -E2BIG;

	if (!g->ordered)
		return err;
	if (!err) {
		lockdag_text_addf(r->out,
			"# The lock order that lockdag learned: %zu classes, %zu edges.\n"
			"# A line says that its first lock is taken before its second.\n",
			g->n_classes, g->n_edges);
		order_lines(r->out, &o);
		for (size_t i = 0; i < g->n_edges; i++) {
			if (!g->edges[i].back)
				continue;
			if (!backs++)
				lockdag_text_add(r->out, "# Seen too, against this order:\n");
			order_edge(r->out, &o, "#   ", &g->edges[i]);
		}
	}
	order_done(&o);
	return err;
}

/* ------------------------------------------------------------------ for clang */

/* Can the name stand in an attribute: an identifier, or members of one? */
static bool order_is_c(const char *name)
{
	if (!isalpha((unsigned char)*name) && *name != '_')
		return false;
	for (; *name; name++) {
		if (name[0] == '-' && name[1] == '>' &&
			(isalpha((unsigned char)name[2]) || name[2] == '_'))
			name++;
		else if (!isalnum((unsigned char)*name) && !strchr("_.:", *name))
			return false;
	}
	return true;
}

/* What of class `from` can be declared: "LOCK ACQUIRED_BEFORE(a, b);". */
static void order_clang_class(struct lockdag_text *t, const struct order *o, uint32_t from)
{
	const struct lockdag_graph_class *c = &o->g->classes[from];
	struct lockdag_text line = {0};
	char *declaration;
	size_t n = 0;

	for (size_t i = o->first_edge[from]; i < o->first_edge[from + 1]; i++) {
		const struct lockdag_graph_edge *e = &o->g->edges[i];

		if (e->back || order_follows(o, e))
			continue;
		if (!order_is_c(c->name) || !order_is_c(o->g->classes[e->to].name)) {
			order_edge(t, o, "// ", e);
			continue;
		}
		if (!n++)
			lockdag_text_addf(&line, "%s ACQUIRED_BEFORE(", c->name);
		lockdag_text_addf(&line, "%s%s", n > 1 ? ", " : "", o->g->classes[e->to].name);
	}
	declaration = lockdag_text_take(&line);
	if (!declaration)
		t->failed = true;
	else if (n)
		lockdag_text_addf(t, "%s);%s", declaration, c->where ? " // " : "");
	if (n && c->where)
		report_escape(t, c->where);
	lockdag_text_add(t, n ? "\n" : "");
	free(declaration);
}

int report_clang(struct report *r, const struct lockdag_class_graph *g)
{
	struct order o;
	int err = g->ordered ? order_init(&o, g) : -E2BIG;

	if (!g->ordered)
		return err;
	if (!err)
		lockdag_text_add(r->out,
			"// The lock order that lockdag learned, as attributes of clang's thread "
			"safety\n// analysis: add each to the declaration of its lock. Names that "
			"are no C are in comments.\n");
	for (size_t i = 0; !err && i < g->n_classes; i++)
		order_clang_class(r->out, &o, o.by_position[i]);
	order_done(&o);
	return err;
}
