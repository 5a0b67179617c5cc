/* SPDX-License-Identifier: MIT */
#include "cli/hang_watch.h"

#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "base/hash.h"
#include "cli/cli.h"
#include "cli/hang_core.h"
#include "cli/hang_session.h"
#include "cli/process.h"

#define WATCH_EVERY_MS 250 /* between two sums of progress */
#define WATCH_QUIET_MS 500 /* nothing moved for so long: worth a look */
#define WATCH_REST 20	    /* times the length of such a look until the next */
#define WATCH_GRACE_MS 2000 /* from SIGTERM to SIGKILL */

void cli_hang_watch_done(struct cli_hang_watch *w)
{
	lockdag_standstill_free(w->standstill);
	w->standstill = NULL;
}

static int64_t watch_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* ------------------------------------------------------------------ the tree */

struct watch_tree {
	size_t n;
	int pids[CLI_HANG_MAX_PIDS];
	uint64_t progress;
};

static void watch_children(struct watch_tree *tree, int pid, int tid)
{
	char path[80];
	FILE *file;
	int child;

	snprintf(path, sizeof(path), "/proc/%d/task/%d/children", pid, tid);
	file = fopen(path, "re");
	while (file && fscanf(file, "%d", &child) == 1)
		if (tree->n < CLI_HANG_MAX_PIDS)
			tree->pids[tree->n++] = child;
	if (file)
		fclose(file);
}

/* Switches of a thread: whoever does something is switched to, or runs on (then its time grows). */
static void watch_thread(struct watch_tree *tree, int pid, int tid)
{
	unsigned long long run = 0, waited = 0, slices = 0;
	char path[80];
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/task/%d/schedstat", pid, tid);
	file = fopen(path, "re");
	if (file) {
		if (fscanf(file, "%llu %llu %llu", &run, &waited, &slices) != 3)
			run = slices = 0;
		fclose(file);
	}
	tree->progress += lockdag_hash_mix(
		(uint64_t)(unsigned)tid ^ lockdag_hash_mix(run) ^ (uint64_t)slices << 20);
}

/* All descendants, and a number that changes when any of their threads does something. */
static void watch_tree(struct watch_tree *tree, int root)
{
	tree->n = 1;
	tree->pids[0] = root;
	tree->progress = 0;
	for (size_t i = 0; i < tree->n; i++) {
		struct dirent *entry;
		char path[64];
		DIR *d;

		snprintf(path, sizeof(path), "/proc/%d/task", tree->pids[i]);
		d = opendir(path);
		while (d && (entry = readdir(d))) {
			int tid = atoi(entry->d_name);

			if (tid <= 0)
				continue;
			watch_thread(tree, tree->pids[i], tid);
			watch_children(tree, tree->pids[i], tid);
		}
		if (d)
			closedir(d);
	}
}

/* ------------------------------------------------------------------ looking */

static bool watch_examine(struct cli_hang_watch *w, int pid, bool no_stop, bool deadlock_only)
{
	struct lockdag_hang_options options = {.tree = true, .no_stop = no_stop, .symbols = w->symbols};
	struct cli_hang_facts facts = {0};
	struct lockdag_standstill *s;
	struct lockdag_hang_error error;
	int r;

	if (w->session && cli_hang_facts_add(&facts, w->session) == 0) {
		options.facts = facts.facts.items;
		options.n_facts = facts.facts.n;
	}
	r = lockdag_hang_look(&pid, 1, &options, &s, &error);
	cli_hang_facts_done(&facts);

	if (r < 0) {
		if (!deadlock_only)
			cli_say("cannot look at the hung program: %s", error.message);
		return false;
	}
	if (deadlock_only && s->verdict != LOCKDAG_VERDICT_DEADLOCK) {
		lockdag_standstill_free(s);
		return false;
	}
	lockdag_standstill_free(w->standstill);
	w->standstill = s;
	return true;
}

static bool watch_limit(struct cli_hang_watch *w, const struct cli_settings *settings, int64_t now)
{
	if (w->fired)
		return false;
	if (settings->hang_timeout_ms && now - w->start >= settings->hang_timeout_ms)
		w->why = "the program has not ended in time (--hang-timeout)";
	else if (settings->stall_ms && now - w->moved >= settings->stall_ms)
		w->why = "no thread has made progress (--stall)";
	return w->why;
}

