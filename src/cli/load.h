/* SPDX-License-Identifier: MIT
 *
 * session -> model. Every reference of a row is checked; what refers to nothing is left out and
 * counted. Births and locks become rows of the model when an acquisition needs them.
 */
#ifndef LOCKDAG_CLI_LOAD_H
#define LOCKDAG_CLI_LOAD_H

#include "base/vec.h"
#include "cli/source.h"
#include "cli/stacks.h"
#include "core/core.h"

/* From rows of the session to rows of the model; LOCKDAG_NONE: not there. */
struct cli_map {
	uint32_t *rows;
	uint32_t n;
};

/* An acquisition or discharge of the session and its row in the model, in a hash set by offset. */
struct cli_item {
	uint64_t offset;
	uint32_t row;
	bool discharge;
};

/* A further thread's sighting of an acquisition. */
struct cli_sighting {
	uint64_t offset;
	struct lockdag_presence presence;
};

/* An acquisition of the model, a wait, and the offset of the discharge that has ended it. */
struct cli_ended {
	uint64_t discharge;
	uint32_t acquire;
};

/* The ends of the threads with one start routine (a frame of the session). */
struct cli_end {
	uint64_t routine;
	const char *entry; /* what a library's routine runs, as far as is known; or NULL */
	uint32_t lock;
};

/* A signal's handler in one process, as a lock of the model. */
struct cli_handler {
	uint32_t process; /* of the model */
	uint32_t signal;
	uint32_t lock;
	bool waits; /* it asks for something */
};

/* A lock that is a static variable, and was never initialised by a call. */
struct cli_static {
	uint64_t place; /* a frame of the session */
	uint32_t process, key;
};

/* An acquisition of the model, while signals that have handlers could come. */
struct cli_interrupted {
	uint32_t acquire;
	uint64_t signals;
};

/* A row of a process, in the order of their ids: whose child it is, and its first thread in the model. */
struct cli_pid {
	int32_t pid, parent_pid;
	uint32_t row, parent; /* of the session; parent: LOCKDAG_NONE, when it is no fork */
	uint32_t thread;
	uint32_t gone; /* enum lockdag_process_gone */
};

/* The ends of the processes of one generation. */
struct cli_child_end {
	unsigned depth;
	uint32_t lock;
};

struct cli_loaded {
	struct cli_source *source;
	struct lockdag_model *model;
	struct cli_stacks *stacks;
	struct lockdag_symbols *symbols;
	struct cli_map processes, threads, modules, births, locks;
	LOCKDAG_VEC(bool) nested; /* by lock of the model: takes part in an edge */
	struct cli_item *items;
	size_t n_items, n_item_slots;
	LOCKDAG_VEC(struct cli_sighting) sightings;
	LOCKDAG_VEC(struct cli_ended) ended;
	LOCKDAG_VEC(struct cli_end) ends;
	LOCKDAG_VEC(struct lockdag_item_point) points, reaped;
	LOCKDAG_VEC(struct cli_pid) pids;
	LOCKDAG_VEC(struct cli_child_end) child_ends;
	bool pids_known;
	uint32_t process; /* of the session: whose item is being loaded */
	LOCKDAG_VEC(struct cli_handler) handlers;
	LOCKDAG_VEC(struct cli_interrupted) interrupted;
	LOCKDAG_VEC(struct cli_static) statics; /* by process and place; made when first asked for */
	bool has_statics;
	LOCKDAG_VEC(uint8_t) futexes; /* by key: what word it is (load_futex.c); 0: none that is known */
	bool futexes_known;
	LOCKDAG_VEC(bool) orphans; /* by process of the model: see cli_load_forks() */
	uint64_t skipped; /* records that did not make sense */
};

/* Adds the source as one run. stacks: shared by all sources of the model. 0 or a negative errno;
 * cli_loaded_done() in any case. */
int cli_load(struct cli_loaded *l, struct cli_source *source, struct lockdag_model *model,
	struct cli_stacks *stacks, struct lockdag_symbols *symbols);
void cli_loaded_done(struct cli_loaded *l);

