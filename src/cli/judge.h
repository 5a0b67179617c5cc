/* SPDX-License-Identifier: MIT
 *
 * The judge: watches a session grow while the program runs.
 */
#ifndef LOCKDAG_CLI_JUDGE_H
#define LOCKDAG_CLI_JUDGE_H

#include "cli/analyse.h"
#include "cli/facts.h"
#include "cli/hang_watch.h"
#include "cli/live.h"
#include "cli/output.h"
#include "cli/spawn.h"

/* A finding that was reported already, with the grade it had. */
struct cli_shown {
	uint64_t id;
	enum lockdag_grade grade;
};

struct cli_judge {
	const struct cli_settings *settings;
	struct cli_source source;
	struct cli_analyst analyst;
	struct cli_child child;
	struct cli_live live;
	struct cli_output out;
	LOCKDAG_VEC(struct cli_shown) shown;
	struct cli_hang_watch hang;
	bool deadlocked;     /* the session has one that happened */
	uint64_t generation; /* of the session at the last look */
	bool has_edges;
	bool ended_program; /* --on-deadlock did */
	bool asan;          /* the program's link order check was switched off */
};

/* Until the child has ended. */
void cli_judge_watch(struct cli_judge *j);
/* The report at the end. Returns the exit status, or ends as the program did. */
int cli_judge_end(struct cli_judge *j);
void cli_judge_done(struct cli_judge *j);

#endif
