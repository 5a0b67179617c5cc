/* SPDX-License-Identifier: MIT
 *
 * /proc/lockdep* for programs.
 */
#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "kernel/lines.h"

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

/* Names of files and classes may be no UTF-8. */
static json_t *text(const char *s)
{
	char *copy = s ? strdup(s) : NULL;
	json_t *value;

	if (!copy)
		return s ? NULL : json_null();
	copy[line_plain(copy, strlen(copy))] = 0;
	value = json_string(copy);
	free(copy);
	return value;
}

static json_t *number(uint64_t n)
{
	return json_integer(n > INT64_MAX ? INT64_MAX : (json_int_t)n);
}

static json_t *number_or_null(uint64_t n)
{
	return n ? number(n) : json_null();
}

static json_t *graph_classes(const struct lockdag_kgraph *g, int *err)
{
	json_t *a = json_array();

	for (size_t i = 0; i < g->n_classes; i++) {
		const struct lockdag_kgraph_class *c = &g->classes[i];
		json_t *o = json_object();

		put(o, "class", text(c->class.name), err);
		put(o, "base", text(c->class.base), err);
		put(o, "version", number_or_null(c->class.version), err);
		put(o, "subclass", number(c->class.subclass), err);
		put(o, "usage", text(c->class.usage), err);
		put(o, "ops", number_or_null(c->ops), err);
		put(o, "forward", number_or_null(c->forward), err);
		put(o, "backward", number_or_null(c->backward), err);
		push(a, o, err);
	}
	return a;
}

static json_t *graph_edges(const struct lockdag_kgraph *g, int *err)
{
	json_t *a = json_array();

	for (size_t i = 0; i < g->n_edges; i++)
		push(a, json_pack("[II]", (json_int_t)g->edges[i].from, (json_int_t)g->edges[i].to),
			err);
	return a;
}

static json_t *graph_chains(const struct lockdag_kgraph *g, int *err)
{
	json_t *a = json_array();

	for (size_t i = 0; i < g->n_chains; i++) {
		json_t *o = json_object(), *classes = json_array();

		put(o, "context", text(g->chains[i].context), err);
		for (size_t k = 0; k < g->chains[i].n; k++)
			push(classes, number(g->chain_classes[g->chains[i].first + k]), err);
		put(o, "classes", classes, err);
		push(a, o, err);
	}
	return a;
}

static json_t *graph_stats(const struct lockdag_kgraph *g, int *err)
{
	json_t *all = json_object();

	for (size_t i = 0; i < g->n_stats; i++) {
		json_t *o = json_object();

		put(o, "value", number(g->stats[i].value), err);
		put(o, "max", number_or_null(g->stats[i].max), err);
		put(all, g->stats[i].name, o, err);
	}
	return all;
}

int lockdag_kgraph_json(const struct lockdag_kgraph *graph, struct json_t **ret_json)
{
	json_t *o = json_object();
	int err = o ? 0 : -ENOMEM;

	put(o, "file", text(graph->file), &err);
	put(o, "classes", graph_classes(graph, &err), &err);
	put(o, "edges", graph_edges(graph, &err), &err);
	put(o, "chains", graph_chains(graph, &err), &err);
	put(o, "stats", graph_stats(graph, &err), &err);
	if (err < 0) {
		json_decref(o);
		return err;
	}
	*ret_json = o;
	return 0;
}
