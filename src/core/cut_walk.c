/* SPDX-License-Identifier: MIT
 *
 * What is left of the class graph without some edges. An edge that is cut takes with it what the same
 * asking made under locks further in: who takes the inner lock first holds it before all of those.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "core/cut.h"

#define WALK_WORK 5000000u /* arcs over all walks: under a second. Then a cut is not checked */

static size_t walk_n_askings(const struct cut *c)
{
	const struct graph *g = &c->graph->by_class;
	size_t n = c->m->acquires.n;

	for (size_t i = 0; i < g->arcs.n; i++)
		n = g->arcs.items[i].acquire >= n ? g->arcs.items[i].acquire + 1u : n;
	return n;
}

int cut_walk_init(struct cut *c)
{
	size_t n = walk_n_askings(c), n_nodes = c->graph->by_class.n_nodes;
	struct cut_walk *w = &c->walk;

	w->removed = malloc((n + 1) * sizeof(*w->removed));
	w->reached_from = malloc((n_nodes + 1) * sizeof(*w->reached_from));
	w->queue = malloc((n_nodes + 1) * sizeof(*w->queue));
	w->lock_of_class = malloc((n_nodes + 1) * sizeof(*w->lock_of_class));
	if (!w->removed || !w->reached_from || !w->queue || !w->lock_of_class)
		return -ENOMEM;
	memset(w->removed, 0xff, (n + 1) * sizeof(*w->removed));
	memset(w->reached_from, 0xff, (n_nodes + 1) * sizeof(*w->reached_from));
	for (size_t i = c->m->locks.n; i-- > 0;)
		w->lock_of_class[c->graph->class_of_lock[i]] = (uint32_t)i;
	return 0;
}

void cut_walk_done(struct cut *c)
{
	free(c->walk.removed);
	free(c->walk.reached_from);
	free(c->walk.queue);
	free(c->walk.lock_of_class);
}

static uint32_t walk_depth(const struct arc *arc)
{
	return arc->held == LOCKDAG_NONE ? 0 : arc->held + 1;
}

void cut_walk_remove(struct cut *c, const struct cut_edge *edge, bool remove)
{
	const struct link *l = NULL;

	if (edge->from_class != edge->to_class && !edge->through)
		l = cut_graph_link(c->graph, edge->from_class, edge->to_class);
	for (uint32_t i = 0; l && i < l->n; i++) {
		const struct arc *arc = &c->graph->by_class.arcs.items[l->first + i];

		if (!remove)
			c->walk.removed[arc->acquire] = LOCKDAG_NONE;
		else if (walk_depth(arc) < c->walk.removed[arc->acquire])
			c->walk.removed[arc->acquire] = walk_depth(arc);
	}
}

static bool walk_is_left(struct cut *c, const struct link *l)
{
	for (uint32_t i = 0; i < l->n; i++) {
		const struct arc *arc = &c->graph->by_class.arcs.items[l->first + i];

		c->walk.work++;
		if (walk_depth(arc) < c->walk.removed[arc->acquire])
			return true;
	}
	return false;
}

bool cut_walk_meets(struct cut *c, const struct cut_edge *edge)
{
	const struct graph *g = &c->graph->by_class;
	struct cut_walk *w = &c->walk;

	if (edge->from_class == edge->to_class || edge->through)
		return false;
	for (size_t i = 0; i < w->n_queue; i++)
		w->reached_from[w->queue[i]] = LOCKDAG_NONE;
	w->n_queue = 0;
	w->reached_from[edge->from_class] = edge->from_class;
	w->queue[w->n_queue++] = edge->from_class;
	for (size_t i = 0; i < w->n_queue && w->work < WALK_WORK; i++, w->work++) {
		uint32_t node = w->queue[i];

		for (uint32_t k = g->first_link[node]; k < g->first_link[node + 1]; k++) {
			const struct link *l = &g->links.items[k];

			/* The rest of the cycle leads back: the way lies inside a component. */
			if (!l->alive || w->reached_from[l->to] != LOCKDAG_NONE || !walk_is_left(c, l))
				continue;
			w->reached_from[l->to] = node;
			w->queue[w->n_queue++] = l->to;
			if (l->to == edge->to_class)
				return true;
		}
	}
	return false;
}

static const char *walk_name(const struct cut *c, uint32_t class, char *buffer, size_t size)
{
	uint32_t lock = c->walk.lock_of_class[class];
	const struct lockdag_lock *l = &c->m->locks.items[lock];

	if (l->class_name)
		return l->class_name;
	if (c->m->births.items[l->birth].name)
		return c->m->births.items[l->birth].name;
	return lockdag_model_lock_name(c->m, lock, buffer, size);
}

char *cut_walk_way(const struct cut *c, const struct cut_edge *edge)
{
	uint32_t node = edge->to_class, *way;
	struct lockdag_text t = {0};
	char buffer[256];
	size_t n = 0;

	way = malloc((c->walk.n_queue + 1) * sizeof(*way));
	if (!way)
		return NULL;
	for (; node != edge->from_class; node = c->walk.reached_from[node])
		way[n++] = node;
	lockdag_text_add(&t, walk_name(c, node, buffer, sizeof(buffer)));
	while (n-- > 0)
		lockdag_text_addf(&t, " -> %s", walk_name(c, way[n], buffer, sizeof(buffer)));
	free(way);
	return lockdag_text_take(&t);
}
