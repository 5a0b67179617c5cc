/* SPDX-License-Identifier: MIT
 *
 * /proc/lockdep* for programs.
 */
#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "kernel/lines.h"
#include "kernel/values.h"

static json_t *graph_classes(const struct lockdag_kgraph *g, int *err)
{
	json_t *a = json_array();

	for (size_t i = 0; i < g->n_classes; i++) {
		const struct lockdag_kgraph_class *c = &g->classes[i];
		json_t *o = json_object();

		value_put(o, "class", value_text(c->class.name), err);
		value_put(o, "base", value_text(c->class.base), err);
		value_put(o, "version", value_number_or_null(c->class.version), err);
		value_put(o, "subclass", value_number(c->class.subclass), err);
		value_put(o, "usage", value_text(c->class.usage), err);
		value_put(o, "ops", value_number_or_null(c->ops), err);
		value_put(o, "forward", value_number_or_null(c->forward), err);
		value_put(o, "backward", value_number_or_null(c->backward), err);
		value_push(a, o, err);
	}
	return a;
}

static json_t *graph_edges(const struct lockdag_kgraph *g, int *err)
{
	json_t *a = json_array();

	for (size_t i = 0; i < g->n_edges; i++)
		value_push(a,
			json_pack("[II]", (json_int_t)g->edges[i].from, (json_int_t)g->edges[i].to),
			err);
	return a;
}

static json_t *graph_chains(const struct lockdag_kgraph *g, int *err)
{
	json_t *a = json_array();

	for (size_t i = 0; i < g->n_chains; i++) {
		json_t *o = json_object(), *classes = json_array();

		value_put(o, "context", value_text(g->chains[i].context), err);
		for (size_t k = 0; k < g->chains[i].n; k++)
			value_push(classes, value_number(g->chain_classes[g->chains[i].first + k]),
				err);
		value_put(o, "classes", classes, err);
		value_push(a, o, err);
	}
	return a;
}

static json_t *graph_stats(const struct lockdag_kgraph *g, int *err)
{
	json_t *all = json_object();

	for (size_t i = 0; i < g->n_stats; i++) {
		json_t *o = json_object();

		value_put(o, "value", value_number(g->stats[i].value), err);
		value_put(o, "max", value_number_or_null(g->stats[i].max), err);
		value_put(all, g->stats[i].name, o, err);
	}
	return all;
}

int lockdag_kgraph_json(const struct lockdag_kgraph *graph, struct json_t **ret_json)
{
	json_t *o = json_object();
	int err = o ? 0 : -ENOMEM;

	value_put(o, "file", value_text(graph->file), &err);
	value_put(o, "classes", graph_classes(graph, &err), &err);
	value_put(o, "edges", graph_edges(graph, &err), &err);
	value_put(o, "chains", graph_chains(graph, &err), &err);
	value_put(o, "stats", graph_stats(graph, &err), &err);
	if (err < 0) {
		json_decref(o);
		return err;
	}
	*ret_json = o;
	return 0;
}
