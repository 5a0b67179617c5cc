/* SPDX-License-Identifier: MIT */
#include "report/render.h"

#include <inttypes.h>
#include <stdlib.h>

#define SUMMARY_MAX_UNUSED 5 /* suppressions that are named */

/* "1 thing", "2 things". */
static void summary_count(struct lockdag_text *t, uint64_t n, const char *thing, const char *many)
{
	lockdag_text_addf(t, "%" PRIu64 " %s%s", n, thing, n == 1 ? "" : many);
}

/* "2 possible deadlocks", "1 deadlock that happened", "3 possible lock misuses". */
static void summary_findings(
	struct lockdag_text *t, size_t n, enum lockdag_finding_kind kind, enum lockdag_grade grade)
{
	static const char *const things[] = {
		[LOCKDAG_FINDING_CYCLE] = "deadlock",
		[LOCKDAG_FINDING_MISUSE] = "lock misuse",
		[LOCKDAG_FINDING_HANG] = "hang",
	};
	const char *thing = (size_t)kind < LOCKDAG_ARRAY_SIZE(things) ? things[kind] : "finding";

	if (grade == LOCKDAG_HAPPENED) {
		summary_count(t, n, thing, "s");
		lockdag_text_add(t, " that happened");
		return;
	}
	lockdag_text_addf(t, "%zu %s %s%s", n, lockdag_grade_word(grade), thing, n == 1 ? "" : "s");
}

/* Strongest grade first. Returns how many findings there are that were not ruled out. */
static size_t summary_grades(struct lockdag_text *t, const struct lockdag_findings *f)
{
	size_t all = 0;

	for (int grade = LOCKDAG_N_GRADES - 1; grade > LOCKDAG_UNLIKELY; grade--) {
		for (int kind = LOCKDAG_FINDING_CYCLE; kind <= LOCKDAG_FINDING_HANG; kind++) {
			size_t n = 0;

			for (size_t i = 0; i < f->n; i++)
				n += (int)f->items[i].grade == grade &&
				     (int)f->items[i].kind == kind;
			if (!n)
				continue;
			lockdag_text_add(t, all ? ", " : " ");
			summary_findings(
				t, n, (enum lockdag_finding_kind)kind, (enum lockdag_grade)grade);
			all += n;
		}
	}
	return all;
}

/* "; 3 cycles ruled out (1 behind a gate lock, 2 taken by one thread only)" */
static void summary_ruled_out(struct lockdag_text *t, const struct lockdag_findings *f)
{
	const char *before = " (";
	size_t all = 0;

	for (int i = 0; i < LOCKDAG_N_RULED; i++)
		all += f->hidden[i];
	if (!all)
		return;
	lockdag_text_add(t, "; ");
	summary_count(t, all, "cycle", "s");
	lockdag_text_add(t, " ruled out");
	for (int i = 0; i < LOCKDAG_N_RULED; i++) {
		if (!f->hidden[i])
			continue;
		lockdag_text_addf(t, "%s%zu %s", before, f->hidden[i],
			lockdag_ruled_meaning((enum lockdag_ruled)i));
		before = ", ";
	}
	lockdag_text_add(t, ")");
}

static void summary_watched(struct lockdag_text *t, const struct lockdag_report_facts *facts)
{
	lockdag_text_add(t, "  ");
	if (facts->command) {
		report_escape(t, facts->command);
		lockdag_text_add(t, ": ");
	}
	summary_count(t, facts->processes, "process", "es");
	lockdag_text_add(t, ", ");
	summary_count(t, facts->threads, "thread", "s");
	lockdag_text_add(t, ", ");
	summary_count(t, facts->locks, "lock", "s");
	lockdag_text_add(t, " in ");
	summary_count(t, facts->classes, "class", "es");
	lockdag_text_add(t, ", ");
	summary_count(t, facts->edges, "edge", "s");
	lockdag_text_add(t, "\n");
}

size_t report_n_suppressed(const struct lockdag_report_facts *facts)
{
	size_t n = 0;

	for (size_t i = 0; facts && i < facts->n_suppressions; i++)
		n += facts->suppressions[i].n;
	return n;
}

/* How many suppressions were of use, and which were of none. */
static void summary_suppressions(struct report *r, const struct lockdag_report_facts *facts)
{
	size_t unused = 0, told = 0;
	struct lockdag_text t = {0};
	char *words;

	for (size_t i = 0; i < facts->n_suppressions; i++)
		unused += facts->suppressions[i].n == 0;
	lockdag_text_addf(&t, "%zu of %zu suppressions used", facts->n_suppressions - unused,
		facts->n_suppressions);
	for (size_t i = 0; i < facts->n_suppressions && told < SUMMARY_MAX_UNUSED; i++) {
		const struct lockdag_report_suppression *x = &facts->suppressions[i];

		if (x->n)
			continue;
		lockdag_text_addf(&t, "%s%s (%s:%u)", told++ ? ", " : "; not used: ", x->name, x->file,
			x->line);
	}
	if (unused > told)
		lockdag_text_addf(&t, " and %zu more", unused - told);
	words = lockdag_text_take(&t);
	if (words)
		report_wrap(r, "note: ", words);
	else
		r->out->failed = true;
	free(words);
}

void report_summary(struct report *r, const struct lockdag_findings *f,
	const struct lockdag_report_facts *facts)
{
	struct lockdag_text *t = r->out;
	size_t suppressed = report_n_suppressed(facts), n;

	lockdag_text_add(t, "lockdag:");
	n = summary_grades(t, f);
	if (!n) {
		lockdag_text_add(t, suppressed ? " nothing else found in "
					       : " no lock-order cycle found in ");
		summary_count(t, facts ? facts->locks : r->m->locks.n, "lock", "s");
		lockdag_text_add(t, ", ");
		summary_count(t, facts ? facts->edges : f->n_edges, "edge", "s");
	}
	if (suppressed)
		lockdag_text_addf(t, "; %zu suppressed", suppressed);
	summary_ruled_out(t, f);
	lockdag_text_add(t, "\n");
	if (n && facts)
		summary_watched(t, facts);
}

void report_notes(struct report *r, const struct lockdag_findings *f,
	const struct lockdag_report_facts *facts)
{
	size_t n = facts ? facts->n_notes + facts->n_not_watched + facts->n_suppressions : 0;

	if (n || f->bounded)
		lockdag_text_add(r->out, "\n");
	if (f->bounded)
		report_wrap(r, "note: ", REPORT_BOUNDED);
	if (facts && facts->n_suppressions)
		summary_suppressions(r, facts);
	for (size_t i = 0; facts && i < facts->n_notes; i++)
		report_wrap(r, "note: ", facts->notes[i]);
	for (size_t i = 0; facts && i < facts->n_not_watched; i++)
		report_wrap(r, "not watched: ", facts->not_watched[i]);
}
