/* SPDX-License-Identifier: MIT
 *
 * The dependency graph: nodes are classes, or the instances inside classes. An *arc* is one
 * observation (held lock -> asked lock), a *link* is all arcs between two nodes.
 *
 * Readers: each node is two, by how it was reached: by a recursive read (R) or not (N). An arc
 * a(p) -> b(q), p the mode held and q the mode asked, leads a^N -> b^q always, and a^R -> b^q only
 * if p is exclusive. A directed cycle there is one in which each wait is for a holder that is in
 * its way. Links carry which (p, q) were seen, and the doubled graph is never built.
 */
#ifndef LOCKDAG_CORE_GRAPH_H
#define LOCKDAG_CORE_GRAPH_H

#include "core/events.h"

struct arc {
	uint32_t from, to;
	uint32_t acquire; /* the asking (events.h) */
	uint32_t held;    /* its held row; LOCKDAG_NONE: asked for under an event */
};

struct link {
	uint32_t from, to;
	uint32_t first, n;    /* arcs, in the order of their acquisitions */
	unsigned char labels; /* bit 2 * (p is a read) + (q is a recursive read) */
	bool alive;           /* may be in a cycle: set by graph_components() */
};

struct graph {
	uint32_t n_nodes;
	LOCKDAG_VEC(struct arc) arcs;   /* sorted by from, to */
	LOCKDAG_VEC(struct link) links; /* the same */
	uint32_t *first_link;           /* of each node, n_nodes + 1 of them */
};

/* Adds arcs in any order, then graph_build() once. */
int graph_add(struct graph *g, uint32_t from, uint32_t to, uint32_t acquire, uint32_t held);
int graph_build(struct graph *g, const struct events *ev, uint32_t n_nodes);
void graph_done(struct graph *g);

/* Marks the links that lie in a strongly connected component of the doubled graph (Tarjan 1972). */
int graph_components(struct graph *g);

static inline struct lockdag_held arc_under(const struct events *ev, const struct arc *a)
{
	return events_under(ev, a->acquire, a->held);
}

/* Can one go on from a node that was reached by a recursive read (or not) along such a label? */
static inline bool graph_follows(unsigned labels, bool reached_r, bool next_r)
{
	unsigned q = next_r ? 2 : 1;

	return labels & q || (!reached_r && labels & (q << 2));
}

#endif
