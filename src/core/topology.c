/* SPDX-License-Identifier: MIT */
#include "core/topology.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"

int topology_init(struct topology *t, uint32_t n)
{
	uint32_t *memory = malloc((6 * (size_t)n + 1) * sizeof(*memory));

	*t = (struct topology){.n = n, .position = memory};
	t->seen = calloc((size_t)n + 1, sizeof(*t->seen));
	if (!memory || !t->seen)
		return -ENOMEM;
	t->node_at = memory + n;
	t->first_out = memory + 2 * (size_t)n;
	t->first_in = memory + 3 * (size_t)n;
	t->ahead = memory + 4 * (size_t)n;
	t->behind = memory + 5 * (size_t)n;
	for (uint32_t i = 0; i < n; i++) {
		t->position[i] = t->node_at[i] = i;
		t->first_out[i] = t->first_in[i] = LOCKDAG_NONE;
	}
	return 0;
}

void topology_done(struct topology *t)
{
	free(t->position);
	free(t->seen);
	lockdag_vec_clear(&t->edges);
}

/* All nodes that lead on from `from` to no further than position last, into t->ahead (which is the
 * search's queue too). true: `from` reaches the node at last. */
static bool topology_ahead(struct topology *t, uint32_t from, uint32_t last)
{
	t->n_ahead = 0;
	t->ahead[t->n_ahead++] = from;
	t->seen[from] = true;
	for (uint32_t i = 0; i < t->n_ahead; i++) {
		t->work++;
		if (t->position[t->ahead[i]] == last)
			return true;
		for (uint32_t e = t->first_out[t->ahead[i]]; e != LOCKDAG_NONE;
			e = t->edges.items[e].next_out) {
			uint32_t to = t->edges.items[e].to;

			if (t->seen[to] || t->position[to] > last)
				continue;
			t->seen[to] = true;
			t->ahead[t->n_ahead++] = to;
		}
	}
	return false;
}

/* The same against the edges, to no lower than position first. */
static void topology_behind(struct topology *t, uint32_t from, uint32_t first)
{
	t->n_behind = 0;
	t->behind[t->n_behind++] = from;
	t->seen[from] = true;
	for (uint32_t i = 0; i < t->n_behind; i++, t->work++)
		for (uint32_t e = t->first_in[t->behind[i]]; e != LOCKDAG_NONE;
			e = t->edges.items[e].next_in) {
			uint32_t to = t->edges.items[e].from;

			if (t->seen[to] || t->position[to] < first)
				continue;
			t->seen[to] = true;
			t->behind[t->n_behind++] = to;
		}
}

static void topology_forget(struct topology *t, const uint32_t *nodes, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++)
		t->seen[nodes[i]] = false;
}

static int topology_compare(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return x < y ? -1 : x > y;
}

static void topology_to_positions(struct topology *t, uint32_t *nodes, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++)
		nodes[i] = t->position[nodes[i]];
	qsort(nodes, n, sizeof(*nodes), topology_compare);
}

/* The positions of both sets are dealt anew: first to those behind the edge, then to those ahead,
 * each in the order they had. */
static void topology_deal(struct topology *t)
{
	uint32_t n = t->n_behind + t->n_ahead, *nodes = t->behind, *places;

	topology_to_positions(t, t->behind, t->n_behind);
	topology_to_positions(t, t->ahead, t->n_ahead);
	/* The sets are disjoint, so that both lists fit into one of the arrays. */
	memcpy(nodes + t->n_behind, t->ahead, t->n_ahead * sizeof(*nodes));
	places = t->ahead;
	memcpy(places, nodes, n * sizeof(*places));
	qsort(places, n, sizeof(*places), topology_compare);
	for (uint32_t i = 0; i < n; i++)
		nodes[i] = t->node_at[nodes[i]];
	for (uint32_t i = 0; i < n; i++) {
		t->position[nodes[i]] = places[i];
		t->node_at[places[i]] = nodes[i];
	}
}

bool topology_closes(struct topology *t, uint32_t from, uint32_t to)
{
	bool closes;

	if (from == to || t->position[from] < t->position[to])
		return from == to;
	closes = topology_ahead(t, to, t->position[from]);
	topology_forget(t, t->ahead, t->n_ahead);
	return closes;
}

int topology_add(struct topology *t, uint32_t from, uint32_t to)
{
	struct topology_edge *e;

	if (topology_closes(t, from, to))
		return 1;
	e = lockdag_vec_push(&t->edges);
	if (!e)
		return -ENOMEM;
	if (t->position[from] > t->position[to]) { /* t->ahead is filled */
		topology_behind(t, from, t->position[to]);
		topology_forget(t, t->behind, t->n_behind);
		topology_deal(t);
	}
	*e = (struct topology_edge){from, to, t->first_out[from], t->first_in[to]};
	t->first_out[from] = t->first_in[to] = (uint32_t)(t->edges.n - 1);
	return 0;
}
