/* SPDX-License-Identifier: MIT
 *
 * Cuts (DESIGN 5.8): what the files of this topic share.
 *
 *	cut_solve.c   the cheapest set of places to change: pure numbers; cut_greedy.c where there are many
 *	cut_places.c  which places make an edge, and who owns them
 *	cut.c         findings to a problem, and its solution back to findings
 *	cut_walk.c    what is left of the class graph without some edges
 *	cut_advice.c  a cut in words
 */
#ifndef LOCKDAG_CORE_CUT_H
#define LOCKDAG_CORE_CUT_H

#include "core/find.h"

/* What is kept of a run of lockdag_core_find(). */
struct lockdag_graph {
	struct graph by_class;
	uint32_t *class_of_lock;
	struct asking *more; /* of events: askings behind the model's acquisitions */
};

/* Takes the graph out of f, which goes on without it. */
int cut_keep_graph(struct find *f, struct lockdag_graph **ret_graph);

struct cut {
	const struct lockdag_model *m;
	const struct lockdag_graph *graph;
	struct lockdag_findings *findings;
	/* Places by key; edges of findings, by their ends and the findings they are of. */
	LOCKDAG_VEC(struct cut_place) places;
	LOCKDAG_VEC(struct cut_edge) edges;
	LOCKDAG_VEC(uint32_t) edge_places;  /* rows of places */
	LOCKDAG_VEC(struct cut_cycle) cycles; /* findings that are to be cleared */
	LOCKDAG_VEC(uint32_t) cycle_edges;
	uint32_t *slots; /* places by hash: row + 1 */
	size_t n_slots;
	struct cut_walk {
		uint32_t *removed;	/* of each asking: what stands under held row removed - 1 or
					   further in is gone; 0: all of it; LOCKDAG_NONE: nothing */
		uint32_t *reached_from; /* of each class: the one before it on the way, or LOCKDAG_NONE */
		uint32_t *queue; /* the classes that were reached, in the order of reaching */
		size_t n_queue;
		uint32_t *lock_of_class;
		uint64_t work; /* arcs looked at so far */
	} walk;
};

/* One pair of sites. */
struct cut_place {
	uint64_t held, asked; /* raw frames where the two stacks part; equal keys, equal place */
	uint64_t salt;	      /* keeps places without stacks apart */
	struct lockdag_cut_place named;
	bool library;	      /* not the program's own code */
	uint32_t depth;	      /* frames from the common function to the asked lock */
	uint32_t n_seen;
	uint32_t cost;
};

/* The locks of one context of a finding: its first is held while the next context's first is asked. */
struct cut_edge {
	uint32_t from_class, to_class; /* equal: inside a class; nothing else is known of it */
	uint32_t from_lock;	       /* of the model; parts edges inside one class */
	uint32_t to_lock;
	uint32_t first_place, n_places; /* rows of edge_places */
	uint32_t finding, link;		/* the first that has it: the link that its context starts with */
	uint32_t n_findings;
	bool meets;   /* its order would meet its opposite elsewhere */
	bool planned; /* it is cut by the plan */
	bool wait;	/* what is asked for is an event or a thread's end */
	bool discharge; /* what others wait for is an event or a thread's end */
	bool back;
	enum lockdag_through through;
	uint32_t by; /* as in struct lockdag_link */
	uint64_t cost;
};

struct cut_cycle {
	uint32_t finding;
	uint32_t first_edge, n_edges; /* rows of cycle_edges, one for each context */
};

/* The link of the class graph between two classes, or NULL. */
const struct link *cut_graph_link(const struct lockdag_graph *graph, uint32_t from, uint32_t to);

/* Fills the places of an edge; edge->link's exemplars are its finding's. */
int cut_places(struct cut *c, struct cut_edge *edge);

int cut_walk_init(struct cut *c);
void cut_walk_done(struct cut *c);
/* Takes an edge out of the graph, or puts it back. */
void cut_walk_remove(struct cut *c, const struct cut_edge *edge, bool remove);
/* With what was taken out: does the way lead from the edge's `from` to its `to`? Then the order that
 * the edge's cut asks for meets its opposite there. */
bool cut_walk_meets(struct cut *c, const struct cut_edge *edge);
/* The way that cut_walk_meets() has just found, "a -> c -> b": the caller frees it; NULL: no memory. */
char *cut_walk_way(const struct cut *c, const struct cut_edge *edge);

/* Fills all of cut but n_clears and meets. */
int cut_advise(const struct cut *c, const struct cut_edge *edge, const struct lockdag_finding *f,
	struct lockdag_cut *cut);
void cut_free(struct lockdag_cut *cut); /* NULL is fine */
void cut_graph_free(struct lockdag_graph *graph); /* NULL is fine */
void cut_plan_free(struct lockdag_findings *f);

/* Others wait for its end: what it asks for cannot be taken before it begins. */
static inline bool cut_is_run(enum lockdag_lock_type type)
{
	switch (type) {
	case LOCKDAG_LOCK_ONCE:
	case LOCKDAG_LOCK_ONCE_FLAG:
	case LOCKDAG_LOCK_GUARD:
	case LOCKDAG_LOCK_POOL:
	case LOCKDAG_LOCK_WORK:
	case LOCKDAG_LOCK_THREAD:
	case LOCKDAG_LOCK_PROCESS:
	case LOCKDAG_LOCK_LOADER:
	case LOCKDAG_LOCK_EXIT:
		return true;
	default:
		return false;
	}
}

/* The finding's lock that follows the context of link i: what is asked for there. */
static inline uint32_t cut_next_context(const struct lockdag_finding *f, uint32_t link)
{
	size_t i = link + 1;

	while (i < f->n_locks && f->links[i].context == f->links[link].context)
		i++;
	return (uint32_t)(i % f->n_locks);
}

#endif
