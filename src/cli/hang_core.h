/* SPDX-License-Identifier: MIT
 *
 * What was seen live, kept beside the core files of processes that are ended with one: CORE.hang is
 * the text report. A core has no descriptors, children and other processes.
 */
#ifndef LOCKDAG_CLI_HANG_CORE_H
#define LOCKDAG_CLI_HANG_CORE_H

#include <time.h>

#include "base/base.h"
#include "base/vec.h"
#include "core/core.h"

struct cli_hang_cores {
	struct timespec begin;
	LOCKDAG_VEC(char *) paths; /* where the kernel will put them */
};

/* While the processes live: where will their cores be (kernel.core_pattern)? Those of which that
 * cannot be said are left out. */
void cli_hang_cores_begin(struct cli_hang_cores *c, const int *pids, size_t n);
/* When they have ended: writes the report beside each core that has been made, and says so. */
void cli_hang_cores_end(struct cli_hang_cores *c, const struct lockdag_standstill *s);

/* Does the kernel write a core of the process just now? */
bool cli_hang_is_dumping(int pid);

/* The name of the core file of a process by a pattern of core(5); false: it is piped, or cannot be
 * known before. comm: the process's name; host: the machine's. */
struct cli_hang_core_facts {
	int pid;
	unsigned uid, gid;
	bool uses_pid;
	const char *comm, *host, *cwd;
};
bool cli_hang_core_name(const char *pattern, const struct cli_hang_core_facts *facts, char *buffer,
	size_t size);

/* What CORE.hang says, into a standstill of the core: a note, and its verdict where that is stronger.
 * Nothing when there is no such file, or it is about another process. */
int cli_hang_core_seen(const char *core, struct lockdag_standstill *s);

#endif
