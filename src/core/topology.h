/* SPDX-License-Identifier: MIT
 *
 * A topological order that is kept while edges come in one by one (D. Pearce, P. Kelly: A dynamic
 * topological sort algorithm for directed acyclic graphs, 2006): an edge that agrees with the order
 * costs nothing, one against it moves only the nodes between its ends. An edge that would close a
 * cycle stays outside the order, as a back edge.
 *
 * Which edge of a cycle becomes the back edge depends on the order of the calls: whoever wants the
 * order that most observations agree with adds the edges seen most often first.
 */
#ifndef LOCKDAG_CORE_TOPOLOGY_H
#define LOCKDAG_CORE_TOPOLOGY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/vec.h"

struct topology_edge {
	uint32_t from, to;
	uint32_t next_out, next_in; /* of the same from, of the same to; LOCKDAG_NONE: the last */
};

struct topology {
	uint32_t n;
	uint32_t *position; /* of each node: every edge leads from a lower to a higher one */
	uint32_t *node_at;  /* its inverse */
	uint32_t *first_out, *first_in;
	LOCKDAG_VEC(struct topology_edge) edges; /* those inside the order */

	uint64_t work; /* nodes looked at so far */

	/* The search's own. */
	uint32_t *ahead, *behind; /* nodes to be moved, by position */
	uint32_t n_ahead, n_behind;
	bool *seen;
};

/* n nodes, no edges, in the order of their numbers. 0 or -ENOMEM; topology_done() in any case. */
int topology_init(struct topology *t, uint32_t n);
void topology_done(struct topology *t);

/* 0: the edge is inside the order; 1: it closes a cycle (or is a loop) and is a back edge; -ENOMEM,
 * and nothing has changed. */
int topology_add(struct topology *t, uint32_t from, uint32_t to);

/* Would the edge close a cycle? Changes nothing. */
bool topology_closes(struct topology *t, uint32_t from, uint32_t to);

#endif
