/* SPDX-License-Identifier: MIT
 *
 * The program as a child: started as its caller would have, its signals passed on, its end taken
 * over. While it runs, this process has all signals blocked and reads them from a descriptor.
 */
#ifndef LOCKDAG_CLI_SPAWN_H
#define LOCKDAG_CLI_SPAWN_H

#include <signal.h>
#include <sys/types.h>

#include "base/base.h"

struct cli_child {
	pid_t pid;
	int signals; /* signalfd */
	bool ended;
	int code;                  /* CLD_EXITED, CLD_KILLED, CLD_DUMPED */
	int status;                /* exit code or signal */
	sigset_t mask;             /* as it was */
	struct sigaction on_child; /* as it was */
};

struct cli_spawn {
	const char *path;
	char **argv;
	const char *guest;
	int session_fd;
	bool asan;
};

/* 0; or exit status 125, 126 or 127 after a message. */
int cli_child_start(const struct cli_spawn *spawn, struct cli_child *ret);

/* Handles what is pending on child->signals: stops, ends, signals to pass on. Stops this process
 * when the child was stopped and returns when it was continued. */
void cli_child_signals(struct cli_child *child);

/* What a caller of the program itself would have seen: returns its exit code, or ends this process
 * by the signal that ended the program. */
int cli_child_end_as(const struct cli_child *child);

#endif
