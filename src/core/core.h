/* SPDX-License-Identifier: MIT
 *
 * core: the dependency graph and its cycles. The door of the room.
 *
 * A source (a session, a kernel log, a live process, a text file) fills a *model*: plain tables of
 * what was seen. lockdag_core_find() is a pure function of the model: it makes classes, edges,
 * cycles, and one *finding* per class cycle, graded by the evidence in the exemplars. Renderers
 * take model and findings and decide nothing. No globals, clock, threads or I/O in here (the text
 * form reads from and writes to memory). Same model, same findings, byte for byte.
 *
 * Words: an *acquisition* is one recorded observation (an exemplar): a thread asked for a lock
 * while it held others. Each lock it held gives an edge held -> asked. A lock belongs to a
 * *birth* (a provisional class: what the recorder could tell), and core merges and splits births
 * into classes by the locks' keys.
 *
 * All functions return 0 or a negative errno (-ENOMEM, -EINVAL for a reference to a row that does
 * not exist) and leave their results untouched on failure, unless they say otherwise. A model may
 * be used by one thread at a time.
 */
#ifndef LOCKDAG_CORE_H
#define LOCKDAG_CORE_H

#include <stdio.h>

#include "base/base.h"
#include "base/frame.h"
#include "base/vec.h"
#include "core/standstill.h"

/* ------------------------------------------------------------------ the model */

struct lockdag_run {
	const char *label; /* what was run, for reports */
};

struct lockdag_process {
	uint32_t run;
	int32_t pid;
	const char *name;
};

/* A context that runs in sequence and can block. Phases count its creates and joins: phase p ends
 * where its p-th create or join (counted from 0) takes effect. */
struct lockdag_thread {
	uint32_t process;
	int32_t tid;
	const char *name;      /* as set by the program, else its start function; may be NULL */
	const char *role;      /* equal text = equal role (DESIGN 5.6): creator's role, start
				  routine, create site. NULL: unknown, equal to no other */
	uint32_t parent;       /* thread that created it, or LOCKDAG_NONE */
	uint32_t create_phase; /* all the parent did in phases <= this one is before this thread */
	uint32_t joiner;       /* thread that joined it, or LOCKDAG_NONE */
	uint32_t join_phase;   /* all the joiner did in phases >= this one is after this thread */
	uint32_t first_fork;   /* it was alive in the forks of its process with these numbers, */
	uint32_t last_fork;    /* first to last; LOCKDAG_NONE: to the end */
};

struct lockdag_module {
	const char *path;
	const char *build_id; /* lower-case hex, or NULL */
};

/* A stack, innermost frame first. Raw frames are opaque to core (the source's business: for a
 * session, module index << 48 | offset). frames is filled when somebody has described it. */
struct lockdag_stack {
	size_t n_raw;
	const uint64_t *raw;
	size_t n_frames;
	const struct lockdag_frame *frames;
};

enum lockdag_birth_how {
	LOCKDAG_BIRTH_STATIC, /* never initialised by a call, in a module's data */
	LOCKDAG_BIRTH_INIT,   /* by an init call; stack is that call's */
	LOCKDAG_BIRTH_FIRST,  /* never initialised, on heap or stack: stack is the first lock's */
	LOCKDAG_BIRTH_NAMED,  /* by the API */
	LOCKDAG_N_BIRTHS
};

/* A provisional class. */
struct lockdag_birth {
	enum lockdag_lock_type type;
	uint32_t attributes; /* enum lockdag_lock_attribute */
	enum lockdag_birth_how how;
	uint32_t stack;    /* or LOCKDAG_NONE */
	const char *name;  /* for people: "&conn->mutex", "mutex initialised at pool.c:120
			      (pool_new)"; NULL: core makes one from type and number */
	const char *key;   /* stable across runs and machines ("bank!conn.mutex"); births of equal
			      key and type are one class; NULL: a class of its own */
	const char *where; /* "pool.c:120" or NULL */
};

enum lockdag_lock_flag {
	LOCKDAG_LOCK_MANY = 1 << 0, /* stands for all further locks of its birth: which of them it
				       was is told by the acquisition's serial, if at all */
	LOCKDAG_LOCK_FOREIGN = 1 << 1, /* was released by a thread that did not hold it */
};

