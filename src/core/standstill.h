/* SPDX-License-Identifier: MIT
 *
 * core, its second model: who waits for whom at one moment, in one process or several. A part of
 * the door (core.h includes it).
 *
 * Whoever looks at processes from outside fills the rows: processes, threads with what each waits
 * for, locks, and for each wait those who can end it (*rescuers*). lockdag_standstill_judge() is a
 * pure function of the rows: which threads are stuck for good, the closed circles among them, the
 * verdict and its sentence.
 *
 * The rule: a wait is over for good only when everybody who could end it is known, and each of
 * these is stuck himself. Owners read from memory, joined threads, holders of the other end of a
 * pipe are *exact* rescuers. Who signals a condition is not written anywhere: there it is all
 * threads of the process, and the wait is closed only when all of them are stuck.
 *
 * Functions return 0 or a row's number, or a negative errno. One thread at a time.
 */
#ifndef LOCKDAG_CORE_STANDSTILL_H
#define LOCKDAG_CORE_STANDSTILL_H

#include "base/base.h"
#include "base/frame.h"
#include "base/vec.h"

enum lockdag_wait_kind {
#define WAIT_KIND(upper, word, family, phrase) LOCKDAG_STILL_##upper,
#include "core/wait_kinds.def"
#undef WAIT_KIND
	LOCKDAG_N_STILL
};
const char *lockdag_wait_kind_word(enum lockdag_wait_kind kind); /* "mutex" */

enum lockdag_wait_family {
	LOCKDAG_FAMILY_LIVE,
	LOCKDAG_FAMILY_LOCK,
	LOCKDAG_FAMILY_END,
	LOCKDAG_FAMILY_STREAM,
	LOCKDAG_FAMILY_EVENT,
	LOCKDAG_FAMILY_OUTSIDE,
};
enum lockdag_wait_family lockdag_wait_family(enum lockdag_wait_kind kind);

enum lockdag_verdict {
#define VERDICT(upper, word, meaning) LOCKDAG_VERDICT_##upper,
#include "core/verdicts.def"
#undef VERDICT
	LOCKDAG_N_VERDICTS
};
const char *lockdag_verdict_word(enum lockdag_verdict verdict); /* "deadlock" */

struct lockdag_still_process {
	int pid;
	const char *name;    /* its program, "bank"; or NULL */
	const char *runtime; /* "CPython", "Java", "Go" and so on; or NULL */
	bool whole;	     /* all of its threads are rows, read at one moment */
};

/* What is waited for: a lock, a pipe, a file. */
struct lockdag_still_lock {
	uint32_t process;
	uint64_t address; /* of a lock in memory; 0: it is none */
	const char *type; /* "mutex", "GMutex", "pipe": static or copied; never NULL */
	const char *name; /* "cache_lock", "pipe:[4711]"; never NULL */
	const char *where;  /* where it is declared, or NULL */
	const char *detail; /* "2 readers", "recursive, count 2"; or NULL */
	uint32_t owner;	    /* thread, or LOCKDAG_NONE */
	int owner_tid;	    /* as it is written in the lock; 0: none is */
	uint32_t readers;   /* how many hold it for reading */
};

/* Somebody who can end a wait. */
enum lockdag_rescuer_who {
	LOCKDAG_RESCUER_THREAD,	 /* thread `index` */
	LOCKDAG_RESCUER_PROCESS, /* any thread of process `index` */
	LOCKDAG_RESCUER_OUTSIDE, /* somebody who is no row */
	LOCKDAG_RESCUER_HANDLER, /* a handler of a signal of the process */
	LOCKDAG_RESCUER_GONE,	 /* he is no more: never comes */
};

struct lockdag_rescuer {
	enum lockdag_rescuer_who who;
	uint32_t index;
	bool exact;	   /* named by memory or kernel, not left over when all others were */
	const char *words; /* for OUTSIDE and GONE: who that is; or NULL */
	int tid;	   /* of GONE and OUTSIDE, where known; else 0 */
};

