/* SPDX-License-Identifier: MIT
 *
 * What the program's environment gets besides what it had.
 */
#ifndef LOCKDAG_CLI_ENVIRONMENT_H
#define LOCKDAG_CLI_ENVIRONMENT_H

#include "base/base.h"

/* Finds liblockdag-guest.so and puts its path into buffer. 0 or 125 after a message. */
int cli_guest_find(char *buffer, size_t size);

/* In the child, before exec: LD_PRELOAD, LOCKDAG_SESSION, ASAN_OPTIONS. 0 or a negative errno. */
int cli_environment_set(const char *guest, int session_fd, int judge_pid, bool asan);

#endif
