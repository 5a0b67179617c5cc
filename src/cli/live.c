/* SPDX-License-Identifier: MIT
 *
 * Why two looks are a proof: a look reads what a thread waits for and holds, then the kernel's
 * count of its context switches. When the next look reads the same and the count has not moved, the
 * thread slept from the one count to the other, and what the second look read was true all that
 * time: of all threads of the circle at once.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/stopped.h"
#include "cli/waits.h"

void cli_live_done(struct cli_live *live)
{
	lockdag_vec_clear(&live->suspects);
}

/* ------------------------------------------------------------------ the kernel's view */

/* Switches of a thread so far, and whether it is off the processor. False: it is gone. */
static bool live_task(int pid, int tid, uint64_t *ret_switches, bool *ret_asleep)
{
	uint64_t switches = 0, value;
	char path[80], line[256];
	bool asleep = false;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/task/%d/status", pid, tid);
	file = fopen(path, "re");
	if (!file)
		return false;
	while (fgets(line, sizeof(line), file)) {
		if (!strncmp(line, "State:\t", 7))
			asleep = strchr("SDTt", line[7]) != NULL && line[7];
		else if (sscanf(line, "voluntary_ctxt_switches: %" SCNu64, &value) == 1 ||
			 sscanf(line, "nonvoluntary_ctxt_switches: %" SCNu64, &value) == 1)
			switches += value;
	}
	fclose(file);
	*ret_switches = switches;
	*ret_asleep = asleep;
	return true;
}

/* ------------------------------------------------------------------ suspects */

static struct cli_suspect *live_suspect(struct cli_live *live, uint32_t thread)
{
	struct cli_suspect *s;

	for (size_t i = 0; i < live->suspects.n; i++)
		if (live->suspects.items[i].thread == thread)
			return &live->suspects.items[i];
	s = lockdag_vec_push(&live->suspects);
	if (s)
		*s = (struct cli_suspect){.thread = thread};
	return s;
}

/* Takes this look into account. False: no memory, or the thread is gone. */
static bool live_update(struct cli_live *live, const struct cli_waiter *w, int64_t now)
{
	struct cli_suspect *s = live_suspect(live, w->thread);
	uint64_t switches;
	bool asleep;

	if (s && s->in_circle) /* it stands in what else was looked at now, too */
		return true;
	if (!s || !live_task(w->pid, w->tid, &switches, &asleep))
		return false;
	if (s->looks == 0 || s->signature != w->signature) {
		s->looks = 0;
		s->since = now;
		s->asleep = asleep;
	} else if (!asleep || s->switches != switches) {
		s->asleep = false; /* it ran: a spin, or a signal woke it */
	}
	s->signature = w->signature;
	s->switches = switches;
	s->looks++;
	s->in_circle = true;
	return true;
}

static bool live_certain(const struct cli_suspect *s, const struct cli_waiter *w, int64_t now)
{
	if (s->looks >= CLI_LIVE_SPIN_LOOKS)
		return now - s->since >= CLI_LIVE_MS * (CLI_LIVE_SPIN_LOOKS - 1);
	return s->asleep && s->looks >= 2 && now - s->since >= CLI_LIVE_MS && !w->semaphore;
}

int cli_live_update(struct cli_live *live, uint32_t thread, int pid,
	const struct lockdag_session_live *state, int64_t now)
{
	const struct cli_waiter w = {.thread = thread,
		.pid = pid,
		.tid = state->tid,
		.signature = cli_waits_signature(state)};
	const struct cli_suspect *s;

	if (!live_update(live, &w, now))
		return 0;
	s = live_suspect(live, thread);
	return s->asleep && s->looks >= 2 && now - s->since >= CLI_LIVE_MS;
}

/* ------------------------------------------------------------------ circles */

static bool live_is_known(const struct cli_source *source, uint32_t thread)
{
	for (size_t i = 0; i < source->blocked.n; i++)
		if (source->blocked.items[i].thread == thread)
			return true;
	return false;
}

int cli_live_keep(struct cli_source *source, uint32_t thread)
{
	struct cli_blocked *blocked;
	struct lockdag_session_live *copy;

	if (live_is_known(source, thread))
		return 0;
	copy = malloc(sizeof(*copy));
	blocked = copy ? lockdag_vec_push(&source->blocked) : NULL;
	if (!blocked) {
		free(copy);
		return -ENOMEM;
	}
	*blocked = (struct cli_blocked){thread, copy};
	if (lockdag_session_live(source->session, thread, copy))
		return 1;
	source->blocked.n--;
	free(copy);
	return 0;
}

