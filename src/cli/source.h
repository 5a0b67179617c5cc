/* SPDX-License-Identifier: MIT
 *
 * A session as the judge sees it: what was learnt about its rows outlives one look at it.
 */
#ifndef LOCKDAG_CLI_SOURCE_H
#define LOCKDAG_CLI_SOURCE_H

#include "base/vec.h"
#include "session/session.h"
#include "symbols/symbols.h"

/* What is known of a row; names belong to the symbols. */
struct cli_known {
	bool known;
	struct lockdag_symbols_name name;
};

/* What is known of a session's thread. */
struct cli_known_thread {
	unsigned comm_reads;
	char comm[16]; /* as the kernel has it, when that differs from the program's; or "" */
	const char *entry; /* what it runs below a library's start routine; the symbols'; or NULL */
};

/* A thread in a closed circle of waits, as it was when that was certain. */
struct cli_blocked {
	uint32_t thread; /* row in the session */
	struct lockdag_session_live *live;
};

struct cli_source {
	struct lockdag_session *session;
	const char *label;
	bool live; /* its processes may be there now */
	bool over; /* live, but they have ended, or are not waited for any more */
	LOCKDAG_VEC(struct cli_known) classes;
	LOCKDAG_VEC(struct cli_known) keys;
	LOCKDAG_VEC(struct cli_known_thread) threads;
	LOCKDAG_VEC(int) modules; /* number in symbols, or -1 */
	LOCKDAG_VEC(struct cli_blocked) blocked;
	LOCKDAG_VEC(uint32_t) stopped; /* processes none of whose threads can go on */
};

void cli_source_done(struct cli_source *source); /* closes the session too */

/* Number that symbols gave the module of row `row`; -1: none. */
int cli_source_module(struct cli_source *source, struct lockdag_symbols *symbols, uint32_t row);

/* The frame (module row and offset) of an address in a process; module 0xffff when in none. */
uint64_t cli_source_frame(const struct cli_source *source, uint32_t process, uint64_t address);

/* Was `module_process` the process itself, or one that it was forked from? */
bool cli_source_inherits(
	const struct cli_source *source, uint32_t process, uint32_t module_process);

#define CLI_SOURCE_MAX_FORKS 64 /* depth of a chain of forks that is followed */

/* The row of a vector of known things, made if need be. NULL: no memory. */
#define cli_source_known(v, row)                                                                   \
	(cli_source_grow((void **)&(v)->items, &(v)->n, &(v)->cap, sizeof(*(v)->items), row)       \
			? &(v)->items[row]                                                         \
			: NULL)
bool cli_source_grow(void **items, size_t *n, size_t *cap, size_t size, size_t row);

#endif