bool cli_hang_watch_look(struct cli_hang_watch *w, const struct cli_settings *settings, int pid,
	bool known, int64_t now)
{
	struct watch_tree tree;
	int64_t before;
	bool found;

	if (!w->start)
		w->start = w->moved = now;
	if (now - w->looked < WATCH_EVERY_MS)
		return false;
	w->looked = now;
	watch_tree(&tree, pid);
	if (tree.progress != w->progress) {
		w->progress = tree.progress;
		w->moved = now;
		w->quiet_seen = false;
	}
	if (watch_limit(w, settings, now)) {
		w->fired = true;
		return watch_examine(w, pid, false, false);
	}
	if (known || w->standstill || w->quiet_seen || settings->no_live ||
		now - w->moved < WATCH_QUIET_MS)
		return false;
	if (now < w->rest)
		return false;
	w->quiet_seen = true;
	before = watch_now();
	found = watch_examine(w, pid, true, true);
	w->rest = watch_now() + (watch_now() - before) * WATCH_REST;
	return found;
}

/* ------------------------------------------------------------------ ending it */

static size_t watch_signal(const struct watch_tree *tree, int signal)
{
	size_t n = 0;

	for (size_t i = 0; i < tree->n; i++)
		if (cli_process_is_running(tree->pids[i])) {
			kill(tree->pids[i], signal);
			kill(tree->pids[i], SIGCONT);
			n++;
		}
	return n;
}

/* Parents first, so that none of them starts the next thing when its child has gone. */
static void watch_end_tree(int pid, int signal)
{
	int64_t until = watch_now() + WATCH_GRACE_MS;
	struct watch_tree tree, more;

	watch_tree(&tree, pid);
	watch_signal(&tree, signal);
	while (watch_now() < until) {
		size_t left = 0;

		for (size_t i = 0; i < tree.n; i++) {
			left += cli_process_is_running(tree.pids[i]);
			if (signal == SIGABRT && cli_hang_is_dumping(tree.pids[i]))
				until = watch_now() + WATCH_GRACE_MS; /* a large one takes its time */
		}
		if (!left)
			return;
		nanosleep(&(struct timespec){.tv_nsec = 20000000}, NULL);
	}
	watch_tree(&more, pid);
	watch_signal(&more, SIGKILL);
	watch_signal(&tree, SIGKILL);
}

/* A core as large as the program may have one. */
static void watch_allow_cores(const struct watch_tree *tree)
{
	struct rlimit limit;

	for (size_t i = 0; i < tree->n; i++)
		if (prlimit(tree->pids[i], RLIMIT_CORE, NULL, &limit) == 0) {
			limit.rlim_cur = limit.rlim_max;
			prlimit(tree->pids[i], RLIMIT_CORE, &limit, NULL);
		}
}

void cli_hang_watch_act(struct cli_hang_watch *w, const struct cli_settings *settings, int pid)
{
	if (!w->fired || w->ended || settings->on_hang == CLI_HANG_REPORT)
		return;
	w->ended = true;
	if (settings->on_hang == CLI_HANG_CORE) {
		struct cli_hang_cores cores;
		struct watch_tree tree;

		watch_tree(&tree, pid);
		watch_allow_cores(&tree);
		cli_hang_cores_begin(&cores, tree.pids, tree.n);
		watch_end_tree(pid, SIGABRT);
		cli_hang_cores_end(&cores, w->standstill);
	} else {
		watch_end_tree(pid, SIGTERM);
	}
}

static void watch_end(const struct lockdag_standstill *s, const struct lockdag_still_cycle *c,
	int but, int signal)
{
	for (size_t i = 0; i < c->n; i++) {
		uint32_t process = s->threads.items[c->steps[i].thread].process;

		if (process < s->processes.n && s->processes.items[process].pid != but)
			kill(s->processes.items[process].pid, signal);
	}
}

static bool watch_has(const struct lockdag_standstill *s, const struct lockdag_still_cycle *c, int pid)
{
	for (size_t i = 0; i < c->n; i++) {
		uint32_t process = s->threads.items[c->steps[i].thread].process;

		if (process < s->processes.n && s->processes.items[process].pid == pid)
			return true;
	}
	return false;
}

void cli_hang_watch_end_others(int root, int pid, int signal)
{
	struct cli_hang_watch w = {0};

	if (watch_examine(&w, root, true, true))
		for (size_t c = 0; c < w.standstill->cycles.n; c++)
			if (watch_has(w.standstill, &w.standstill->cycles.items[c], pid))
				watch_end(w.standstill, &w.standstill->cycles.items[c], pid, signal);
	cli_hang_watch_done(&w);
}

void cli_hang_watch_end_circle(const struct cli_hang_watch *w, int signal)
{
	for (size_t c = 0; w->standstill && c < w->standstill->cycles.n; c++)
		watch_end(w->standstill, &w->standstill->cycles.items[c], 0, signal);
}
