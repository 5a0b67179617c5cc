/* SPDX-License-Identifier: MIT
 *
 * Iterative deepening: for each length, for each node s, paths of that length over nodes > s that
 * can still get back to s in time (by a backward search from s). Each cycle is met once, at its
 * smallest node.
 */
#include "core/cycles.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define FAR UINT32_MAX

struct cycles_done_cycle {
	uint32_t first, n; /* in nodes */
	uint32_t next;     /* cycles through a node make lists, by entry */
};

struct cycles {
	const struct graph *g;
	const struct cycles_options *options;
	cycles_judge *judge;
	void *arg;
	/* The part of the graph that is alive: node i here is node[i] of g. */
	uint32_t n;
	LOCKDAG_VEC(uint32_t) node;
	uint32_t *local;     /* of g's nodes; FAR */
	uint32_t *component; /* union-find parent; then the root */
	uint32_t *first_out, *first_in;
	uint32_t *out, *out_to;        /* links of g, and the nodes they lead to */
	uint32_t *in_from;             /* nodes that have a link to this one */
	uint32_t *distance;            /* to s; FAR */
	LOCKDAG_VEC(uint32_t) reached; /* nodes whose distance is set; also the search's queue */
	bool *on_path;
	uint32_t *path; /* links */
	size_t work;
	/* Cycles that were reported: their nodes, and lists of them by node. */
	LOCKDAG_VEC(uint32_t) done_nodes;
	LOCKDAG_VEC(struct cycles_done_cycle) done;
	uint32_t *done_of; /* head of each node's list in done, FAR */
	size_t *judged;    /* cycles judged in each component */
	bool bounded;
};

static uint32_t cycles_root(struct cycles *c, uint32_t i)
{
	while (c->component[i] != i) {
		c->component[i] = c->component[c->component[i]];
		i = c->component[i];
	}
	return i;
}

static int cycles_local(struct cycles *c, uint32_t node)
{
	uint32_t *slot;

	if (c->local[node] != FAR)
		return 0;
	slot = lockdag_vec_push(&c->node);
	if (!slot)
		return -ENOMEM;
	*slot = node;
	c->local[node] = c->n++;
	return 0;
}

static int cycles_alloc(struct cycles *c, size_t n_links)
{
	size_t n = c->n;
	uint32_t *memory =
		malloc((5 * n + 2 + 3 * n_links + c->options->max_length + 1) * sizeof(*memory));

	c->component = memory;
	c->on_path = calloc(n + 1, sizeof(*c->on_path));
	c->judged = calloc(n + 1, sizeof(*c->judged));
	if (!memory || !c->on_path || !c->judged)
		return -ENOMEM;
	c->distance = memory + n;
	c->done_of = memory + 2 * n;
	c->first_out = memory + 3 * n;
	c->first_in = memory + 4 * n + 1;
	c->out = memory + 5 * n + 2;
	c->out_to = c->out + n_links;
	c->in_from = c->out_to + n_links;
	c->path = c->in_from + n_links;
	memset(c->distance, 0xff, 2 * n * sizeof(*memory)); /* and done_of */
	memset(c->first_out, 0, (2 * n + 2) * sizeof(*memory));
	return 0;
}

static void cycles_connect(struct cycles *c)
{
	const struct graph *g = c->g;
	uint32_t out = 0;

	for (uint32_t i = 0; i < c->n; i++)
		c->component[i] = i;
	for (uint32_t i = 0; i < g->links.n; i++) {
		const struct link *l = &g->links.items[i];

		if (!l->alive)
			continue;
		c->first_in[c->local[l->to] + 1]++;
		c->component[cycles_root(c, c->local[l->from])] = cycles_root(c, c->local[l->to]);
	}
	for (uint32_t i = 0; i < c->n; i++) {
		uint32_t node = c->node.items[i];

		c->first_out[i] = out;
		for (uint32_t k = g->first_link[node]; k < g->first_link[node + 1]; k++) {
			if (!g->links.items[k].alive)
				continue;
			c->out_to[out] = c->local[g->links.items[k].to];
			c->out[out++] = k;
		}
		c->first_in[i + 1] += c->first_in[i];
	}
	c->first_out[c->n] = out;
	for (uint32_t i = 0; i < c->n; i++) {
		for (uint32_t k = c->first_out[i]; k < c->first_out[i + 1]; k++)
			c->in_from[c->first_in[c->out_to[k]]++] = i;
	}
	for (uint32_t i = c->n; i > 0; i--)
		c->first_in[i] = c->first_in[i - 1];
	c->first_in[0] = 0;
	for (uint32_t i = 0; i < c->n; i++)
		c->component[i] = cycles_root(c, i);
}

