/* SPDX-License-Identifier: MIT
 *
 * The union for programs: docs/kernel-json.md, held to docs/kernel.schema.json by a test.
 */
#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "kernel/lines.h"
#include "kernel/union.h"

static void put(json_t *object, const char *key, json_t *value, int *err)
{
	if (json_object_set_new(object, key, value) != 0)
		*err = -ENOMEM;
}

static void push(json_t *array, json_t *value, int *err)
{
	if (json_array_append_new(array, value) != 0)
		*err = -ENOMEM;
}

static json_t *text(const char *s, size_t n)
{
	char *copy = s ? strndup(s, n) : NULL;
	json_t *value;

	if (!copy)
		return s ? NULL : json_null();
	copy[line_plain(copy, strlen(copy))] = 0;
	value = json_string(copy);
	free(copy);
	return value;
}

static json_t *whole(const char *s)
{
	return text(s, s ? strlen(s) : 0);
}

static json_t *id(uint64_t value)
{
	char buffer[17];

	snprintf(buffer, sizeof(buffer), "%016llx", (unsigned long long)value);
	return json_string(buffer);
}

static json_t *numbers(const uint32_t *rows, size_t n, int *err)
{
	json_t *a = json_array();

	for (size_t i = 0; i < n; i++)
		push(a, json_integer(rows[i]), err);
	return a;
}

static json_t *edge(const struct lockdag_union *u, uint32_t row, int *err)
{
	const struct union_edge *e = &u->edges.items[row];
	json_t *o = json_object();

	put(o, "from", whole(union_name(u, e->from)), err);
	put(o, "to", whole(union_name(u, e->to)), err);
	put(o, "interrupt", json_boolean(e->irq != UNION_TASK), err);
	put(o, "reports", json_integer(e->n_reports), err);
	return o;
}

static json_t *cycle(const struct lockdag_union *u, const struct union_cycle *c, int *err)
{
	json_t *o = json_object(), *classes = json_array(), *keys = json_array();

	for (uint32_t i = 0; i < c->n; i++) {
		uint32_t node = u->cycle_nodes.items[c->first + i];

		push(classes, whole(union_name(u, node)), err);
		push(keys, whole(u->nodes.items[node].key), err);
	}
	put(o, "id", id(c->id), err);
	put(o, "classes", classes, err);
	put(o, "keys", keys, err);
	put(o, "interrupt", json_boolean(c->irq != UNION_TASK), err);
	put(o, "across_reports", json_boolean(c->cross), err);
	put(o, "reports",
		numbers(u->cycle_reports.items ? u->cycle_reports.items + c->first_report : NULL,
			c->n_reports, err),
		err);
	put(o, "family", c->family == LOCKDAG_NONE ? json_null() : json_integer(c->family), err);
	return o;
}

static json_t *family(const struct lockdag_union *u, const struct union_family *f, int *err)
{
	json_t *o = json_object(), *cycles = json_array(), *edges = json_array();

	for (size_t i = 0; i < f->cycles.n; i++)
		push(cycles, id(u->cycles.items[f->cycles.items[i]].id), err);
	for (size_t i = 0; i < f->edges.n; i++)
		push(edges, edge(u, f->edges.items[i], err), err);
	put(o, "reports", numbers(f->reports.items, f->reports.n, err), err);
	put(o, "cycles", cycles, err);
	put(o, "edges", edges, err);
	return o;
}

/* ------------------------------------------------------------------ cuts */

static json_t *place_reports(
	const struct lockdag_union *u, const struct union_edge *e, uint32_t place, int *err)
{
	json_t *a = json_array();

	for (uint32_t i = e->first_seen; i != LOCKDAG_NONE; i = u->seen.items[i].next)
		if (union_shows(&u->seen.items[i], place))
			push(a, json_integer(u->seen.items[i].report), err);
	return a;
}