/* The circle through waiter `start`: 1 when all of it is certain. */
static bool live_check(
	struct cli_live *live, const struct cli_waits *waits, uint32_t start, int64_t now)
{
	uint32_t i = start;
	bool certain = true;

	do {
		const struct cli_waiter *w = &waits->waiters.items[i];

		if (!live_update(live, w, now))
			return false;
		certain = certain && live_certain(live_suspect(live, w->thread), w, now);
		i = w->next;
	} while (i != start);
	return certain;
}

/* Somebody else might have posted it. */
static bool live_has_semaphore(const struct cli_waits *waits, uint32_t start)
{
	uint32_t i = start;

	do {
		if (waits->waiters.items[i].semaphore)
			return true;
		i = waits->waiters.items[i].next;
	} while (i != start);
	return false;
}

static int live_circle(struct cli_live *live, struct cli_source *source,
	const struct cli_waits *waits, uint32_t start, int64_t now)
{
	uint32_t i = start;
	int added = 0;

	if (live ? !live_check(live, waits, start, now) : live_has_semaphore(waits, start))
		return 0;
	do {
		int r = cli_live_keep(source, waits->waiters.items[i].thread);

		if (r < 0)
			return r;
		added += r;
		i = waits->waiters.items[i].next;
	} while (i != start);
	return added;
}

/* live: NULL when nothing changes any more. Calls live_circle() once for each circle. mark[]: the
 * walk that reached a waiter first, + 1. */
static int live_circles(struct cli_live *live, struct cli_source *source,
	const struct cli_waits *waits, uint32_t *mark, int64_t now, int *ret_pid)
{
	int added = 0;

	for (uint32_t start = 0; start < waits->waiters.n; start++) {
		uint32_t i = start;
		int r;

		if (!waits->waiters.items[start].stuck || mark[start])
			continue;
		while (!mark[i]) {
			mark[i] = start + 1;
			i = waits->waiters.items[i].next;
		}
		if (mark[i] != start + 1)
			continue;
		r = live_circle(live, source, waits, i, now);
		if (r < 0)
			return r;
		if (r > 0)
			*ret_pid = waits->waiters.items[i].pid;
		added += r;
	}
	return added;
}

static void live_forget(struct cli_live *live)
{
	size_t n = 0;

	for (size_t i = 0; i < live->suspects.n; i++)
		if (live->suspects.items[i].in_circle)
			live->suspects.items[n++] = live->suspects.items[i];
	live->suspects.n = n;
}

int cli_live_look(struct cli_live *live, struct cli_source *source, int64_t now, int *ret_pid)
{
	struct cli_waits waits;
	uint32_t *mark;
	int r = cli_waits_read(&waits, source, false);

	for (size_t i = 0; i < live->suspects.n; i++)
		live->suspects.items[i].in_circle = false;
	if (r == 0 && waits.waiters.n) {
		cli_waits_solve(&waits);
		mark = calloc(waits.waiters.n, sizeof(*mark));
		r = mark ? live_circles(live, source, &waits, mark, now, ret_pid) : -ENOMEM;
		free(mark);
	}
	cli_waits_done(&waits);
	if (r >= 0) {
		int added = r;

		r = cli_stopped_look(live, source, now, ret_pid);
		r = r < 0 ? r : added + r;
	}
	live_forget(live);
	return r;
}

bool cli_live_is_open(const struct cli_live *live)
{
	for (size_t i = 0; i < live->suspects.n; i++)
		if (live->suspects.items[i].looks == 1)
			return true;
	return false;
}

int cli_live_last_look(struct cli_source *source)
{
	struct cli_waits waits;
	uint32_t *mark;
	int r = cli_waits_read(&waits, source, source->live), pid;

	if (r == 0 && waits.waiters.n) {
		cli_waits_solve(&waits);
		mark = calloc(waits.waiters.n, sizeof(*mark));
		r = mark ? live_circles(NULL, source, &waits, mark, 0, &pid) : -ENOMEM;
		free(mark);
	}
	cli_waits_done(&waits);
	return r;
}