/* One lock from init to destroy, or the rest of a birth (MANY). */
struct lockdag_lock {
	uint32_t birth;
	uint32_t process;
	uint64_t address;
	uint32_t flags;   /* enum lockdag_lock_flag */
	uint32_t value;   /* semaphores: the initial value, LOCKDAG_NONE when not known; else 1 */
	const char *name; /* of this lock: "accounts[0].lock"; NULL: the birth's name */
	const char *key;  /* class key of this lock ("bank!accounts[].lock"); NULL: the birth's.
			     This is how a birth is split and how births are merged */
	const char *class_name; /* name of the class that key makes ("accounts[].lock"); NULL: the
				   birth's name */
	const char *where;      /* declaration, or NULL: the birth's */
	uint32_t level; /* 1 ..: this row is the lock `of`, taken at that level: of a class of its
			   own, "NAME/level". 0: a lock by itself, and `of` is not looked at */
	uint32_t of;    /* a row above, of level 0 and the same birth */
};

enum lockdag_acquire_flag {
	LOCKDAG_ACQUIRE_TRY = 1 << 0,    /* never waits, but holds */
	LOCKDAG_ACQUIRE_TIMED = 1 << 1,  /* waits for timeout_ms at the most */
	LOCKDAG_ACQUIRE_REWAIT = 1 << 2, /* the re-acquire at the end of a condition wait */
	LOCKDAG_ACQUIRE_WAIT = 1 << 3,   /* waits for an event: the lock is a condition, semaphore,
					    barrier or thread (a join), and is never held */
	LOCKDAG_ACQUIRE_HANDLER = 1 << 4, /* by a signal handler: `handler` says which; held are
					     its own locks, not those of what it interrupts */
	LOCKDAG_ACQUIRE_DIRECTED = 1 << 5, /* and the signal was sent to that very thread */
	LOCKDAG_ACQUIRE_NEST = 1 << 6,   /* under a lock that all who take several locks of this
					    class hold: no order inside the class */
	LOCKDAG_ACQUIRE_TURN = 1 << 7,   /* of a discharge's row: in another turn of the thread's event
					    loop, which a timer began and which may come at any time */
	LOCKDAG_ACQUIRE_ROUNDS = 1 << 8, /* the last of many of its thread, kept apart by points of must-order:
					    all later ones, too, with such points in between */
};

/* A lock held at an acquisition, outermost first. */
struct lockdag_held {
	uint32_t lock;
	uint64_t serial; /* which of a MANY lock; 0: not known. Equal serial = same lock */
	enum lockdag_mode mode;
	uint32_t flags; /* enum lockdag_acquire_flag; HANDLER, of a thread that is blocked in one: held
			   by what the handler interrupts */
	uint32_t stack; /* where it was taken, or LOCKDAG_NONE */
};

/* An exemplar: thread asked for lock while holding held[0 .. n_held). */
struct lockdag_acquire {
	uint32_t thread;
	uint32_t lock;
	uint64_t serial;
	enum lockdag_mode mode;
	uint32_t flags;
	uint32_t timeout_ms;
	uint32_t first_phase, last_phase; /* of thread, where the asking started */
	uint32_t stack;
	uint32_t held;    /* index of the first in model->held */
	uint32_t n_held;  /* 0: an un-nested acquisition */
	uint32_t monitor; /* of a condition wait: the mutex, which is not among the held ones;
			     LOCKDAG_NONE: not known. Without the flag WAIT it is not looked at */
	uint32_t handler; /* with the flag HANDLER: a lock of type handler */
};

/* A signal that can come while something is held is a wait: an acquisition with the flag WAIT of a
 * lock of type handler (one a process and signal, for all activations), by whoever holds it, with
 * all that is held in held, the lock just taken last. What such a handler asks for has the flag
 * HANDLER. */

/* A signal, post or arrival: thread discharged the event `lock` (of the instance serial). Its rows
 * model->held[held .. held + n_held) are what the thread asked for, or waited for (flag WAIT), in
 * its current iteration before that, whether or not anybody waited. A thread's end has no rows: it
 * is discharged when the thread is through with all its acquisitions. A join is an acquisition
 * with the flag WAIT of a lock of type thread, its serial the joined thread's row + 1. */
