/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cli/cli.h"
#include "cli/judge.h"
#include "cli/load.h"
#include "cli/progress.h"

#define JUDGE_LOOK_MS 100 /* between two looks */
#define JUDGE_LONGEST_MS 5000
#define JUDGE_REST 8 /* times the length of a look until the next: the judge takes 1/9 of a CPU */

static int64_t judge_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* ------------------------------------------------------------------ reports while it runs */

/* True when a finding is new, or stronger than when it was shown. */
static bool judge_is_news(struct cli_judge *j, const struct lockdag_finding *finding)
{
	struct cli_shown *shown;

	if (finding->grade <= LOCKDAG_UNLIKELY)
		return false;
	for (size_t i = 0; i < j->shown.n; i++) {
		shown = &j->shown.items[i];
		if (shown->id != finding->id)
			continue;
		if (shown->grade >= finding->grade)
			return false;
		shown->grade = finding->grade;
		return true;
	}
	shown = lockdag_vec_push(&j->shown);
	if (shown)
		*shown = (struct cli_shown){finding->id, finding->grade};
	return true;
}

static void judge_rewrite(struct cli_judge *j, const struct cli_analysis *analysis)
{
	struct cli_facts facts;

	j->out.silent = !j->out.rewritten;
	if (cli_facts_gather(&facts, &j->source, 1, analysis, 0) == 0 &&
		cli_facts_note(&facts, "the program was still running") == 0)
		cli_output_report(
			&j->out, j->settings, analysis->model, analysis->findings, &facts.facts);
	j->out.silent = false;
	cli_facts_done(&facts);
}

/* One that the session itself shows. */
static bool judge_is_deadlock(const struct lockdag_finding *finding)
{
	return finding->grade == LOCKDAG_HAPPENED &&
	       (finding->kind == LOCKDAG_FINDING_CYCLE ||
		       (finding->kind == LOCKDAG_FINDING_MISUSE &&
			       finding->rule == LOCKDAG_MISUSE_RELOCK));
}

/* What was seen from outside is a finding where the session has none of the same. */
static int judge_add_hang(struct cli_judge *j, struct lockdag_findings *findings)
{
	for (size_t i = 0; i < findings->n; i++)
		if (judge_is_deadlock(&findings->items[i]) && j->hang.standstill &&
			j->hang.standstill->verdict == LOCKDAG_VERDICT_DEADLOCK)
			return 0;
	return j->hang.standstill ? lockdag_findings_add_hang(findings, j->hang.standstill) : 0;
}

static void judge_show(struct cli_judge *j, const struct cli_analysis *analysis)
{
	bool news = false;

	for (size_t i = 0; i < analysis->findings->n; i++) {
		const struct lockdag_finding *finding = &analysis->findings->items[i];

		if (!judge_is_news(j, finding))
			continue;
		news = true;
		if (!j->out.rewritten)
			cli_output_finding(&j->out, j->settings, analysis->model, finding);
		j->deadlocked = j->deadlocked || judge_is_deadlock(finding);
		if ((finding->kind == LOCKDAG_FINDING_CYCLE ||
			    (finding->standstill && finding->standstill->verdict ==
							    LOCKDAG_VERDICT_DEADLOCK)) &&
			finding->grade == LOCKDAG_HAPPENED && !j->settings->quiet &&
			(j->out.is_file || !(lockdag_format_traits(j->settings->format) &
						   LOCKDAG_FORMAT_LIVE)))
			cli_say("the program is deadlocked: %s", finding->title);
	}
	if (news && (j->out.rewritten || j->out.more.n))
		judge_rewrite(j, analysis);
}

static void judge_analyse(struct cli_judge *j)
{
	struct cli_analysis analysis;

	if (j->settings->no_live || cli_analyse(&j->analyst, &analysis) < 0)
		return; /* the end will say what is wrong */
	if (judge_add_hang(j, analysis.findings) == 0)
		judge_show(j, &analysis);
	cli_analysis_done(&analysis);
}

static void judge_act(struct cli_judge *j, int pid)
{
	if (pid <= 0 || j->settings->on_deadlock == CLI_DEADLOCK_REPORT)
		return;
	j->ended_program = true;
	/* A circle through several processes is over only when all of them are. */
	cli_hang_watch_end_others(j->child.pid, pid,
		j->settings->on_deadlock == CLI_DEADLOCK_ABORT ? SIGABRT : SIGKILL);
	kill(pid, j->settings->on_deadlock == CLI_DEADLOCK_ABORT ? SIGABRT : SIGKILL);
}

/* ------------------------------------------------------------------ looking */

static void judge_look(struct cli_judge *j)
{
	uint64_t generation = lockdag_session_generation(j->source.session);
	bool news = generation != j->generation;
	int blocked = 0, pid = 0;

	if (!j->has_edges && news)
		j->has_edges = cli_load_has_edges(j->source.session);
	if (j->has_edges)
		blocked = cli_live_look(&j->live, &j->source, judge_now(), &pid);
	/* A circle that may be a deadlock: the next look knows, and says it at once. */
	if (j->has_edges && blocked == 0 && cli_live_is_open(&j->live))
		return;
	j->generation = generation;
	if (!j->has_edges)
		return;
	if (news || blocked > 0)
		judge_analyse(j);
	if (blocked > 0)
		judge_act(j, pid);
}

