/* SPDX-License-Identifier: MIT
 *
 * The program's processes seen from outside while they run: a deadlock that the session cannot
 * know (pipes, files, other processes), and the limits --hang-timeout and --stall.
 */
#ifndef LOCKDAG_CLI_HANG_WATCH_H
#define LOCKDAG_CLI_HANG_WATCH_H

#include "cli/options.h"
#include "hang/hang.h"

#define CLI_HANG_MAX_PIDS 1024

struct cli_hang_watch {
	int64_t start, moved, looked; /* ms; moved: when a thread last did something */
	uint64_t progress;	      /* what all threads have done so far, as one number */
	bool quiet_seen;	      /* it was looked at since it last moved */
	int64_t rest;		      /* no such look before this time */
	bool fired;		      /* a limit was reached */
	bool ended;		      /* and the program was ended for it */
	const char *why;	      /* which limit; NULL: none */
	const struct lockdag_session *session; /* what it knows is told too */
	const struct lockdag_symbols_options *symbols;
	struct lockdag_standstill *standstill; /* what was found; NULL: nothing */
};

void cli_hang_watch_done(struct cli_hang_watch *w);

/* Looks when it is time. known: the session has a deadlock of its own, and there is no need to look
 * for one. True when w->standstill is news. */
bool cli_hang_watch_look(struct cli_hang_watch *w, const struct cli_settings *settings, int pid,
	bool known, int64_t now);

/* By --on-hang, after a limit. */
void cli_hang_watch_act(struct cli_hang_watch *w, const struct cli_settings *settings, int pid);
/* Looks for a circle among the processes of the tree of root that goes through process pid, and sends
 * signal to the others in it. */
void cli_hang_watch_end_others(int root, int pid, int signal);
/* Ends those in the circle with signal. */
void cli_hang_watch_end_circle(const struct cli_hang_watch *w, int signal);

#endif
