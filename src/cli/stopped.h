/* SPDX-License-Identifier: MIT
 *
 * A process that has come to a stop: all its threads wait for each other's locks, signals and ends,
 * and nothing from outside can reach them. Who would have signalled an event need not be known then:
 * whoever it is, it is one of those.
 */
#ifndef LOCKDAG_CLI_STOPPED_H
#define LOCKDAG_CLI_STOPPED_H

#include "cli/live.h"

/* Looks once, as cli_live_look(). Threads of a stopped process are added to source->blocked, their
 * process to source->stopped. Returns how many threads were added, or a negative errno. */
int cli_stopped_look(struct cli_live *live, struct cli_source *source, int64_t now, int *ret_pid);

/* Has the process a handler for some signal, which may end a wait? Also when that cannot be told. */
bool cli_stopped_has_handlers(int pid);

#endif