/* Is there anything to be judged: what could be an edge, a misuse, a signal? */
bool cli_load_has_edges(const struct lockdag_session *session);

uint32_t cli_map_at(const struct cli_map *map, uint32_t row);

/* The parts, for the other files of loading. Each 0 (or a row) or a negative errno. */
int cli_load_tables(struct cli_loaded *l); /* processes, modules, threads (load_tables.c) */
int cli_load_lock(struct cli_loaded *l, uint32_t key, uint32_t *ret_lock); /* (load_locks.c) */
/* (load_futex.c) Is the key that of a futex word that is none of C++'s library, or may be a lock's? */
int cli_load_is_no_event(struct cli_loaded *l, uint32_t key, bool *ret);
/* (load_futex.c) Does it come about at most once, for all that wait for it: a future's value, a latch at 0? */
int cli_load_comes_once(struct cli_loaded *l, uint32_t key, bool *ret);
int cli_load_blocked(struct cli_loaded *l); /* source->blocked (blocked.c) */
/* (load_events.c) The end of the thread that a join's serial names, and its serial in the model;
 * *ret_lock: LOCKDAG_NONE when there is no such thread. */
int cli_load_end(struct cli_loaded *l, uint64_t serial, uint32_t *ret_lock, uint64_t *ret_serial);
/* (load_processes.c) Has the child that a wait's serial names, of the process row `parent`, come to its end by
 * itself? Not one that was killed, whatever it held or waited for. Untouched when there is no such child. */
int cli_load_child_ended(
	struct cli_loaded *l, uint32_t parent, uint64_t serial, bool *ret_ended);
/* (load_processes.c) The end of the child that a wait's serial names, of the process row `parent`: its
 * number-th row (a fork may have become other programs); *ret_lock: LOCKDAG_NONE when there is none. */
int cli_load_child_end(struct cli_loaded *l, uint32_t parent, uint64_t serial, unsigned number,
	uint32_t *ret_lock, uint64_t *ret_serial);
int cli_load_reaped(struct cli_loaded *l); /* the order that waits for children make */
int cli_load_point(void *loaded, const struct lockdag_item_point *point); /* keeps it */
int cli_load_orders(struct cli_loaded *l);				   /* of all points */
int cli_load_guards(struct cli_loaded *l);				   /* of all threads */
/* (load_contexts.c) Fills in what an item says about the row's context, which has its thread. */
int cli_load_context(struct cli_loaded *l, const struct lockdag_item_acquire *item,
	struct lockdag_acquire *row);
/* The lock of a signal's handler in a process of the model. */
int cli_load_handler(struct cli_loaded *l, uint32_t process, uint32_t signal, uint32_t *ret_lock);
/* Keeps what can interrupt the acquisition that was added as row r. */
int cli_load_interrupted(struct cli_loaded *l, const struct lockdag_item_acquire *item, int r);
int cli_load_interrupts(struct cli_loaded *l); /* waits for handlers, when all handlers are known */
int cli_load_forks(struct cli_loaded *l);      /* of processes that ask for what they inherited */
/* What an item holds, in rows; marks the locks as taking part in an edge (load.c). */
int cli_load_held(struct cli_loaded *l, const struct lockdag_session_acquire *a,
	struct lockdag_held *rows, uint32_t *ret_n);
void cli_load_mark(struct cli_loaded *l, uint32_t lock);
/* "join_worker" for a start routine; entry: what that runs, or NULL. The caller frees it, NULL: no
 * memory (load_tables.c) */
char *cli_load_routine(struct cli_loaded *l, uint64_t frame, const char *entry);
/* What a thread of the session runs below a library's start routine, as far as is known; or NULL. The
 * symbols' (load_tables.c). */
const char *cli_load_entry(const struct cli_loaded *l, uint32_t i);

/* A frame of the session as the model has it: with the model's number of the module. */
uint64_t cli_load_frame(const struct cli_loaded *l, uint64_t frame);
int cli_load_stack(struct cli_loaded *l, const uint64_t *frames, size_t n, uint32_t *ret_stack);

#endif