struct lockdag_discharge {
	uint32_t thread;
	uint32_t lock;
	uint64_t serial;
	uint32_t first_phase, last_phase; /* of thread: where the (first such) iteration began, and
					     where the (last such) discharge was */
	uint32_t stack;                   /* of the discharge, or LOCKDAG_NONE */
	uint32_t began; /* stack of the wait that the (first such) iteration began with, or LOCKDAG_NONE:
			   it began with the thread, or it is not known */
	uint32_t held;                    /* index of the first row in model->held */
	uint32_t n_held;
	bool due; /* it has not come: all threads of the process are blocked, this one in its one
		     row, and one of those that are due has to signal. Of use to blocked threads
		     alone: it makes no edge and wakes nobody */
};

/* Must-order besides create and join (barriers, once, one poster's posts to one waiter): what
 * from_thread did in its phases from_first .. from_last is before all that to_thread does in phases
 * >= to_phase. The point itself lies at the end of from_last: what is before from_thread's phases
 * >= that is before it too. */
struct lockdag_order {
	uint32_t from_thread;
	uint32_t from_first, from_last;
	uint32_t to_thread;
	uint32_t to_phase;
};

/* The process began as a fork of thread's, with a copy of all locks as they were then. */
struct lockdag_fork {
	uint32_t process;
	uint32_t thread;
	uint32_t number; /* of the fork, among those of thread's process: from 1 */
	uint32_t phase;  /* of thread */
	uint32_t stack;  /* or LOCKDAG_NONE */
	uint32_t held;   /* what thread held then, its atfork handlers' too: the child's, as it were */
	uint32_t n_held;
};

/* The thread's creator held the lock from its create to its join. */
struct lockdag_guard {
	uint32_t thread;
	uint32_t lock;
	uint64_t serial; /* as in lockdag_held */
	enum lockdag_mode mode;
};

/* A thread did with a lock what the lock's type does not allow (base/misuse_rules.def). */
struct lockdag_misuse {
	uint32_t thread;
	enum lockdag_misuse_rule rule;
	uint32_t lock;
	uint32_t stack;	       /* where, or LOCKDAG_NONE */
	uint32_t with;	       /* the lock that was given with it (a condition's mutex), or LOCKDAG_NONE */
	uint32_t other_thread; /* whose the other place is, or LOCKDAG_NONE */
	uint32_t other_stack;  /* the other place, or LOCKDAG_NONE */
	uint32_t other_with;   /* the lock that was given there, or LOCKDAG_NONE */
	bool reading;	       /* relock: it holds the lock for reading, and asks to write it */
};

/* By the program's word, or its user's: locks called `before` come before those called `after`. */
struct lockdag_declared {
	const char *before, *after; /* names of classes or locks, as reports print them */
};

/* A thread that is blocked now: for HAPPENED. acquire is what it asks for and holds. */
struct lockdag_blocked {
	uint32_t thread;
	uint32_t acquire;
};

/* Whenever the wait came to its end, as far as was seen, this discharge had ended it. */
struct lockdag_ended {
	uint32_t acquire;
	uint32_t discharge;
};

/* Strings and arrays that rows point to are the model's own copies. */
struct lockdag_model {
	LOCKDAG_VEC(struct lockdag_run) runs;
	LOCKDAG_VEC(struct lockdag_process) processes;
	LOCKDAG_VEC(struct lockdag_thread) threads;
	LOCKDAG_VEC(struct lockdag_module) modules;
	LOCKDAG_VEC(struct lockdag_stack) stacks;
	LOCKDAG_VEC(struct lockdag_birth) births;
	LOCKDAG_VEC(struct lockdag_lock) locks;
	LOCKDAG_VEC(struct lockdag_held) held;
	LOCKDAG_VEC(struct lockdag_acquire) acquires;
	LOCKDAG_VEC(struct lockdag_discharge) discharges;
	LOCKDAG_VEC(struct lockdag_order) orders;
	LOCKDAG_VEC(struct lockdag_guard) guards;
	LOCKDAG_VEC(struct lockdag_blocked) blocked;
	LOCKDAG_VEC(struct lockdag_ended) ended;
	LOCKDAG_VEC(struct lockdag_misuse) misuses;
	LOCKDAG_VEC(struct lockdag_fork) forks;
	LOCKDAG_VEC(struct lockdag_declared) declared;
	struct lockdag_arena *arena;
};

int lockdag_model_new(struct lockdag_model **ret_model);
void lockdag_model_free(struct lockdag_model *m); /* NULL is fine */

/* Each adds a row (strings are copied, references are checked) and returns its index >= 0, or a
 * negative errno. A row may refer to a thread that is added later only as parent or joiner; those
 * two are checked by lockdag_core_find(), which ignores what it cannot resolve. */