/* A lock that a thread is known to hold. */
struct lockdag_still_held {
	uint32_t thread, lock;
	enum lockdag_mode mode;
	const char *where; /* where it was taken ("bank.c:12 move()"), or NULL */
};

struct lockdag_still_thread {
	uint32_t process;
	int tid;
	const char *name; /* or NULL */
	char state;	  /* as /proc has it: R, S, D, T, t, Z */
	int64_t since_ms; /* off the processor for so long; -1: not known */
	enum lockdag_wait_kind kind;
	uint32_t lock; /* or LOCKDAG_NONE */
	enum lockdag_mode mode;
	uint32_t joins;	  /* a join: the thread; or LOCKDAG_NONE */
	const char *what; /* what %L is where there is no lock ("futex at 0x...", "process 12"), or NULL */
	const char *note; /* more about the wait ("wakers seen: worker (12)"), or NULL */
	bool timed;	  /* ends by itself */
	bool sure;	  /* read twice, or while it could not move */
	bool all;	  /* the wait ends when all rescuers have acted, not any */
	uint32_t rescuers, n_rescuers; /* in still->rescuers */
	size_t n_frames;
	const struct lockdag_frame *frames; /* innermost first */
	size_t n_hidden; /* of them, innermost: frames of the C library and of lockdag itself */
	bool stuck;	 /* set by judge: nobody can end its wait */
};

/* One step of a circle: thread waits; what the next one has to do ends it. */
struct lockdag_still_step {
	uint32_t thread;
	uint32_t rescuer; /* in still->rescuers */
};

struct lockdag_still_cycle {
	size_t n;
	struct lockdag_still_step *steps; /* step i waits for the thread of step i + 1 */
	bool events_only; /* no lock, file or end of a thread named by memory is in it */
};

struct lockdag_standstill {
	const char *target; /* what was looked at: "4711", "core"; or NULL */
	bool core;	    /* a core file: nothing runs */
	LOCKDAG_VEC(struct lockdag_still_process) processes;
	LOCKDAG_VEC(struct lockdag_still_thread) threads;
	LOCKDAG_VEC(struct lockdag_still_lock) locks;
	LOCKDAG_VEC(struct lockdag_rescuer) rescuers;
	LOCKDAG_VEC(struct lockdag_still_held) held;
	LOCKDAG_VEC(const char *) notes; /* what could not be read, one sentence each */
	/* What lockdag_standstill_judge() found. */
	LOCKDAG_VEC(struct lockdag_still_cycle) cycles;
	enum lockdag_verdict verdict;
	const char *sentence;
	struct lockdag_arena *arena;
};

int lockdag_standstill_new(struct lockdag_standstill **ret);
void lockdag_standstill_free(struct lockdag_standstill *s); /* NULL is fine */

/* A copy of text that lives as long as s; NULL when memory is out or text is NULL. */
const char *lockdag_standstill_text(struct lockdag_standstill *s, const char *text);
LOCKDAG_PRINTF(2, 3)
const char *lockdag_standstill_textf(struct lockdag_standstill *s, const char *fmt, ...);

/* Adds a rescuer to the wait of the thread that was added last (strings are not copied). */
int lockdag_standstill_add_rescuer(struct lockdag_standstill *s, struct lockdag_still_thread *t,
	const struct lockdag_rescuer *rescuer);
/* Copies the frames and their strings into the row. */
int lockdag_standstill_describe(struct lockdag_standstill *s, struct lockdag_still_thread *t,
	const struct lockdag_frame *frames, size_t n);

/* Sets stuck, cycles, verdict and sentence. References out of range are taken as "not known". May be
 * called again after rows were changed. */
int lockdag_standstill_judge(struct lockdag_standstill *s);

/* "worker (12)"; "thread 12" without a name; with the pid when there are several processes. */
void lockdag_standstill_thread_name(
	const struct lockdag_standstill *s, uint32_t thread, char *buffer, size_t size);
/* "waits for cache_lock": what the thread does, by the phrases of wait_kinds.def. */
void lockdag_standstill_doing(
	const struct lockdag_standstill *s, uint32_t thread, char *buffer, size_t size);

#endif
