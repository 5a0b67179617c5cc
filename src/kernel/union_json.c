/* SPDX-License-Identifier: MIT
 *
 * The union for programs: docs/kernel-json.md, held to docs/kernel.schema.json by a test.
 */
#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "kernel/lines.h"
#include "kernel/values.h"
#include "kernel/union.h"

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
		value_push(a, json_integer(rows[i]), err);
	return a;
}

static json_t *edge(const struct lockdag_union *u, uint32_t row, int *err)
{
	const struct union_edge *e = &u->edges.items[row];
	json_t *o = json_object();

	value_put(o, "from", value_text(union_name(u, e->from)), err);
	value_put(o, "to", value_text(union_name(u, e->to)), err);
	value_put(o, "interrupt", json_boolean(e->irq != UNION_TASK), err);
	value_put(o, "reports", json_integer(e->n_reports), err);
	return o;
}

static json_t *cycle(const struct lockdag_union *u, const struct union_cycle *c, int *err)
{
	json_t *o = json_object(), *classes = json_array(), *keys = json_array();

	for (uint32_t i = 0; i < c->n; i++) {
		uint32_t node = u->cycle_nodes.items[c->first + i];

		value_push(classes, value_text(union_name(u, node)), err);
		value_push(keys, value_text(u->nodes.items[node].key), err);
	}
	value_put(o, "id", id(c->id), err);
	value_put(o, "classes", classes, err);
	value_put(o, "keys", keys, err);
	value_put(o, "interrupt", json_boolean(c->irq != UNION_TASK), err);
	value_put(o, "across_reports", json_boolean(c->cross), err);
	value_put(o, "reports",
		numbers(u->cycle_reports.items ? u->cycle_reports.items + c->first_report : NULL,
			c->n_reports, err),
		err);
	value_put(o, "family", c->family == LOCKDAG_NONE ? json_null() : json_integer(c->family),
		err);
	return o;
}

static json_t *family(const struct lockdag_union *u, const struct union_family *f, int *err)
{
	json_t *o = json_object(), *cycles = json_array(), *edges = json_array();

	for (size_t i = 0; i < f->cycles.n; i++)
		value_push(cycles, id(u->cycles.items[f->cycles.items[i]].id), err);
	for (size_t i = 0; i < f->edges.n; i++)
		value_push(edges, edge(u, f->edges.items[i], err), err);
	value_put(o, "reports", numbers(f->reports.items, f->reports.n, err), err);
	value_put(o, "cycles", cycles, err);
	value_put(o, "edges", edges, err);
	return o;
}

/* ------------------------------------------------------------------ cuts */

static json_t *place_reports(
	const struct lockdag_union *u, const struct union_edge *e, uint32_t place, int *err)
{
	json_t *a = json_array();

	for (uint32_t i = e->first_seen; i != LOCKDAG_NONE; i = u->seen.items[i].next)
		if (union_shows(&u->seen.items[i], place))
			value_push(a, json_integer(u->seen.items[i].report), err);
	return a;
}

static json_t *places(const struct lockdag_union *u, const struct union_edge *e, int *err)
{
	json_t *a = json_array();

	for (uint32_t i = 0; i < e->n_places; i++) {
		uint32_t row = u->edge_places.items[e->first_place + i];
		const struct union_place *p = &u->places.items[row];
		json_t *o = json_object();

		value_put(o, "function", value_text_n(p->function, p->function_n), err);
		value_put(o, "module", value_text(p->module), err);
		value_put(o, "calls",
			value_text_n(p->callee, p->callee ? names_function(p->callee) : 0), err);
		value_put(o, "file", value_text(p->file), err);
		value_put(o, "line", p->line ? json_integer(p->line) : json_null(), err);
		value_put(o, "owner", value_text(p->owner), err);
		value_put(o, "holds_both", json_boolean(p->both), err);
		value_put(o, "reports", place_reports(u, e, row, err), err);
		value_push(a, o, err);
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
			value_push(a, id(c->id), err);
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
			value_push(a, json_integer(i), err);
	}
	return a;
}

static json_t *cut(const struct lockdag_union *u, const struct union_cut *c, int *err)
{
	const struct union_edge *e = &u->edges.items[c->edge];
	const struct kmap_advice *from = kmap_advice(u->nodes.items[e->from].map);
	const struct kmap_advice *to = kmap_advice(u->nodes.items[e->to].map);
	json_t *o = json_object();

	value_put(o, "from", value_text(union_name(u, e->from)), err);
	value_put(o, "to", value_text(union_name(u, e->to)), err);
	value_put(o, "interrupt", json_boolean(e->irq != UNION_TASK), err);
	value_put(o, "from_is", from ? json_string(from->what) : json_null(), err);
	value_put(o, "to_is", to ? json_string(to->what) : json_null(), err);
	value_put(o, "kind", json_string(lockdag_cut_kind_word(c->kind)), err);
	value_put(o, "advice", value_text(c->advice), err);
	value_put(o, "planned", json_boolean(c->planned), err);
	value_put(o, "cost", json_integer((json_int_t)c->cost), err);
	value_put(o, "places", places(u, e, err), err);
	value_put(o, "clears", cut_cycles(u, c->edge, true, err), err);
	value_put(o, "remain", cut_cycles(u, c->edge, false, err), err);
	value_put(o, "reports", cut_reports(u, c->edge, true, err), err);
	value_put(o, "remaining_reports", cut_reports(u, c->edge, false, err), err);
	value_put(o, "meets", value_text(c->meets), err);
	return o;
}

int lockdag_union_json(const struct lockdag_union *u, size_t n_cuts, json_t *document)
{
	json_t *cycles = json_array(), *families = json_array(), *cuts = json_array();
	json_t *near = json_array();
	int err = 0;

	for (size_t i = 0; i < u->cycles.n; i++)
		value_push(cycles, cycle(u, &u->cycles.items[i], &err), &err);
	for (size_t i = 0; i < u->families.n; i++)
		value_push(families, family(u, &u->families.items[i], &err), &err);
	for (size_t i = 0; i < u->cuts.n && i < n_cuts; i++)
		value_push(cuts, cut(u, &u->cuts.items[i], &err), &err);
	for (size_t i = 0; i < u->near.n; i++)
		value_push(near, value_text(u->near.items[i]), &err);
	value_put(document, "cycles", cycles, &err);
	value_put(document, "families", families, &err);
	value_put(document, "cuts", cuts, &err);
	value_put(document, "cut_changes", json_integer((json_int_t)u->n_changes), &err);
	value_put(document, "cut_at_least", json_integer((json_int_t)u->at_least), &err);
	value_put(document, "cut_exact", json_boolean(u->exact), &err);
	value_put(document, "near_cycles", near, &err);
	value_put(document, "bounded", json_boolean(u->bounded), &err);
	return err;
}