int lockdag_model_add_run(struct lockdag_model *m, const char *label);
int lockdag_model_add_process(struct lockdag_model *m, const struct lockdag_process *p);
int lockdag_model_add_thread(struct lockdag_model *m, const struct lockdag_thread *t);
int lockdag_model_add_module(struct lockdag_model *m, const char *path, const char *build_id);
int lockdag_model_add_stack(struct lockdag_model *m, const uint64_t *raw, size_t n_raw);
int lockdag_model_add_birth(struct lockdag_model *m, const struct lockdag_birth *b);
int lockdag_model_add_lock(struct lockdag_model *m, const struct lockdag_lock *l);
/* held: a->n_held rows, outermost first (a->held is set by this function). */
int lockdag_model_add_acquire(
	struct lockdag_model *m, const struct lockdag_acquire *a, const struct lockdag_held *held);
/* rows: d->n_held of them, in the order of asking (d->held is set by this function). */
int lockdag_model_add_discharge(struct lockdag_model *m, const struct lockdag_discharge *d,
	const struct lockdag_held *rows);
int lockdag_model_add_order(struct lockdag_model *m, const struct lockdag_order *o);
int lockdag_model_add_guard(struct lockdag_model *m, uint32_t thread, uint32_t lock,
	uint64_t serial, enum lockdag_mode mode);
int lockdag_model_add_blocked(struct lockdag_model *m, uint32_t thread, uint32_t acquire);
/* The acquire must be a wait. Of a wait with several that differ, none has always ended it. */
int lockdag_model_add_ended(struct lockdag_model *m, uint32_t acquire, uint32_t discharge);
int lockdag_model_add_misuse(struct lockdag_model *m, const struct lockdag_misuse *x);
/* held: f->n_held rows (f->held is set by this function). */
int lockdag_model_add_fork(
	struct lockdag_model *m, const struct lockdag_fork *f, const struct lockdag_held *held);
/* -EINVAL for an empty name, or the same one twice; what is there already is not added again. */
int lockdag_model_add_declared(struct lockdag_model *m, const char *before, const char *after);

/* Names, when they are known after the rows were made. NULL leaves a field as it is. */
int lockdag_model_name_birth(struct lockdag_model *m, uint32_t birth, const char *name,
	const char *key, const char *where);
int lockdag_model_name_lock(struct lockdag_model *m, uint32_t lock, const char *name,
	const char *key, const char *class_name, const char *where);
/* Gives a stack its described frames (copied, strings too). */
int lockdag_model_describe_stack(
	struct lockdag_model *m, uint32_t stack, const struct lockdag_frame *frames, size_t n);

/* ------------------------------------------------------------------ its text form (docs/model.md)
 */

struct lockdag_parse_error {
	unsigned line, column; /* from 1 */
	char message[160];
};

/* Reads n bytes of the text form. -EINVAL with *error filled for text that is not of the form. */
int lockdag_model_parse(const char *text, size_t n, struct lockdag_model **ret_model,
	struct lockdag_parse_error *error);
/* Writes the model so that parsing it again gives an equal model. The caller frees the text. */
int lockdag_model_print(const struct lockdag_model *m, char **ret_text);

/* Reads an order as people write it down: a line "NAME -> NAME [-> NAME ...]" (or with the word before in
 * place of the arrow) says what comes before what; a name that has one of these words in it, or starts with
 * '#' or a double quote, stands in double quotes; a line that starts with '#' is a comment. Adds a row
 * `declared` for each two neighbours. -EINVAL with *error filled: not such a text, or an order that
 * leads back to where it began. */
int lockdag_model_parse_declared(const char *text, size_t n, struct lockdag_model *m,
	struct lockdag_parse_error *error);

/* ------------------------------------------------------------------ findings */

/* One list of grades, strongest last: grades.def. LOCKDAG_UNLIKELY < LOCKDAG_POSSIBLE < ... */
enum lockdag_grade {
#define GRADE(upper, word, meaning) LOCKDAG_##upper,
#include "core/grades.def"
#undef GRADE
	LOCKDAG_N_GRADES
};
const char *lockdag_grade_word(enum lockdag_grade grade); /* "possible" */
/* 0 and *ret_grade, or -EINVAL for a word that is no grade. */
int lockdag_grade_parse(const char *word, enum lockdag_grade *ret_grade);