static json_t *places(const struct lockdag_union *u, const struct union_edge *e, int *err)
{
	json_t *a = json_array();

	for (uint32_t i = 0; i < e->n_places; i++) {
		uint32_t row = u->edge_places.items[e->first_place + i];
		const struct union_place *p = &u->places.items[row];
		json_t *o = json_object();

		put(o, "function", text(p->function, p->function_n), err);
		put(o, "module", whole(p->module), err);
		put(o, "calls", text(p->callee, p->callee ? names_function(p->callee) : 0), err);
		put(o, "file", whole(p->file), err);
		put(o, "line", p->line ? json_integer(p->line) : json_null(), err);
		put(o, "owner", whole(p->owner), err);
		put(o, "holds_both", json_boolean(p->both), err);
		put(o, "reports", place_reports(u, e, row, err), err);
		push(a, o, err);
	}
	return a;
}

/* Which cycles have the edge, or not. */
static json_t *cut_cycles(const struct lockdag_union *u, uint32_t edge_row, bool with, int *err)
{
	json_t *a = json_array();

	for (size_t i = 0; i < u->cycles.n; i++) {
		const struct union_cycle *c = &u->cycles.items[i];
		bool has = false;

		for (uint32_t k = 0; k < c->n; k++)
			has = has || u->cycle_edges.items[c->first + k] == edge_row;
		if (has == with)
			push(a, id(c->id), err);
	}
	return a;
}

static json_t *cut_reports(const struct lockdag_union *u, uint32_t edge_row, bool with, int *err)
{
	json_t *a = json_array();

	for (uint32_t i = 0; i < u->reports.n; i++) {
		uint32_t row = u->reports.items[i].cycle;
		bool has = false;

		for (uint32_t k = 0; row != LOCKDAG_NONE && k < u->cycles.items[row].n; k++)
			has = has ||
			      u->cycle_edges.items[u->cycles.items[row].first + k] == edge_row;
		if (row != LOCKDAG_NONE && has == with)
			push(a, json_integer(i), err);
	}
	return a;
}

static json_t *cut(const struct lockdag_union *u, const struct union_cut *c, int *err)
{
	const struct union_edge *e = &u->edges.items[c->edge];
	const struct kmap_advice *from = kmap_advice(u->nodes.items[e->from].map);
	const struct kmap_advice *to = kmap_advice(u->nodes.items[e->to].map);
	json_t *o = json_object();

	put(o, "from", whole(union_name(u, e->from)), err);
	put(o, "to", whole(union_name(u, e->to)), err);
	put(o, "interrupt", json_boolean(e->irq != UNION_TASK), err);
	put(o, "from_is", from ? json_string(from->what) : json_null(), err);
	put(o, "to_is", to ? json_string(to->what) : json_null(), err);
	put(o, "kind", json_string(lockdag_cut_kind_word(c->kind)), err);
	put(o, "advice", whole(c->advice), err);
	put(o, "planned", json_boolean(c->planned), err);
	put(o, "cost", json_integer((json_int_t)c->cost), err);
	put(o, "places", places(u, e, err), err);
	put(o, "clears", cut_cycles(u, c->edge, true, err), err);
	put(o, "remain", cut_cycles(u, c->edge, false, err), err);
	put(o, "reports", cut_reports(u, c->edge, true, err), err);
	put(o, "remaining_reports", cut_reports(u, c->edge, false, err), err);
	put(o, "meets", whole(c->meets), err);
	return o;
}

int lockdag_union_json(const struct lockdag_union *u, size_t n_cuts, json_t *document)
{
	json_t *cycles = json_array(), *families = json_array(), *cuts = json_array();
	json_t *near = json_array();
	int err = 0;

	for (size_t i = 0; i < u->cycles.n; i++)
		push(cycles, cycle(u, &u->cycles.items[i], &err), &err);
	for (size_t i = 0; i < u->families.n; i++)
		push(families, family(u, &u->families.items[i], &err), &err);
	for (size_t i = 0; i < u->cuts.n && i < n_cuts; i++)
		push(cuts, cut(u, &u->cuts.items[i], &err), &err);
	for (size_t i = 0; i < u->near.n; i++)
		push(near, whole(u->near.items[i]), &err);
	put(document, "cycles", cycles, &err);
	put(document, "families", families, &err);
	put(document, "cuts", cuts, &err);
	put(document, "cut_changes", json_integer((json_int_t)u->n_changes), &err);
	put(document, "cut_at_least", json_integer((json_int_t)u->at_least), &err);
	put(document, "cut_exact", json_boolean(u->exact), &err);
	put(document, "near_cycles", near, &err);
	put(document, "bounded", json_boolean(u->bounded), &err);
	return err;
}
