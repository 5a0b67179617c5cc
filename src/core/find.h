/* SPDX-License-Identifier: MIT
 *
 * One run of lockdag_core_find(): what its parts share.
 *
 *	find.c       the run: cycles, sorting
 *	build.c      the graphs
 *	blocked.c    closed waits of threads that are blocked now
 *	describe.c   a verdict becomes a finding
 *	backs.c      which of its links stand against the order that was learned
 *	nest.c       the locks that its threads held between those of the cycle
 *	reason.c     its one sentence
 *	contexts.c   links through signal handlers
 *	forks.c      locks that a fork child has copies of
 *	misuse.c     what was done wrong with a lock
 *	learned.c    the whole graph, for whoever wants to see it
 *	declared.c   what was done against a declared order
 */
#ifndef LOCKDAG_CORE_FIND_H
#define LOCKDAG_CORE_FIND_H

#include "core/cycles.h"
#include "core/pick.h"
#include "core/topology.h"

#define NEST_MAX 8 /* locks between those of a cycle that one finding names */

struct find {
	const struct lockdag_model *m;
	struct cycles_options options;
	struct classes classes;
	struct events events;
	struct evidence evidence;
	struct writers writers;
	struct parts parts;
	struct makers makers;
	struct graph by_class;    /* nodes are classes */
	struct graph by_instance; /* nodes are locks, arcs stay inside a class */
	struct graph self_reads;  /* nodes are classes: fair reads of a lock that is read already */
	struct pick pick;
	uint32_t *best; /* of each class: index + 1 of its finding among instances */
	LOCKDAG_VEC(struct lockdag_finding) findings;
	LOCKDAG_VEC(const char *) unused; /* declared names that nothing has */
	bool bounded;
};

/* A cycle that was judged: link i is observed by exemplars[i][0 .. n_exemplars[i]). Their acquire
 * is the number of an asking (events.h) until describe.c makes the door's exemplars of them. */
struct verdict {
	enum lockdag_grade grade;
	enum lockdag_ruled ruled;
	bool instances; /* the cycle is of locks in one class: call them by their own names */
	size_t n;
	struct lockdag_exemplar exemplars[PICK_MAX_LENGTH][LOCKDAG_MAX_EXEMPLARS];
	size_t n_exemplars[PICK_MAX_LENGTH];
	struct {
		enum lockdag_through through;
		uint32_t by;
	} way[PICK_MAX_LENGTH]; /* of each link */
	uint64_t seed; /* of the id, or 0 */
	uint32_t writer;
};

/* A finding's locks as the order was taken: lock i of the cycle, then those that the thread of link
 * i held between lock i and the one it asked for. */
struct nests {
	size_t n[PICK_MAX_LENGTH];       /* of each link */
	uint32_t rows[NEST_MAX];         /* held rows of the links' first exemplars, link by link */
	size_t dropped[PICK_MAX_LENGTH]; /* of each link, where they were too many for a report */
};

/* Classes and graphs. find_done() in any case. 0 or a negative errno. */
int find_begin(
	struct find *f, const struct lockdag_model *m, const struct lockdag_find_options *options);
void find_done(struct find *f);

/* Makes the graphs of what f's model says. 0 or a negative errno. */
int find_build(struct find *f);

/* An arc as an exemplar, whose acquire is the number of an asking; and the door's of such a one. */
struct lockdag_exemplar find_exemplar(const struct find *f, const struct arc *a);
struct lockdag_exemplar describe_exemplar(const struct find *f, struct lockdag_exemplar e);

/* Finds what is between. start: the finding's lock 0 is held in v's exemplar start; classes: of the
 * finding's locks. */
void nest_find(const struct find *f, const struct verdict *v, size_t start, struct nests *ret);

/* Are the locks between of exemplar k of link i the same as those of its first, by class? Then
 * rows gets their held rows. */
bool nest_alike(const struct find *f, const struct verdict *v, size_t start, size_t i, size_t k,
	const struct nests *nests, uint32_t rows[NEST_MAX]);

/* Turns a verdict into a finding at the end of f->findings. */
int describe_add(struct find *f, const struct verdict *v);
void describe_free(struct lockdag_finding *finding); /* what it points to */

/* The sentence why, which the caller frees; NULL: no memory. locks: the cycle's (none between),
 * whose lock i is held in v's exemplar (i + start) % n. */
char *reason_sentence(struct find *f, const struct verdict *v, size_t start,
	const struct lockdag_finding_lock *locks, const struct nests *nests);

/* A cycle goes through a handler as through a lock: waited for by whoever it can interrupt, and asked
 * under by its activations. People want the locks alone: makes one link of the two, that leads from
 * the lock which is held to the one that the handler asks for. false: v has none, *ret is not set. */
bool contexts_flatten(const struct find *f, const struct verdict *v, struct verdict *ret);
/* What a handler adds to the seed of an id. */
uint64_t contexts_seed(const struct find *f, uint32_t handler);
/* The sentence for a verdict with such links; locks and start as for reason_sentence(). */
char *contexts_sentence(const struct find *f, const struct verdict *v, size_t start,
	const struct lockdag_finding_lock *locks);

/* Adds a finding for each class of which a fork child asks for a lock that another thread of its
 * parent may have held. */
int forks_find(struct find *f);
char *forks_sentence(const struct find *f, const struct verdict *v, const char *lock);

/* Adds HAPPENED findings to f->findings, or lifts those that are there. */
int blocked_find(struct find *f);

/* Adds a finding for each rule and class of the model's misuses. After all that looks at links. */
int misuse_find(struct find *f);

/* Adds one misuse, or makes the finding say it that is there for its rule and class. */
int misuse_add(struct find *f, const struct lockdag_misuse *x);

/* Adds a finding for each nesting that stands against a declared order. After all that looks at
 * links. */
int declared_find(struct find *f);

/* Marks the links of the findings that are back links. */
int backs_find(struct find *f);

/* The learned order, in a topology that was set up for all classes: of all links, or of those that may be in a
 * cycle (graph_components() was called), which is where back links are; *ret_whole false: the work became too
 * much for one. 0 or -ENOMEM. */
int backs_order(const struct find *f, struct topology *t, bool all, bool *ret_whole);

static inline const struct lockdag_acquire *exemplar_asking(
	const struct find *f, const struct lockdag_exemplar *e)
{
	return events_asking(&f->events, e->acquire);
}

static inline struct lockdag_held exemplar_under(
	const struct find *f, const struct lockdag_exemplar *e)
{
	return events_under(
		&f->events, e->holder != LOCKDAG_NONE ? e->holder : e->acquire, e->held);
}

#endif