/* Why a cycle was ruled out: reasons.def. LOCKDAG_RULED_NOT for one that was not. */
enum lockdag_ruled {
#define REASON(upper, word, meaning) LOCKDAG_RULED_##upper,
#include "core/reasons.def"
#undef REASON
	LOCKDAG_N_RULED
};
const char *lockdag_ruled_word(enum lockdag_ruled ruled);    /* "gate" (JSON key) */
const char *lockdag_ruled_meaning(enum lockdag_ruled ruled); /* "behind a gate lock" */

enum lockdag_finding_kind { LOCKDAG_FINDING_CYCLE, LOCKDAG_FINDING_MISUSE, LOCKDAG_FINDING_HANG };
const char *lockdag_finding_kind_word(enum lockdag_finding_kind kind); /* "cycle" */

/* One observation of a link: acquisition `acquire` held the link's `from` as its held row number
 * `held` and asked for the link's `to`, which is its held row number `asked`, or, where asked is
 * n_held, its own lock. Two kinds of links are seen otherwise:
 * - from an event that somebody signals: `discharge` is the discharge, `asked` its row that is the
 *   link's `to`, held LOCKDAG_NONE; acquire is the same asking as an acquisition, where there is
 * one, else LOCKDAG_NONE;
 * - from a thread's end: held is LOCKDAG_NONE and acquire an acquisition of that thread.
 * Where the link leads through a handler or a fork, acquire is the handler's, or the child's, and
 * another acquisition, holder, holds `from`: as its held row `held`, or where held is its n_held, as
 * its own lock. */
struct lockdag_exemplar {
	uint32_t acquire;
	uint32_t held;
	uint32_t asked;
	uint32_t discharge; /* or LOCKDAG_NONE */
	uint32_t holder;    /* meant where the link leads through something */
};

/* What makes the holder of a link's `from` wait for its `to`, which another context asks for. */
enum lockdag_through {
	LOCKDAG_THROUGH_NOTHING, /* it asks itself */
	LOCKDAG_THROUGH_HANDLER, /* the handler of a signal that can interrupt it */
	LOCKDAG_THROUGH_FORK,    /* it is not there any more: a child of fork has a copy of the lock */
};

struct lockdag_link {
	uint32_t from, to;  /* index into finding->locks, to == (from + 1) % n_locks */
	bool back;          /* against the learned order of all classes, in which the links that
			       were seen most often agree (false for links inside a class, and
			       where the order is too much work) */
	uint32_t context;   /* neighbours with the same number are one thread's nest */
	enum lockdag_through through;
	uint32_t by; /* through a handler: its row in model->locks; a fork: its row in forks */
	size_t n_exemplars; /* >= 1; the first is this link's part in the finding's scenario:
			       the first exemplars of all links are compatible with each other
			       when the grade is POSSIBLE or more */
	struct lockdag_exemplar *exemplars; /* at most LOCKDAG_MAX_EXEMPLARS */
};
#define LOCKDAG_MAX_EXEMPLARS 4

/* One lock of a finding, as people read it. */
struct lockdag_finding_lock {
	uint32_t lock;     /* a representative row of model->locks */
	uint32_t class_id; /* number of its class in this result */
	char *name;        /* the instance's where one instance is meant, else the class's */
	char *key;         /* the stable key of the class; never NULL */
	const char *where; /* or NULL */
	enum lockdag_lock_type type;
	bool between; /* not of the cycle that was searched for (nor of its id): the thread took it
			 between two that are, so the order goes through it */
};

/* A place of a misuse: what a thread did to the finding's lock 0, and where. */
struct lockdag_finding_place {
	const char *what; /* "released", "taken": static text */
	uint32_t thread;  /* or LOCKDAG_NONE */
	uint32_t stack;   /* or LOCKDAG_NONE */
};

const char *lockdag_misuse_word(enum lockdag_misuse_rule rule);	    /* "unlock-not-owner" */
const char *lockdag_misuse_headline(enum lockdag_misuse_rule rule); /* as lockdep would say it */

