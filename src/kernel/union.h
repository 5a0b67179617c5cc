/* SPDX-License-Identifier: MIT
 *
 * One graph from many reports: what its files share.
 *
 *	names.c        what a class is called, whatever kernel it was; maps that are no locks; owners
 *	union.c        reports to nodes, edges and cycles
 *	union_walk.c   the classes of one report's cycle, in order
 *	union_site.c   the place that made an edge, as far as its stacks tell
 *	union_graph.c  /proc/lockdep: the whole order of a kernel, and what is one edge short of a cycle
 *	union_cross.c  cycles that no single report shows; ways through the graph
 *	union_cut.c    what to cut, and what that clears
 *	union_words.c  a cut in words
 *	union_what.c   what would be left without, reordered or split
 *	union_text.c   all of it for people; union_json.c: for programs; union_model.c: as core's model
 */
#ifndef LOCKDAG_KERNEL_UNION_H
#define LOCKDAG_KERNEL_UNION_H

#include "base/vec.h"
#include "core/core.h"
#include "kernel/record.h"

/* ------------------------------------------------------------------ names.c */

enum kmap {
	KMAP_NONE, /* a lock */
#define MAP_KIND(upper, what, asked_kind, asked, held_kind, held) KMAP_##upper,
#include "kernel/map_kinds.def"
#undef MAP_KIND
	N_KMAPS
};

struct kmap_advice {
	const char *what;
	enum lockdag_cut_kind asked_kind, held_kind;
	const char *asked, *held; /* with %o and %i */
};
const struct kmap_advice *kmap_advice(enum kmap map);
enum kmap kmap_of(const char *key); /* of a class's name as of today */

/* Is s what the pattern says? Each "*" in it stands for anything. */
bool names_match(const char *pattern, const char *s, size_t n);
/* Length of a function's name without what compilers add (".isra.0", ".cold"). */
size_t names_function(const char *function);
bool names_is_api(const char *function);
/* Whose a source file is: a subsystem of core code, or NULL for its own business. false: not known. */
bool names_path_owner(const char *file, const char **ret_owner);
/* The subsystem of the core code that the function is of, or NULL. */
const char *names_owner(const char *function);
/* The class's name as of today, without "#N" and "/N": appends it. */
void names_key(const struct lockdag_kclass *class, struct lockdag_text *text);

/* ------------------------------------------------------------------ the graph */

struct union_node {
	const char *key;  /* identity across boots and versions: "&mm->mmap_lock", "&p->lock/1" */
	const char *name; /* as printed, while all reports agree; else the key */
	enum kmap map;
	bool reads; /* a read side of RCU, which is never asked for exclusively */
	uint32_t first_out, first_in; /* edges, linked; LOCKDAG_NONE: none */
	const char *takers[8]; /* functions that were seen to take it */
	size_t n_takers;
};

enum union_irq { UNION_TASK, UNION_HARDIRQ, UNION_SOFTIRQ };

struct union_edge {
	uint32_t from, to;
	enum union_irq irq; /* of this kind, which comes while `from` is held, asks for `to` */
	uint32_t next_out, next_in;
	uint32_t first_seen; /* rows of seen, linked */
	uint32_t n_reports;
	uint32_t first_place, n_places; /* of edge_places */
	uint32_t cost;
	bool removed; /* what-if */
	bool in_graph; /* of /proc/lockdep */
};

/* A place in the code: the decision unit. */
struct union_place {
	const char *function; /* that does both, or that asks; NULL: not known */
	size_t function_n;    /* bytes of it that count */
	const char *module;   /* NULL: the kernel itself */
	const char *callee;   /* what it calls to get the inner one; NULL: it does so itself */
	const char *file;     /* of the asking line; NULL */
	unsigned line;
	const char *owner;    /* subsystem of core code, or NULL */
	bool own;	      /* a module's, a driver's, one filesystem's: its own business */
	bool both;	      /* the outer lock was taken in it, too */
	bool closing;	      /* it made the new edge of some report */
	uint32_t depth;	      /* frames from it to the lock */
	uint32_t node;	      /* what is asked for: places of different locks differ */
	uint32_t cost;
};

/* One report shows an edge at a place: the driver's, or (the same, where it is not another) the core code's
 * that it called. */
struct union_seen {
	uint32_t report, place, core;
	uint32_t next; /* of the edge */
};

struct union_cycle {
	uint64_t id;
	uint32_t first, n; /* rows of cycle_nodes; edge i leads from node i to the next, round */
	enum union_irq irq; /* its last edge is an interrupt's */
	bool cross;	   /* no single report shows it */
	uint32_t first_report, n_reports; /* rows of cycle_reports, once solved */
	uint32_t family;		  /* or LOCKDAG_NONE */
	bool removed;			  /* what-if */
};

struct union_report {
	const struct lockdag_splat *splat;
	uint64_t id;	/* its cycle's; of a report without one: of what it is about */
	uint32_t cycle; /* or LOCKDAG_NONE */
	uint32_t closing; /* its new edge, or LOCKDAG_NONE */
	bool known;	/* in the baseline */
};

struct union_family {
	LOCKDAG_VEC(uint32_t) reports;
	LOCKDAG_VEC(uint32_t) cycles;
	LOCKDAG_VEC(uint32_t) edges; /* that several of its reports share, most first */
};

struct union_cut {
	uint32_t edge;
	enum lockdag_cut_kind kind;
	char *advice;
	char *meets; /* or NULL */
	uint64_t cost;
	uint32_t n_cycles, n_reports; /* that it clears */
	bool planned;
};

