/* SPDX-License-Identifier: MIT
 *
 * What is to be said besides the findings: sizes, notes, and what was not watched.
 */
#ifndef LOCKDAG_CLI_FACTS_H
#define LOCKDAG_CLI_FACTS_H

#include "cli/analyse.h"
#include "report/report.h"

struct cli_facts {
	struct lockdag_report_facts facts; /* points into the rest */
	LOCKDAG_VEC(char *) notes;
	LOCKDAG_VEC(char *) not_watched;
};

/* main_pid: the program that has just ended, or 0. 0 or -ENOMEM; cli_facts_done() in any case. */
int cli_facts_gather(struct cli_facts *f, const struct cli_source *sources, size_t n,
	const struct cli_analysis *analysis, int main_pid);
LOCKDAG_PRINTF(2, 3) int cli_facts_note(struct cli_facts *f, const char *fmt, ...);
void cli_facts_done(struct cli_facts *f);

/* (suspect.c) Notes conditions whose wake-ups may be lost. 0 or -ENOMEM. */
int cli_facts_suspect(struct cli_facts *f, const struct lockdag_model *m);

#endif