/* A cycle has locks and links. A misuse has rule and places, its lock first in locks, and no links. */
struct lockdag_finding {
	enum lockdag_finding_kind kind;
	enum lockdag_grade grade;
	enum lockdag_ruled ruled; /* set when grade is UNLIKELY */
	uint64_t id;              /* fingerprint: canonical rotation of the cycle of keys, without
				     the locks between */
	char *title;              /* "a -> b -> a" */
	char *reason;             /* one sentence: why this grade */
	size_t n_locks;           /* = number of a cycle's links, those between included */
	struct lockdag_finding_lock *locks;
	struct lockdag_link
		*links;  /* n_locks of them: locks[i] is held while locks[i+1] is asked */
	uint32_t writer; /* an acquisition that queues a writer at a fair read joint, or
			    LOCKDAG_NONE: the scenario then needs this one more thread */
	enum lockdag_misuse_rule rule;
	size_t n_places;
	struct lockdag_finding_place places[2];
	const struct lockdag_standstill *standstill; /* of a hang: the caller's; else NULL */
	const char *dropped_by; /* of findings->dropped: what lockdag_findings_drop() was told; else NULL */
	struct lockdag_cut *cut; /* the cheapest way to clear it, or NULL: lockdag_cut_find() */
};

struct lockdag_find_options {
	size_t max_length; /* of a cycle, in classes; 0: 12 */
	size_t max_cycles; /* enumerated in one component; 0: 1000 */
	bool no_waits;     /* look at locks alone: no events, no joins */
};

struct lockdag_findings {
	size_t n;
	struct lockdag_finding *items;  /* strongest grade first, then by id */
	size_t n_dropped;
	struct lockdag_finding *dropped; /* by lockdag_findings_drop(); of no count elsewhere */
	size_t hidden[LOCKDAG_N_RULED]; /* number of UNLIKELY cycles by reason */
	size_t n_classes, n_edges;      /* of the graph */
	bool bounded; /* a bound of the options was met: there may be more cycles */
	struct lockdag_cut_plan *plan; /* the cheapest changes that clear all, or NULL: lockdag_cut_find() */
	struct lockdag_graph *graph;   /* core's own: what lockdag_cut_find() looks at */
	size_t n_unused;
	const char **unused; /* names of model->declared that no lock or class has; the model's */
};

/* options: NULL for the defaults. UNLIKELY findings are in items too (last). */
int lockdag_core_find(const struct lockdag_model *m, const struct lockdag_find_options *options,
	struct lockdag_findings **ret_findings);
/* Moves the findings i with why[i] set (f->n of them) to f->dropped. The texts, which say why, are the
 * caller's and live as long as f. Not after lockdag_cut_find(). 0 or -ENOMEM, and f is as it was. */
int lockdag_findings_drop(struct lockdag_findings *f, const char *const *why);
/* Adds a hang: s was judged, and lives as long as f. Its locks are those of the circle; like a
 * misuse it has no links. */
int lockdag_findings_add_hang(struct lockdag_findings *f, const struct lockdag_standstill *s);
void lockdag_findings_free(struct lockdag_findings *f); /* NULL is fine */

/* ------------------------------------------------------------------ the whole graph */

struct lockdag_graph_class {
	uint32_t lock; /* its first row in model->locks */
	char *name;    /* for people */
	char *key;     /* stable; never NULL */
	char *module;  /* of the key: what stands before its first '!'; NULL: none */
	const char *where; /* or NULL */
	enum lockdag_lock_type type;
	uint32_t position; /* in the learned order: 0 is outermost */
};

struct lockdag_graph_edge {
	uint32_t from, to; /* numbers of classes: from is held (or owed) while to is asked for */
	uint32_t n;        /* observations */
	bool back;         /* against the learned order */
	struct lockdag_exemplar exemplar; /* the first observation */
};

/* All classes, numbered as class_id in the findings of the same model and options, and all edges
 * between two of them, sorted by from, to. */
struct lockdag_class_graph {
	size_t n_classes;
	struct lockdag_graph_class *classes;
	size_t n_edges;
	struct lockdag_graph_edge *edges;
	bool ordered; /* false: the order was too much work; no edge is marked back */
};

/* options: NULL for the defaults; only no_waits is looked at. The where's are the model's. */
int lockdag_core_graph(const struct lockdag_model *m, const struct lockdag_find_options *options,
	struct lockdag_class_graph **ret_graph);
void lockdag_class_graph_free(struct lockdag_class_graph *g); /* NULL is fine */

/* The findings as text, one line each and one per link: for fixtures and fuzzing (docs/model.md).
 * The caller frees it. */
int lockdag_findings_print(
	const struct lockdag_model *m, const struct lockdag_findings *f, char **ret_text);

/* ------------------------------------------------------------------ cuts (DESIGN 5.8) */