struct lockdag_union {
	struct record_memory memory; /* strings and tables that live as long */
	LOCKDAG_VEC(struct union_report) reports;
	LOCKDAG_VEC(const struct lockdag_kgraph *) graphs;
	LOCKDAG_VEC(struct union_node) nodes;
	LOCKDAG_VEC(struct union_edge) edges;
	LOCKDAG_VEC(struct union_seen) seen;
	LOCKDAG_VEC(struct union_place) places;
	LOCKDAG_VEC(struct union_cycle) cycles;
	LOCKDAG_VEC(uint32_t) cycle_nodes;
	LOCKDAG_VEC(uint32_t) cycle_edges;
	LOCKDAG_VEC(uint32_t) cycle_reports;
	LOCKDAG_VEC(uint32_t) edge_places;
	LOCKDAG_VEC(struct union_family) families;
	LOCKDAG_VEC(struct union_cut) cuts; /* all that clear something, best first */
	LOCKDAG_VEC(char *) near; /* cycles of /proc/lockdep if classes of one name were one: "a -> b -> a" */
	size_t n_changes, at_least;
	bool exact, bounded;
	struct union_table {
		uint32_t *slots; /* row + 1 */
		size_t n_slots, n;
	} node_table, edge_table, place_table, cycle_table, name_table;
	LOCKDAG_VEC(const char *) names; /* of classes, as printed, each once */
};

/* union.c. Each returns a row, or a negative errno. */
int union_node(struct lockdag_union *u, const char *key, const char *printed);
int union_edge(struct lockdag_union *u, uint32_t from, uint32_t to, enum union_irq irq);
/* -1: there is none. */
int union_find_edge(
	const struct lockdag_union *u, uint32_t from, uint32_t to, enum union_irq irq);
struct union_where {
	uint32_t place, core;
};
int union_seen_add(
	struct lockdag_union *u, uint32_t edge, uint32_t report, const struct union_where *where);
/* nodes: in cycle order, from any start. */
int union_cycle(struct lockdag_union *u, const uint32_t *nodes, size_t n, enum union_irq irq,
	bool cross);
const char *union_text(struct lockdag_union *u, const char *s, size_t n);
/* A slot of a table for hash: calls equal(u, row, key) for rows that may be it. */
uint32_t *union_slot(struct union_table *t, uint64_t hash,
	bool (*equal)(const struct lockdag_union *u, uint32_t row, const void *key),
	uint64_t (*hash_of)(const struct lockdag_union *u, uint32_t row),
	const struct lockdag_union *u, const void *key);

/* union_walk.c */
#define UNION_MAX_CLASSES 64

/* What asks for a class of the walk while the one before it is held. */
struct union_step {
	const struct lockdag_kclass *class;
	const struct lockdag_kstack *stack; /* that asks for it; NULL: not known */
	const struct lockdag_kframe *at;    /* the same where only a line is known, or NULL */
	const struct lockdag_kframe *held_at; /* where the one before it was taken, or NULL */
	bool gap; /* between it and the one before it some are missing: no edge */
};

/* The classes of a report's edges: step i is asked for while step i - 1 is held, and step 0 while the
 * last one is (closed). */
struct union_walk {
	struct union_step steps[UNION_MAX_CLASSES];
	uint32_t nodes[UNION_MAX_CLASSES];
	size_t n;
	bool closed; /* it is a cycle */
	enum union_irq irq; /* the step from the last to the first is an interrupt's */
	/* Of DEPT, whose classes are no text of their own in a record. */
	struct lockdag_kclass classes[UNION_MAX_CLASSES];
	char names[UNION_MAX_CLASSES][128];
};
void union_walk(const struct lockdag_splat *splat, struct union_walk *walk);
/* Fills walk->nodes. 0 or a negative errno. */
int union_walk_nodes(struct lockdag_union *u, struct union_walk *walk);

/* union_site.c: the places that step made; from: the node that was held. 0 or a negative errno. */
int union_site(struct lockdag_union *u, const struct union_node *from, uint32_t to,
	const struct union_step *step, bool closing, struct union_where *ret_where);
/* Does the row show the place, at either level? */
static inline bool union_shows(const struct union_seen *seen, uint32_t place)
{
	return seen->place == place || seen->core == place;
}
void union_site_cost(struct union_place *place);

/* union_cross.c */
int union_cross(struct lockdag_union *u);
/* The way from one node to another along edges that are not removed, without the edge `without`
 * (LOCKDAG_NONE: all): nodes of it, from first; their number, 0: there is none. */
size_t union_way(const struct lockdag_union *u, uint32_t from, uint32_t to, uint32_t without,
	uint32_t *way, size_t max);

int union_graph(struct lockdag_union *u, const struct lockdag_kgraph *graph);

/* union_cut.c, union_words.c */
int union_cut(struct lockdag_union *u);
int union_families(struct lockdag_union *u);
char *union_advice(
	const struct lockdag_union *u, uint32_t edge, enum lockdag_cut_kind *ret_kind);
/* The same for the i-th of its places alone. */
#define UNION_PLACES_TOLD 4
enum lockdag_cut_kind union_advice_at(
	const struct lockdag_union *u, uint32_t edge, uint32_t i, struct lockdag_text *text);

static inline const char *union_name(const struct lockdag_union *u, uint32_t node)
{
	return u->nodes.items[node].name;
}

#endif
