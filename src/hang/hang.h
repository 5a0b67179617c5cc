/* SPDX-License-Identifier: MIT
 *
 * hang: processes that are there, or a core file, to who waits for whom. The door of the room. No
 * preload and no debug information is needed: a blocked thread's system call gives the address of
 * a futex or a descriptor, the lock itself its owner, /proc who has the other end (RUNTIME.md
 * section 6 has the facts). x86-64 Linux; glibc's locks by their layout, others as futexes.
 *
 * Live threads are stopped (PTRACE_SEIZE, PTRACE_INTERRUPT) all at once while stacks and locks are
 * read, so that what is said was true at one moment; without stopping, a thread counts as asleep
 * when two looks at it are equal and the kernel has not switched to it in between.
 *
 * Functions return 0 or a negative errno, with a message for people in *error. Blocks while
 * processes are stopped; the caller should not be interrupted by signals with handlers that wait
 * for children. Not thread safe.
 */
#ifndef LOCKDAG_HANG_H
#define LOCKDAG_HANG_H

#include "base/base.h"
#include "core/core.h"
#include "symbols/symbols.h"

struct lockdag_hang_error {
	char message[512];
};

/* What somebody else knows of the threads (a session): thread `tid` of `pid` holds the lock at
 * `address`; or has discharged the event there before (waker). */
struct lockdag_hang_fact {
	int pid, tid;
	uint64_t address;
	bool waker;
	enum lockdag_mode mode;
	uint64_t ip; /* where it was taken: the call's return address; 0: not known */
};

struct lockdag_hang_options {
	bool no_stop;	  /* never stop a thread: stacks as far as they go without */
	bool tree;	  /* all descendants of the processes, too */
	bool alone;	  /* nobody but these: not those that they wait for */
	const char *exe;  /* of a core: the program; NULL: as the core says */
	/* Or NULL. Servers are asked while no thread is stopped; then everything is looked at once
	 * more. */
	const struct lockdag_symbols_options *symbols;
	size_t n_facts;
	const struct lockdag_hang_fact *facts;
};

/* Looks at the processes. options may be NULL. */
int lockdag_hang_look(const int *pids, size_t n, const struct lockdag_hang_options *options,
	struct lockdag_standstill **ret, struct lockdag_hang_error *error);

/* Looks at a core file. */
int lockdag_hang_core(const char *path, const struct lockdag_hang_options *options,
	struct lockdag_standstill **ret, struct lockdag_hang_error *error);

#endif
