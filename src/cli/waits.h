/* SPDX-License-Identifier: MIT
 *
 * Who waits for whom, from the live state of all threads at one look.
 */
#ifndef LOCKDAG_CLI_WAITS_H
#define LOCKDAG_CLI_WAITS_H

#include "cli/source.h"

/* Which lock it is: by its address in a process, or by its key when processes share it (process is
 * LOCKDAG_NONE). */
struct cli_place {
	uint32_t process;
	uint64_t address;
	uint32_t owner; /* of a file's lock, which does not wait for itself; else 0. Not compared */
};

/* A thread that waits for a lock, without limit of time. */
struct cli_waiter {
	uint32_t thread, process;
	int32_t pid, tid;
	struct cli_place place;
	unsigned mode; /* asked */
	bool semaphore;
	bool stuck; /* waits for a waiter that is stuck */
	uint64_t signature;
	uint32_t next; /* the waiter it waits for, when stuck */
};

/* A lock held by a waiter; or, queued, a waiting writer that new readers stand behind. */
struct cli_holding {
	struct cli_place place;
	unsigned mode;
	bool queued;
	uint32_t waiter;
};

struct cli_waits {
	LOCKDAG_VEC(struct cli_waiter) waiters;
	LOCKDAG_VEC(struct cli_holding) holdings;
};

/* Reads the live state; dead_only: of processes that have ended. 0 or -ENOMEM; cli_waits_done() in
 * any case. */
int cli_waits_read(struct cli_waits *waits, const struct cli_source *source, bool dead_only);
void cli_waits_done(struct cli_waits *waits);

/* Of what a thread waits for and holds: equal as long as that does not change. */
uint64_t cli_waits_signature(const struct lockdag_session_live *live);

/* Marks the waiters that are stuck and sets their `next`: each walk along next ends in a circle. */
void cli_waits_solve(struct cli_waits *waits);

#endif
