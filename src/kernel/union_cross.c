/* SPDX-License-Identifier: MIT
 *
 * Cycles that no single report shows: one edge from here, one from there. For each edge the
 * shortest way back is looked for; what only goes round a reported cycle, or is a shortcut inside
 * one report, is none.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "kernel/union.h"

#define CROSS_MAX_LENGTH 8  /* of the way back */
#define CROSS_WORK 20000000 /* edges looked at: a second at most */

struct cross {
	struct lockdag_union *u;
	uint32_t
		*before; /* of each node: the one before it on the way; LOCKDAG_NONE: not reached */
	uint32_t *depth;
	uint32_t *queue;
	size_t n_queue, work;
	/* Cycles through each node. */
	uint32_t *first, *cycles;
	bool *in;       /* the nodes of the candidate */
	size_t n_known; /* cycles that were there before */
};

/* ------------------------------------------------------------------ ways */

/* A read side of RCU keeps nobody waiting but those who wait for a grace period, who are another
 * class. */
static bool cross_joins(const struct lockdag_union *u, uint32_t node)
{
	return !u->nodes.items[node].reads;
}

static bool cross_search(
	struct cross *x, uint32_t from, uint32_t to, uint32_t without, uint32_t max)
{
	const struct lockdag_union *u = x->u;

	for (size_t i = 0; i < x->n_queue; i++)
		x->before[x->queue[i]] = LOCKDAG_NONE;
	x->n_queue = 0;
	x->queue[x->n_queue++] = from;
	x->before[from] = from;
	x->depth[from] = 0;
	for (size_t i = 0; i < x->n_queue; i++) {
		uint32_t node = x->queue[i];

		for (uint32_t e = u->nodes.items[node].first_out;
			x->depth[node] < max && e != LOCKDAG_NONE; e = u->edges.items[e].next_out) {
			const struct union_edge *edge = &u->edges.items[e];

			x->work++;
			if (e == without || edge->removed || edge->irq ||
				x->before[edge->to] != LOCKDAG_NONE || !cross_joins(u, edge->to))
				continue;
			x->before[edge->to] = node;
			x->depth[edge->to] = x->depth[node] + 1;
			x->queue[x->n_queue++] = edge->to;
			if (edge->to == to)
				return true;
		}
	}
	return false;
}

static void cross_done(struct cross *x)
{
	free(x->before);
	free(x->depth);
	free(x->queue);
	free(x->first);
	free(x->cycles);
	free(x->in);
}

static int cross_init(struct cross *x, struct lockdag_union *u)
{
	size_t n = u->nodes.n + 1;

	*x = (struct cross){.u = u, .n_known = u->cycles.n};
	x->before = malloc(n * sizeof(*x->before));
	x->depth = malloc(n * sizeof(*x->depth));
	x->queue = malloc(n * sizeof(*x->queue));
	x->first = calloc(n + 1, sizeof(*x->first));
	x->cycles = malloc((u->cycle_nodes.n + 1) * sizeof(*x->cycles));
	x->in = calloc(n, sizeof(*x->in));
	if (!x->before || !x->depth || !x->queue || !x->first || !x->cycles || !x->in)
		return -ENOMEM;
	memset(x->before, 0xff, n * sizeof(*x->before));
	return 0;
}

size_t union_way(const struct lockdag_union *u, uint32_t from, uint32_t to, uint32_t without,
	uint32_t *way, size_t max)
{
	struct cross x;
	size_t n = 0;

	/* The search changes nothing of the union. */
	if (cross_init(&x, (struct lockdag_union *)u) == 0 && from != to &&
		cross_search(&x, from, to, without, (uint32_t)max - 1)) {
		n = x.depth[to] + 1;
		for (size_t i = n; i-- > 0; to = x.before[to])
			way[i] = to;
	}
	cross_done(&x);
	return n;
}

/* ------------------------------------------------------------------ what is none */

static void cross_index(struct cross *x)
{
	const struct lockdag_union *u = x->u;

	for (size_t i = 0; i < u->cycle_nodes.n; i++)
		x->first[u->cycle_nodes.items[i] + 1]++;
	for (size_t i = 0; i < u->nodes.n; i++)
		x->first[i + 1] += x->first[i];
	for (uint32_t c = 0; c < u->cycles.n; c++)
		for (uint32_t i = 0; i < u->cycles.items[c].n; i++)
			x->cycles[x->first[u->cycle_nodes.items[u->cycles.items[c].first + i]]++] =
				c;
	memmove(x->first + 1, x->first, u->nodes.n * sizeof(*x->first));
	x->first[0] = 0;
}

/* Does it go over all nodes of a cycle that is known? */
static bool cross_is_echo(struct cross *x, const uint32_t *nodes, size_t n)
{
	const struct lockdag_union *u = x->u;
	bool echo = false;

	for (size_t i = 0; i < n; i++)
		x->in[nodes[i]] = true;
	for (size_t i = 0; i < n && !echo; i++)
		for (uint32_t k = x->first[nodes[i]]; k < x->first[nodes[i] + 1] && !echo; k++) {
			const struct union_cycle *c = &u->cycles.items[x->cycles[k]];

			echo = !c->irq;
			for (uint32_t j = 0; j < c->n && echo; j++)
				echo = x->in[u->cycle_nodes.items[c->first + j]];
		}
	for (size_t i = 0; i < n; i++)
		x->in[nodes[i]] = false;
	return echo;
}

static bool cross_shows(const struct lockdag_union *u, uint32_t edge, uint32_t report)
{
	for (uint32_t i = u->edges.items[edge].first_seen; i != LOCKDAG_NONE;
		i = u->seen.items[i].next)
		if (u->seen.items[i].report == report)
			return true;
	return false;
}

/* Does one report show all edges? Then its own cycle says it better. */
static bool cross_is_shown(const struct lockdag_union *u, const uint32_t *nodes, size_t n)
{
	int first = union_find_edge(u, nodes[n - 1], nodes[0], UNION_TASK);

	for (uint32_t i = first < 0 ? LOCKDAG_NONE : u->edges.items[first].first_seen;
		i != LOCKDAG_NONE; i = u->seen.items[i].next) {
		bool all = true;

		for (size_t k = 0; k + 1 < n && all; k++) {
			int edge = union_find_edge(u, nodes[k], nodes[k + 1], UNION_TASK);

			all = edge >= 0 && cross_shows(u, (uint32_t)edge, u->seen.items[i].report);
		}
		if (all)
			return true;
	}
	return false;
}

int union_cross(struct lockdag_union *u)
{
	uint32_t nodes[CROSS_MAX_LENGTH + 2];
	size_t n_edges = u->edges.n;
	struct cross x;
	int r = cross_init(&x, u);

	if (r == 0)
		cross_index(&x);
	for (uint32_t e = 0; r >= 0 && e < n_edges; e++) {
		const struct union_edge edge = u->edges.items[e];
		uint32_t node = edge.from;
		size_t n;

		if (x.work > CROSS_WORK) {
			u->bounded = true;
			break;
		}
		if (edge.irq || edge.from == edge.to || !cross_joins(u, edge.to) ||
			!cross_search(&x, edge.to, edge.from, LOCKDAG_NONE, CROSS_MAX_LENGTH))
			continue;
		n = x.depth[edge.from] + 1;
		for (size_t i = n; i-- > 0; node = x.before[node])
			nodes[i] = node;
		if (!cross_is_echo(&x, nodes, n) && !cross_is_shown(u, nodes, n))
			r = union_cycle(u, nodes, n, UNION_TASK, true);
	}
	cross_done(&x);
	return r < 0 ? r : 0;
}
