/* SPDX-License-Identifier: MIT
 *
 * From a cycle of links to a verdict: are there observations, one of each link, that can all be at
 * once? All combinations are considered (backtracking with pairwise filters), not the first alone.
 */
#ifndef LOCKDAG_CORE_PICK_H
#define LOCKDAG_CORE_PICK_H

#include "core/filters.h"
#include "core/makers.h"
#include "core/parts.h"

#define PICK_MAX_LENGTH 64      /* of a cycle: the search recurses as deep */
#define PICK_MAX_CANDIDATES 512 /* different observations of one link that are considered */

/* Acquisitions that can queue a writer, by class. */
struct writers {
	struct writer {
		uint32_t class_id, acquire;
	} * items; /* sorted */
	size_t n;
};

int writers_init(struct writers *w, const struct lockdag_model *m, const struct classes *c);
void writers_done(struct writers *w);

struct pick {
	struct evidence *e;
	const struct events *events;
	const struct classes *classes;
	const struct writers *writers;
	const struct parts *parts;
	const struct makers *makers;
	size_t budget; /* pairs that may still be looked at, over all cycles */

	/* The cycle at hand. */
	const struct graph *g;
	size_t n;
	const uint32_t *links;
	bool same_instance; /* a writer must be one of the very lock, not of its class */
	bool events_only;   /* no lock or once routine in it */
	bool by_instance;   /* locks meet only as the very same ones */
	bool by_helper;	    /* for one helper has made them */
	bool is_ring;       /* see pick_is_ring() */
	struct pick_candidates {
		uint32_t *arcs; /* of g; those of new threads first */
		size_t n;
	} candidates[PICK_MAX_LENGTH];

	/* The answer. */
	const struct arc *picks[PICK_MAX_LENGTH];
	uint32_t writer;          /* the first joint's, or LOCKDAG_NONE */
	enum lockdag_ruled ruled; /* LOCKDAG_RULED_NOT: the picks are compatible */
	bool bounded;             /* some combinations were not looked at */

	/* The search's own. */
	unsigned relaxed, met; /* bits of enum lockdag_ruled */
	size_t left;
	uint32_t chosen_writers[PICK_MAX_LENGTH];
};

/* Judges the cycle of links: 1 and the answer, 0: no observations stand in each other's way, or
 * -ENOMEM. pick_clear() frees the candidates after it. */
int pick_judge(struct pick *p, const struct graph *g, const uint32_t *links, size_t n);
void pick_clear(struct pick *p);

/* What rules one observation out by itself. */
enum lockdag_ruled pick_unary(struct pick *p, const struct arc *a);

/* Are the locks of the cycle a ring that threads go round: elements of one array, each taken under the one
 * before by the same code, by several threads at each place? */
bool pick_is_ring(const struct pick *p);

/* Does whoever made the acquisition keep a worker of a pool while it waits? */
bool pick_holds_worker(const struct lockdag_model *m, const struct lockdag_acquire *a);

/* Do picks i and j meet at a lock that processes do not share? */
bool pick_private_joint(const struct pick *p, size_t i, size_t j);

#endif
