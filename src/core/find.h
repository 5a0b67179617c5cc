/* SPDX-License-Identifier: MIT
 *
 * One run of lockdag_core_find(): what its parts share.
 *
 *	find.c       the run: graphs, cycles, sorting
 *	blocked.c    closed waits of threads that are blocked now
 *	describe.c   a verdict becomes a finding
 *	reason.c     its one sentence
 */
#ifndef LOCKDAG_CORE_FIND_H
#define LOCKDAG_CORE_FIND_H

#include "core/cycles.h"
#include "core/pick.h"

struct find {
	const struct lockdag_model *m;
	struct cycles_options options;
	struct classes classes;
	struct evidence evidence;
	struct writers writers;
	struct graph by_class;    /* nodes are classes */
	struct graph by_instance; /* nodes are locks, arcs stay inside a class */
	struct graph self_reads;  /* nodes are classes: fair reads of a lock that is read already */
	struct pick pick;
	uint32_t *best; /* of each class: index + 1 of its finding among instances */
	LOCKDAG_VEC(struct lockdag_finding) findings;
	bool bounded;
};

/* A cycle that was judged: link i is observed by exemplars[i][0 .. n_exemplars[i]). */
struct verdict {
	enum lockdag_grade grade;
	enum lockdag_ruled ruled;
	bool instances; /* the cycle is of locks in one class: call them by their own names */
	size_t n;
	struct lockdag_exemplar exemplars[PICK_MAX_LENGTH][LOCKDAG_MAX_EXEMPLARS];
	size_t n_exemplars[PICK_MAX_LENGTH];
	uint32_t writer;
};

/* Turns a verdict into a finding at the end of f->findings. */
int describe_add(struct find *f, const struct verdict *v);
void describe_free(struct lockdag_finding *finding); /* what it points to */

/* The sentence why, which the caller frees; NULL: no memory. locks: the finding's, whose lock i is
 * held in v's exemplar (i + start) % n. */
char *reason_sentence(struct find *f, const struct verdict *v, size_t start,
	const struct lockdag_finding_lock *locks);

/* Adds HAPPENED findings to f->findings, or lifts those that are there. */
int blocked_find(struct find *f);

static inline const struct lockdag_held *exemplar_held(
	const struct lockdag_model *m, const struct lockdag_exemplar *e)
{
	return &m->held.items[m->acquires.items[e->acquire].held + e->held];
}

#endif
