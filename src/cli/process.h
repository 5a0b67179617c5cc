/* SPDX-License-Identifier: MIT */
#ifndef LOCKDAG_CLI_PROCESS_H
#define LOCKDAG_CLI_PROCESS_H

#include "base/base.h"

/* The letter of /proc/PID/stat ('R', 'S', 'T', 'Z' ...); 0: there is no such process. */
char cli_process_state(int pid);

/* Is it there, and not just waiting to be collected? */
bool cli_process_is_running(int pid);

#endif
