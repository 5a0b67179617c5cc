/* SPDX-License-Identifier: MIT
 *
 * Strongly connected components of the doubled graph (R. Tarjan, Depth-first search and linear
 * graph algorithms, 1972), without recursion: a chain of locks may be as long as the program likes.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/graph.h"

#define UNSEEN 0

struct tarjan {
	const struct graph *g;
	uint32_t *index; /* of each doubled node, from 1; UNSEEN */
	uint32_t *low;
	uint32_t *component; /* UNSEEN while it is open */
	uint32_t *next;      /* position in the node's successors */
	uint32_t *path;      /* depth-first path */
	uint32_t *open;      /* nodes without a component yet */
	uint32_t n_path, n_open, n_index, n_components;
};

/* Doubled node 2 * c is c^N, 2 * c + 1 is c^R. Position k is link k / 2 to its node's N or R. */
static uint32_t tarjan_successor(const struct graph *g, uint32_t node, uint32_t *k)
{
	uint32_t c = node / 2;

	for (; *k < 2 * (g->first_link[c + 1] - g->first_link[c]); ++*k) {
		const struct link *l = &g->links.items[g->first_link[c] + *k / 2];

		if (graph_follows(l->labels, node & 1, *k & 1)) {
			uint32_t to = 2 * l->to + (*k & 1);

			++*k;
			return to;
		}
	}
	return LOCKDAG_NONE;
}

static void tarjan_enter(struct tarjan *t, uint32_t node)
{
	t->index[node] = t->low[node] = ++t->n_index;
	t->path[t->n_path++] = node;
	t->open[t->n_open++] = node;
}

static void tarjan_leave(struct tarjan *t)
{
	uint32_t node = t->path[--t->n_path];

	if (t->low[node] == t->index[node]) {
		uint32_t w;

		t->n_components++;
		do {
			w = t->open[--t->n_open];
			t->component[w] = t->n_components;
		} while (w != node);
	}
	if (t->n_path) {
		uint32_t above = t->path[t->n_path - 1];

		if (t->low[node] < t->low[above])
			t->low[above] = t->low[node];
	}
}

static void tarjan_from(struct tarjan *t, uint32_t root)
{
	tarjan_enter(t, root);
	while (t->n_path) {
		uint32_t node = t->path[t->n_path - 1];
		uint32_t to = tarjan_successor(t->g, node, &t->next[node]);

		if (to == LOCKDAG_NONE)
			tarjan_leave(t);
		else if (t->index[to] == UNSEEN)
			tarjan_enter(t, to);
		else if (t->component[to] == UNSEEN && t->index[to] < t->low[node])
			t->low[node] = t->index[to];
	}
}

static void tarjan_mark(const struct tarjan *t, struct graph *g)
{
	for (size_t i = 0; i < g->links.n; i++) {
		struct link *l = &g->links.items[i];

		for (unsigned k = 0; k < 4; k++) {
			bool r = k & 1, q = k & 2;

			if (graph_follows(l->labels, r, q) &&
				t->component[2 * l->from + r] == t->component[2 * l->to + q])
				l->alive = true;
		}
	}
}

int graph_components(struct graph *g)
{
	size_t n = 2 * (size_t)g->n_nodes;
	uint32_t *memory;
	struct tarjan t = {.g = g};

	if (n >= LOCKDAG_NONE / 2)
		return -ENOMEM;
	memory = calloc(6 * n + 1, sizeof(*memory));
	if (!memory)
		return -ENOMEM;
	t.index = memory;
	t.low = memory + n;
	t.component = memory + 2 * n;
	t.next = memory + 3 * n;
	t.path = memory + 4 * n;
	t.open = memory + 5 * n;
	for (uint32_t i = 0; i < n; i++) {
		if (t.index[i] == UNSEEN)
			tarjan_from(&t, i);
	}
	tarjan_mark(&t, g);
	free(memory);
	return 0;
}
