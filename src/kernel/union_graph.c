/* SPDX-License-Identifier: MIT
 *
 * /proc/lockdep: the whole order of a kernel. Its edges join the graph of the reports; and what
 * would be a cycle if classes of one name ("#2", "#3") were one is said: one lock in two places of
 * the order.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "kernel/union.h"

#define GRAPH_NEAR 50 /* near-cycles that are told */

/* How many classes have each base name. */
struct graph_names {
	struct lockdag_union *merged; /* its nodes are the names */
	uint32_t *of_class, *count;
};

static int graph_key(const struct lockdag_kclass *class, unsigned version, char **ret_key)
{
	struct lockdag_text t = {0};

	names_key(class, &t);
	if (class->subclass)
		lockdag_text_addf(&t, "/%u", class->subclass);
	if (version)
		lockdag_text_addf(&t, "~#%u", version);
	*ret_key = lockdag_text_take(&t);
	return *ret_key ? 0 : -ENOMEM;
}

static void graph_names_done(struct graph_names *names)
{
	lockdag_union_free(names->merged);
	free(names->of_class);
	free(names->count);
}

static int graph_names_init(struct graph_names *names, const struct lockdag_kgraph *graph)
{
	int r = lockdag_union_new(&names->merged);

	names->of_class = calloc(graph->n_classes + 1, sizeof(*names->of_class));
	names->count = calloc(graph->n_classes + 1, sizeof(*names->count));
	if (r == 0 && (!names->of_class || !names->count))
		r = -ENOMEM;
	for (size_t i = 0; r >= 0 && i < graph->n_classes; i++) {
		char *key;

		r = graph_key(&graph->classes[i].class, 0, &key);
		if (r == 0)
			r = union_node(names->merged, key, NULL);
		free(key);
		if (r >= 0) {
			names->of_class[i] = (uint32_t)r;
			names->count[r]++;
		}
	}
	return r < 0 ? r : 0;
}

/* Of several classes of one name the one that a report prints alike is the report's; the others are
 * their own. */
static int graph_node(struct lockdag_union *u, const struct graph_names *names,
	const struct lockdag_kgraph *graph, uint32_t class)
{
	const struct lockdag_kclass *c = &graph->classes[class].class;
	const char *plain = names->merged->nodes.items[names->of_class[class]].key;
	bool alone = names->count[names->of_class[class]] == 1;
	char *key;
	int r;

	for (size_t i = 0; !alone && i < u->nodes.n; i++)
		alone = !strcmp(u->nodes.items[i].key, plain) &&
			!strcmp(u->nodes.items[i].name, c->name);
	if (alone)
		return union_node(u, plain, c->name);
	r = graph_key(c, c->version ? c->version : 1, &key);
	if (r == 0)
		r = union_node(u, key, c->name);
	free(key);
	return r;
}

static int graph_edges(struct lockdag_union *u, struct graph_names *names,
	const struct lockdag_kgraph *graph, const uint32_t *nodes)
{
	int r = 0;

	for (size_t i = 0; r >= 0 && i < graph->n_edges; i++) {
		const struct lockdag_kgraph_edge *e = &graph->edges[i];
		uint32_t from, to;

		if (e->from >= graph->n_classes || e->to >= graph->n_classes || e->distance > 1)
			continue;
		from = names->of_class[e->from];
		to = names->of_class[e->to];
		r = union_edge(u, nodes[e->from], nodes[e->to], UNION_TASK);
		if (r >= 0)
			u->edges.items[r].in_graph = true;
		if (r >= 0 && from != to)
			r = union_edge(names->merged, from, to, UNION_TASK);
	}
	return r < 0 ? r : 0;
}

static int graph_near(struct lockdag_union *u, const struct graph_names *names)
{
	const struct lockdag_union *merged = names->merged;

	for (size_t c = 0; c < merged->cycles.n && u->near.n < GRAPH_NEAR; c++) {
		const struct union_cycle *cycle = &merged->cycles.items[c];
		struct lockdag_text t = {0};
		bool twins = false;
		char **slot;

		for (uint32_t i = 0; i <= cycle->n; i++) {
			uint32_t node = merged->cycle_nodes.items[cycle->first + i % cycle->n];

			twins = twins || names->count[node] > 1;
			lockdag_text_addf(&t, "%s%s", i ? " -> " : "", union_name(merged, node));
		}
		slot = twins ? lockdag_vec_push(&u->near) : NULL;
		if (!slot) {
			lockdag_text_clear(&t);
			if (twins)
				return -ENOMEM;
			continue;
		}
		*slot = lockdag_text_take(&t);
		if (!*slot) {
			u->near.n--;
			return -ENOMEM;
		}
	}
	return 0;
}

int union_graph(struct lockdag_union *u, const struct lockdag_kgraph *graph)
{
	uint32_t *nodes = calloc(graph->n_classes + 1, sizeof(*nodes));
	struct graph_names names = {NULL, NULL, NULL};
	int r = nodes ? graph_names_init(&names, graph) : -ENOMEM;

	for (uint32_t i = 0; r >= 0 && i < graph->n_classes; i++) {
		r = graph_node(u, &names, graph, i);
		if (r >= 0)
			nodes[i] = (uint32_t)r;
	}
	if (r >= 0)
		r = graph_edges(u, &names, graph, nodes);
	if (r == 0)
		r = union_cross(names.merged);
	if (r == 0)
		r = graph_near(u, &names);
	graph_names_done(&names);
	free(nodes);
	return r;
}
