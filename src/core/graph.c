/* SPDX-License-Identifier: MIT */
#include "core/graph.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

int graph_add(struct graph *g, uint32_t from, uint32_t to, uint32_t acquire, uint32_t held)
{
	struct arc *a = g->arcs.n < LOCKDAG_NONE ? lockdag_vec_push(&g->arcs) : NULL;

	if (!a)
		return -ENOMEM;
	*a = (struct arc){from, to, acquire, held};
	return 0;
}

/* Stable counting sort of the arcs by to, or by from. */
static int graph_sort(struct graph *g, uint32_t n_nodes, bool by_from)
{
	size_t *at = calloc((size_t)n_nodes + 1, sizeof(*at));
	struct arc *sorted = malloc((g->arcs.n + 1) * sizeof(*sorted));
	struct arc *arcs = g->arcs.items;

	if (!at || !sorted) {
		free(at);
		free(sorted);
		return -ENOMEM;
	}
	for (size_t i = 0; i < g->arcs.n; i++)
		at[(by_from ? arcs[i].from : arcs[i].to) + 1]++;
	for (uint32_t i = 0; i < n_nodes; i++)
		at[i + 1] += at[i];
	for (size_t i = 0; i < g->arcs.n; i++)
		sorted[at[by_from ? arcs[i].from : arcs[i].to]++] = arcs[i];
	free(at);
	free(arcs);
	g->arcs.items = sorted;
	g->arcs.cap = g->arcs.n + 1;
	return 0;
}

static unsigned char graph_label(const struct events *ev, const struct arc *a)
{
	bool p_read = arc_under(ev, a).mode != LOCKDAG_EXCLUSIVE;
	bool q_r = events_asking(ev, a->acquire)->mode == LOCKDAG_READ_RECURSIVE;

	return (unsigned char)(1u << (2 * p_read + q_r));
}

static int graph_link(struct graph *g, const struct events *ev)
{
	struct link *l = NULL;

	for (size_t i = 0; i < g->arcs.n; i++) {
		const struct arc *a = &g->arcs.items[i];

		if (!l || l->from != a->from || l->to != a->to) {
			l = lockdag_vec_push(&g->links);
			if (!l)
				return -ENOMEM;
			l->from = a->from;
			l->to = a->to;
			l->first = (uint32_t)i;
		}
		l->n++;
		l->labels |= graph_label(ev, a);
	}
	return 0;
}

int graph_build(struct graph *g, const struct events *ev, uint32_t n_nodes)
{
	uint32_t at = 0;
	int r = graph_sort(g, n_nodes, false);

	g->n_nodes = n_nodes;
	if (!r)
		r = graph_sort(g, n_nodes, true);
	if (!r)
		r = graph_link(g, ev);
	if (r)
		return r;
	g->first_link = malloc(((size_t)n_nodes + 1) * sizeof(*g->first_link));
	if (!g->first_link)
		return -ENOMEM;
	for (uint32_t i = 0; i <= n_nodes; i++) {
		while (at < g->links.n && g->links.items[at].from < i)
			at++;
		g->first_link[i] = at;
	}
	return 0;
}

void graph_done(struct graph *g)
{
	lockdag_vec_clear(&g->arcs);
	lockdag_vec_clear(&g->links);
	free(g->first_link);
}