static int cycles_prepare(struct cycles *c)
{
	size_t n_links = 0;
	int r = 0;

	c->local = malloc(((size_t)c->g->n_nodes + 1) * sizeof(*c->local));
	if (!c->local)
		return -ENOMEM;
	memset(c->local, 0xff, ((size_t)c->g->n_nodes + 1) * sizeof(*c->local));
	for (size_t i = 0; !r && i < c->g->links.n; i++) {
		const struct link *l = &c->g->links.items[i];

		if (!l->alive)
			continue;
		n_links++;
		r = cycles_local(c, l->from);
		if (!r)
			r = cycles_local(c, l->to);
	}
	if (!r)
		r = cycles_alloc(c, n_links);
	if (!r)
		cycles_connect(c);
	return r;
}

static bool cycles_tired(struct cycles *c)
{
	if (++c->work > c->options->max_work)
		c->bounded = true;
	return c->work > c->options->max_work;
}

/* Distances to s of the nodes > s that reach it in at most limit links. */
static int cycles_distances(struct cycles *c, uint32_t s, uint32_t limit)
{
	uint32_t *slot;

	for (size_t i = 0; i < c->reached.n; i++)
		c->distance[c->reached.items[i]] = FAR;
	c->reached.n = 0;
	slot = lockdag_vec_push(&c->reached);
	if (!slot)
		return -ENOMEM;
	*slot = s;
	c->distance[s] = 0;
	for (size_t i = 0; i < c->reached.n; i++) {
		uint32_t v = c->reached.items[i];

		if (c->distance[v] == limit)
			break;
		for (uint32_t k = c->first_in[v]; k < c->first_in[v + 1]; k++) {
			uint32_t u = c->in_from[k];

			if (cycles_tired(c))
				return 0;
			if (u < s || c->distance[u] != FAR)
				continue;
			slot = lockdag_vec_push(&c->reached);
			if (!slot)
				return -ENOMEM;
			*slot = u;
			c->distance[u] = c->distance[v] + 1;
		}
	}
	return 0;
}

/* Would the path, with node v on it, hold all nodes of a reported shorter cycle? */
static bool cycles_echo(const struct cycles *c, uint32_t v, size_t length)
{
	for (uint32_t i = c->done_of[v]; i != FAR; i = c->done.items[i].next) {
		const struct cycles_done_cycle *d = &c->done.items[i];
		uint32_t k = 0;

		if (d->n >= length)
			continue;
		while (k < d->n && (c->done_nodes.items[d->first + k] == v ||
					   c->on_path[c->done_nodes.items[d->first + k]]))
			k++;
		if (k == d->n)
			return true;
	}
	return false;
}

static int cycles_remember(struct cycles *c, size_t n)
{
	uint32_t first = (uint32_t)c->done_nodes.n;

	for (size_t i = 0; i < n; i++) {
		uint32_t *node = lockdag_vec_push(&c->done_nodes);

		if (!node)
			return -ENOMEM;
		*node = c->local[c->g->links.items[c->path[i]].from];
	}
	for (size_t i = 0; i < n; i++) {
		struct cycles_done_cycle *d = lockdag_vec_push(&c->done);
		uint32_t node = c->done_nodes.items[first + i];

		if (!d)
			return -ENOMEM;
		*d = (struct cycles_done_cycle){first, (uint32_t)n, c->done_of[node]};
		c->done_of[node] = (uint32_t)(c->done.n - 1);
	}
	return 0;
}

