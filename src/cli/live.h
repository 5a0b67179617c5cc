/* SPDX-License-Identifier: MIT
 *
 * A deadlock that is there now: threads whose waits for locks close a circle, seen twice without
 * having run in between.
 */
#ifndef LOCKDAG_CLI_LIVE_H
#define LOCKDAG_CLI_LIVE_H

#include "cli/source.h"

#define CLI_LIVE_MS 100        /* two looks are at least this far apart */
#define CLI_LIVE_SPIN_LOOKS 10 /* so many equal looks stand for a sleep that cannot be seen */

/* A thread that was in a circle at the last look. */
struct cli_suspect {
	uint32_t thread;
	uint64_t signature; /* of its wait and what it holds */
	uint64_t switches;  /* how often it was put on or off a processor */
	int64_t since;      /* ms, when it was first seen so */
	unsigned looks;
	bool asleep, in_circle;
};

struct cli_live {
	LOCKDAG_VEC(struct cli_suspect) suspects;
};

/* Looks once, at `now` (ms, monotonic). Threads of circles that are certain are added to
 * source->blocked. Returns how many threads were added, or a negative errno; *ret_pid: a process
 * they belong to. */
int cli_live_look(struct cli_live *live, struct cli_source *source, int64_t now, int *ret_pid);
/* Takes what a look has seen of a thread into account, once in a look. 1: it has slept since the
 * last look, at least CLI_LIVE_MS ago, in one and the same wait; 0: not known to; or -ENOMEM. */
int cli_live_update(struct cli_live *live, uint32_t thread, int pid,
	const struct lockdag_session_live *state, int64_t now);
/* Adds the thread as it is now to source->blocked. 1, 0: it was there or has gone, or -ENOMEM. */
int cli_live_keep(struct cli_source *source, uint32_t thread);

/* Is there a circle that was seen once only? */
bool cli_live_is_open(const struct cli_live *live);
/* A look at what ended processes have left, which does not change any more: once is enough. */
int cli_live_last_look(struct cli_source *source);
void cli_live_done(struct cli_live *live);

#endif