/* From outside: what the session cannot know, and the limits of time. */
static void judge_look_outside(struct cli_judge *j)
{
	bool fired = j->hang.fired;

	j->hang.session = j->source.session;

	if (!cli_hang_watch_look(
		    &j->hang, j->settings, j->child.pid, j->deadlocked, judge_now())) {
		if (j->hang.fired && !fired)
			cli_hang_watch_act(&j->hang, j->settings, j->child.pid);
		return;
	}
	if (j->hang.fired && !j->settings->quiet)
		cli_say("%s", j->hang.why);
	judge_analyse(j);
	if (j->hang.fired)
		cli_hang_watch_act(&j->hang, j->settings, j->child.pid);
	else if (j->settings->on_deadlock != CLI_DEADLOCK_REPORT) {
		j->ended_program = true;
		cli_hang_watch_end_circle(&j->hang,
			j->settings->on_deadlock == CLI_DEADLOCK_ABORT ? SIGABRT : SIGKILL);
	}
}

void cli_judge_watch(struct cli_judge *j)
{
	struct pollfd signals = {.fd = j->child.signals, .events = POLLIN};
	int64_t next = judge_now() + JUDGE_LOOK_MS;

	while (!j->child.ended) {
		int64_t now = judge_now(), rest;

		if (now < next) {
			if (poll(&signals, 1, (int)(next - now)) > 0)
				cli_child_signals(&j->child);
			continue;
		}
		judge_look(j);
		judge_look_outside(j);
		rest = (judge_now() - now) * JUDGE_REST;
		if (rest < JUDGE_LOOK_MS)
			rest = JUDGE_LOOK_MS;
		next = judge_now() + (rest < JUDGE_LONGEST_MS ? rest : JUDGE_LONGEST_MS);
		if (poll(&signals, 1, 0) > 0)
			cli_child_signals(&j->child);
	}
}

/* ------------------------------------------------------------------ the end */

static bool judge_found(const struct cli_judge *j, const struct lockdag_findings *f)
{
	for (size_t i = 0; i < f->n; i++)
		if (f->items[i].grade > LOCKDAG_UNLIKELY || j->settings->show_unlikely)
			return true;
	return false;
}

/* What went to the same place while the program ran need not be read twice. */
static void judge_tell_apart(struct cli_judge *j, const struct lockdag_findings *f)
{
	for (size_t i = 0; i < f->n && !j->out.rewritten; i++)
		for (size_t k = 0; k < j->shown.n; k++) {
			const struct cli_shown *shown = &j->shown.items[k];
			uint64_t *told;

			if (shown->id != f->items[i].id || shown->grade != f->items[i].grade)
				continue;
			told = lockdag_vec_push(&j->out.told);
			if (told)
				*told = shown->id;
		}
}

static int judge_report(struct cli_judge *j, const struct cli_analysis *analysis)
{
	struct cli_facts facts;
	int r = cli_facts_gather(&facts, &j->source, 1, analysis, j->child.pid);

	if (r == 0 && j->asan)
		r = cli_facts_note(&facts, "the program is built with AddressSanitizer: "
					   "verify_asan_link_order=0 was added "
					   "to ASAN_OPTIONS");
	if (r == 0 && j->ended_program)
		r = cli_facts_note(&facts,
			"the program was deadlocked and was ended by lockdag (%s)",
			j->settings->on_deadlock == CLI_DEADLOCK_ABORT ? "SIGABRT" : "SIGKILL");
	if (r == 0 && j->hang.why)
		r = cli_facts_note(&facts, "%s%s", j->hang.why,
			j->hang.ended ? "; lockdag has ended it" : "");
	judge_tell_apart(j, analysis->findings);
	j->out.silent = !j->out.is_file && j->settings->quiet && !judge_found(j, analysis->findings);
	j->out.graph = analysis->graph;
	if (r == 0)
		r = cli_output_report(
			&j->out, j->settings, analysis->model, analysis->findings, &facts.facts);
	j->out.graph = NULL;
	cli_facts_done(&facts);
	return r;
}

static int judge_keep(struct cli_judge *j)
{
	char path[4096];
	int r;

	if (!j->settings->keep)
		return 0;
	snprintf(path, sizeof(path), "%s/%s-%d.lockdag", j->settings->keep, j->source.label,
		(int)j->child.pid);
	r = lockdag_session_save(j->source.session, path);
	return r < 0 ? cli_fail("%s: cannot keep the session: %s", path, strerror(-r)) : 0;
}

int cli_judge_end(struct cli_judge *j)
{
	struct cli_analysis analysis;
	int status = judge_keep(j), r = cli_live_last_look(&j->source);
	bool fails;

	j->source.over = true;

	j->analyst.graph = cli_output_wants(j->settings, LOCKDAG_FORMAT_GRAPH);
	cli_progress_begin();
	if (r >= 0)
		r = cli_analyse(&j->analyst, &analysis);
	cli_progress_end();
	if (r < 0)
		return cli_fail("cannot judge what was recorded: %s", strerror(-r));
	r = judge_add_hang(j, analysis.findings);
	if (r == 0)
		r = judge_report(j, &analysis);
	fails = cli_output_fails(j->settings, analysis.findings);
	cli_analysis_done(&analysis);
	if (r == 0)
		r = cli_output_close(&j->out);
	if (r < 0 && (j->out.is_file || j->settings->reports.n)) /* a reader of stderr that went away is nobody to tell */
		status = cli_fail("cannot write the report: %s", strerror(-r));
	if (status)
		return status;
	/* A ^C has to stay one: the caller's shell stops its script by it. */
	if (fails && !(j->child.code != CLD_EXITED && j->child.status == SIGINT))
		return j->settings->exit_code;
	if (j->hang.ended)
		return CLI_EXIT_TIMED_OUT;
	return cli_child_end_as(&j->child);
}

void cli_judge_done(struct cli_judge *j)
{
	cli_output_close(&j->out);
	cli_live_done(&j->live);
	cli_hang_watch_done(&j->hang);
	cli_analyst_done(&j->analyst);
	cli_source_done(&j->source);
	lockdag_vec_clear(&j->shown);
}