/* What kind of change a cut is: cut_kinds.def. */
enum lockdag_cut_kind {
#define CUT_KIND(upper, word, meaning) LOCKDAG_CUT_##upper,
#include "core/cut_kinds.def"
#undef CUT_KIND
	LOCKDAG_N_CUT_KINDS
};
const char *lockdag_cut_kind_word(enum lockdag_cut_kind kind);	  /* "hoist" */
const char *lockdag_cut_kind_meaning(enum lockdag_cut_kind kind); /* one clause */

/* One place that makes an edge: where its `from` was taken (or is signalled) and where its `to` is
 * asked for, both seen from the innermost function that does both. Frames belong to the model; NULL:
 * not known. */
struct lockdag_cut_place {
	const struct lockdag_frame *held, *asked;
	const struct lockdag_frame *inner;  /* the innermost frame that asks */
	const struct lockdag_frame *callee; /* what asked's function calls to get `to`; NULL: it does so itself */
	bool same_function;		    /* held and asked are in one function */
	bool wrapper;			    /* `from` was got by calling the same function as `to` */
};

/* A change: all places of one edge. */
struct lockdag_cut {
	enum lockdag_cut_kind kind;
	uint32_t from, to; /* index into the finding's locks */
	size_t n_places;   /* how many there are */
	struct lockdag_cut_place *places; /* those known by name, at most LOCKDAG_MAX_EXEMPLARS */
	size_t n_named;
	uint64_t cost;	   /* see docs/evidence.md, "Where to cut" */
	size_t n_clears;   /* findings that it clears */
	size_t n_findings; /* of so many */
	char *meets;	   /* locks over which the advised order still meets its opposite, with the whole
			      plan done: "a -> c -> b"; NULL: it does not */
	char *advice;	   /* "in check(), take A first (audit.c:88)" */
	char *order;	   /* the order of the finding's locks that results: "A, B, C"; NULL where the
			      change is not one of order */
};

/* The changes that clear all findings of grade POSSIBLE or more that are cycles. */
struct lockdag_cut_plan {
	size_t n_findings; /* such findings */
	size_t n;
	uint32_t *items;   /* findings whose cuts are the plan, most cleared first */
	size_t n_changes;  /* places to change in all */
	size_t at_least;   /* no plan has fewer */
	bool exact;	   /* none is cheaper */
};

/* Plans, and gives each such finding its cut. Call it when the stacks of the findings have been
 * described: what has no frames is told from other places by its raw frames, and has no name. */
int lockdag_cut_find(const struct lockdag_model *m, struct lockdag_findings *f);

/* The problem alone, for sources with cycles of their own: places cost, edges are made by places (cut
 * when all of them are changed; an edge without a place cannot be cut), cycles go over edges. */
struct lockdag_cut_edge {
	const uint32_t *places;
	size_t n_places;
};

struct lockdag_cut_cycle {
	const uint32_t *edges;
	size_t n_edges;
	uint32_t weight; /* what clearing it is worth where not all can be tried: 1, or more */
};

struct lockdag_cut_problem {
	size_t n_places;
	const uint32_t *costs; /* of each place; 0 counts as 1 */
	size_t n_edges;
	const struct lockdag_cut_edge *edges;
	size_t n_cycles;
	const struct lockdag_cut_cycle *cycles;
};

struct lockdag_cut_set {
	size_t n_edges;
	uint32_t *edges; /* that are cut, by number */
	size_t n_places;
	uint32_t *places; /* to be changed, by number */
	uint64_t cost, cost_at_least;
	size_t at_least; /* places that any set must change */
	bool exact;	 /* no set is cheaper */
	size_t n_left;	 /* cycles without an edge that can be cut */
};

/* 0, -ENOMEM, or -EINVAL for a number that is out of range. */
int lockdag_cut_solve(const struct lockdag_cut_problem *problem, struct lockdag_cut_set *ret_set);
void lockdag_cut_set_done(struct lockdag_cut_set *set);

/* Name of a lock for people: its own, else its birth's, else type and number ("mutex #3"). Written
 * into buffer (size bytes, always terminated); returns buffer. */
const char *lockdag_model_lock_name(
	const struct lockdag_model *m, uint32_t lock, char *buffer, size_t size);

/* Name of a thread for people: "transfer-1 (4121)"; "thread 4121" when it has no name. */
const char *lockdag_model_thread_name(
	const struct lockdag_model *m, uint32_t thread, char *buffer, size_t size);

#endif
