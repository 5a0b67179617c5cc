/* SPDX-License-Identifier: MIT
 *
 * The whole graph, for whoever wants to see it: classes in the learned order, and each edge with
 * its first observation.
 */
#include "core/find.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

void lockdag_class_graph_free(struct lockdag_class_graph *g)
{
	if (!g)
		return;
	for (size_t i = 0; i < g->n_classes; i++) {
		free(g->classes[i].name);
		free(g->classes[i].key);
		free(g->classes[i].module);
	}
	free(g->classes);
	free(g->edges);
	free(g);
}

static int learned_class(
	const struct find *f, uint32_t i, const struct topology *t, struct lockdag_graph_class *ret)
{
	const struct lock_class *class = &f->classes.items.items[i];
	const char *bang = strchr(class->key, '!');

	*ret = (struct lockdag_graph_class){
		.lock = class->lock,
		.name = strdup(class->name),
		.key = strdup(class->key),
		.module = bang ? strndup(class->key, (size_t)(bang - class->key)) : NULL,
		.where = f->m->locks.items[class->lock].where,
		.type = class->type,
		.position = t->position[i],
	};
	if (!ret->where)
		ret->where = lock_birth(f->m, class->lock)->where;
	return ret->name && ret->key && (!bang || ret->module) ? 0 : -ENOMEM;
}

static void learned_edge(const struct find *f, const struct link *l, const struct topology *t,
	bool ordered, struct lockdag_graph_edge *ret)
{
	const struct lockdag_exemplar first = find_exemplar(f, &f->by_class.arcs.items[l->first]);

	*ret = (struct lockdag_graph_edge){
		.from = l->from,
		.to = l->to,
		.n = l->n,
		.back = ordered && t->position[l->from] > t->position[l->to],
		.exemplar = describe_exemplar(f, first),
	};
}

static int learned_fill(const struct find *f, struct topology *t, struct lockdag_class_graph *g)
{
	const struct graph *links = &f->by_class;
	size_t n_classes = f->classes.items.n;
	int r = backs_order(f, t, true, &g->ordered);

	if (r)
		return r;
	g->classes = calloc(n_classes + 1, sizeof(*g->classes));
	g->edges = calloc(links->links.n + 1, sizeof(*g->edges));
	if (!g->classes || !g->edges)
		return -ENOMEM;
	for (uint32_t i = 0; !r && i < n_classes; i++, g->n_classes++)
		r = learned_class(f, i, t, &g->classes[i]);
	for (size_t i = 0; i < links->links.n; i++, g->n_edges++)
		learned_edge(f, &links->links.items[i], t, g->ordered, &g->edges[i]);
	return r;
}

int lockdag_core_graph(const struct lockdag_model *m, const struct lockdag_find_options *options,
	struct lockdag_class_graph **ret_graph)
{
	struct lockdag_class_graph *g = calloc(1, sizeof(*g));
	struct find *f = malloc(sizeof(*f));
	struct topology t = {0};
	int r = g && f ? 0 : -ENOMEM;

	if (!r) {
		r = find_begin(f, m, options);
		if (!r)
			r = topology_init(&t, f->by_class.n_nodes);
		if (!r)
			r = learned_fill(f, &t, g);
		topology_done(&t);
		find_done(f);
	}
	free(f);
	if (r)
		lockdag_class_graph_free(g);
	else
		*ret_graph = g;
	return r;
}