/* Are the links' labels such that each wait of the cycle stands behind a holder? Walks once round
 * from each way to have come to the start, in the doubled graph. */
static bool cycles_strong(const struct cycles *c, size_t n)
{
	for (unsigned start = 0; start < 2; start++) {
		unsigned reached = 1u << start; /* bit 0: N, bit 1: R */

		for (size_t i = 0; i < n; i++) {
			unsigned labels = c->g->links.items[c->path[i]].labels, next = 0;

			for (unsigned k = 0; k < 4; k++) {
				if (reached & (1u << (k & 1)) &&
					graph_follows(labels, k & 1, k & 2))
					next |= k & 2 ? 2u : 1u;
			}
			reached = next;
		}
		if (reached & (1u << start))
			return true;
	}
	return false;
}

static int cycles_close(struct cycles *c, uint32_t s, size_t length)
{
	size_t *judged = &c->judged[c->component[s]];
	int r;

	if (!cycles_strong(c, length))
		return 0;
	if (*judged == c->options->max_cycles) {
		c->bounded = true;
		return 0;
	}
	++*judged;
	r = c->judge(c->arg, c->path, length);
	return r > 0 ? cycles_remember(c, length) : r;
}

/* Depth-first from v, the depth-th node of the path. Recursion is as deep as max_length. */
static int cycles_extend(struct cycles *c, uint32_t s, uint32_t v, size_t depth, size_t length)
{
	int r = 0;

	for (uint32_t k = c->first_out[v]; !r && k < c->first_out[v + 1]; k++) {
		uint32_t to = c->out_to[k];

		if (cycles_tired(c) ||
			(c->judged[c->component[s]] == c->options->max_cycles && c->bounded))
			return 0;
		c->path[depth - 1] = c->out[k];
		if (depth == length) {
			if (to == s)
				r = cycles_close(c, s, length);
			continue;
		}
		if (to <= s || c->distance[to] == FAR || c->distance[to] > length - depth ||
			c->on_path[to] || cycles_echo(c, to, length))
			continue;
		c->on_path[to] = true;
		r = cycles_extend(c, s, to, depth + 1, length);
		c->on_path[to] = false;
	}
	return r;
}

static int cycles_of_length(struct cycles *c, size_t length)
{
	int r = 0;

	for (uint32_t s = 0; !r && s < c->n; s++) {
		if (cycles_tired(c))
			return 0;
		r = cycles_distances(c, s, (uint32_t)length - 1);
		if (r)
			return r;
		c->on_path[s] = true;
		r = cycles_extend(c, s, s, 1, length);
		c->on_path[s] = false;
	}
	return r;
}

/* Longer cycles than the largest component has nodes are not looked for. */
static size_t cycles_longest(const struct cycles *c)
{
	uint32_t *size = calloc(c->n + 1, sizeof(*size));
	size_t longest = 0;

	if (!size)
		return c->n;
	for (uint32_t i = 0; i < c->n; i++) {
		if (++size[c->component[i]] > longest)
			longest = size[c->component[i]];
	}
	free(size);
	return longest;
}

int cycles_find(const struct graph *g, const struct cycles_options *options, cycles_judge *judge,
	void *arg, bool *bounded)
{
	struct cycles c = {.g = g, .options = options, .judge = judge, .arg = arg};
	int r = cycles_prepare(&c);
	size_t longest = r ? 0 : cycles_longest(&c);

	if (longest > options->max_length) {
		longest = options->max_length;
		c.bounded = true;
	}
	for (size_t length = 2; !r && length <= longest; length++)
		r = cycles_of_length(&c, length);
	*bounded |= c.bounded;
	lockdag_vec_clear(&c.node);
	lockdag_vec_clear(&c.reached);
	lockdag_vec_clear(&c.done_nodes);
	lockdag_vec_clear(&c.done);
	free(c.local);
	free(c.component);
	free(c.on_path);
	free(c.judged);
	return r;
}
