/* SPDX-License-Identifier: MIT
 *
 * What makes it certain: each task that the kernel has of the process is a thread that the session
 * knows; each waits without limit of time for a lock, an event or an end that is the process's own;
 * no signal has a handler; where one waits for a pipe, there is no other process that could have its
 * other end; and two looks find all of it the same, with no thread having run in between (live.c). At
 * least one waits for a lock: threads that all wait for events may just be through.
 */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/process.h"
#include "cli/stopped.h"

#define STOPPED_MAX 256 /* threads of a process: more are not looked at one by one */
/* Signals that libc handles itself in every program with threads: 32 and 33. */
#define STOPPED_LIBC_SIGNALS (UINT64_C(3) << 31)

/* The threads of one process, all waiting. */
struct stopped {
	const struct cli_source *source;
	uint32_t process;
	int32_t pid;
	uint32_t threads[STOPPED_MAX];
	int32_t tids[STOPPED_MAX];
	size_t n;
	bool locks, pipes;
};

/* ------------------------------------------------------------------ the session's view */

/* Can nobody outside the process release or signal it? *ret_pipe: as far as it is no pipe that
 * another process shares. */
static bool stopped_is_own(const struct cli_source *source, uint32_t key, bool *ret_pipe)
{
	struct lockdag_session_class class;
	struct lockdag_session_key row;

	if (!lockdag_session_key(source->session, LOCKDAG_KEY_ROW(key), &row) ||
		!lockdag_session_class(source->session, row.class_id, &class))
		return false;
	if (class.type == LOCKDAG_LOCK_EVENT) {
		*ret_pipe = true;
		return true;
	}
	return !(class.attributes & LOCKDAG_LOCK_SHARED) && class.type != LOCKDAG_LOCK_FILE &&
	       class.type != LOCKDAG_LOCK_PROCESS;
}

/* Does the thread wait for something that only its own process can give? */
static bool stopped_add(struct stopped *s, uint32_t thread, const struct lockdag_session_live *live)
{
	uint32_t key;

	if (!live->waiting || s->n == STOPPED_MAX)
		return false;
	if (live->wait_kind == LOCKDAG_WAIT_LOCK)
		s->locks = true;
	else if (live->wait_kind != LOCKDAG_WAIT_EVENT)
		return false;
	key = live->wait_kind == LOCKDAG_WAIT_LOCK ? LOCKDAG_META_KEY(live->asked.meta)
						   : (uint32_t)live->event;
	/* No key: the end of a thread, which is the process's own. */
	if ((live->wait_kind == LOCKDAG_WAIT_LOCK || key != LOCKDAG_KEY_NONE) &&
		!stopped_is_own(s->source, key, &s->pipes))
		return false;
	s->threads[s->n] = thread;
	s->tids[s->n++] = live->tid;
	return true;
}

static bool stopped_waits(struct stopped *s, struct lockdag_session_live *live)
{
	uint32_t n = lockdag_session_n_threads(s->source->session);

	for (uint32_t i = 0; i < n; i++) {
		struct lockdag_session_thread row;

		if (!lockdag_session_thread(s->source->session, i, &row) ||
			row.process != s->process || row.flags & LOCKDAG_THREAD_ENDED)
			continue;
		if (lockdag_session_live(s->source->session, i, live) && !stopped_add(s, i, live))
			return false;
	}
	return s->locks;
}

/* ------------------------------------------------------------------ the kernel's view */

static bool stopped_knows(const struct stopped *s, int tid)
{
	for (size_t i = 0; i < s->n; i++)
		if (s->tids[i] == tid)
			return true;
	return false;
}

/* A line of /proc/PID/[task/TID/]status, its value; false: there is none. */
static bool stopped_status(int pid, int tid, const char *field, char *value, size_t size)
{
	char path[80], line[256];
	size_t length = strlen(field);
	bool found = false;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/task/%d/status", pid, tid);
	file = fopen(path, "re");
	while (file && !found && fgets(line, sizeof(line), file)) {
		found = !strncmp(line, field, length);
		if (found)
			snprintf(value, size, "%s", line + length);
	}
	if (file)
		fclose(file);
	return found;
}

bool cli_stopped_has_handlers(int pid)
{
	char value[64];
	uint64_t caught;

	return !stopped_status(pid, pid, "SigCgt:\t", value, sizeof(value)) ||
	       sscanf(value, "%" SCNx64, &caught) != 1 || caught & ~STOPPED_LIBC_SIGNALS;
}

/* Has the task started a process that is still there? Also when that cannot be told. */
static bool stopped_has_children(int pid, int tid)
{
	char path[80];
	FILE *file;
	int c;

	snprintf(path, sizeof(path), "/proc/%d/task/%d/children", pid, tid);
	file = fopen(path, "re");
	if (!file)
		return true;
	c = fgetc(file);
	fclose(file);
	return c != EOF;
}

/* Are all tasks of the process in s, but for those that are over? */
static bool stopped_is_all(const struct stopped *s)
{
	char path[64], value[64];
	struct dirent *entry;
	size_t n = 0;
	bool all = true;
	DIR *folder;

	snprintf(path, sizeof(path), "/proc/%d/task", s->pid);
	folder = opendir(path);
	while (folder && all && (entry = readdir(folder)) != NULL) {
		int tid = isdigit((unsigned char)entry->d_name[0]) ? atoi(entry->d_name) : 0;

		if (!tid)
			continue;
		if (s->pipes && stopped_has_children(s->pid, tid))
			all = false;
		else if (stopped_knows(s, tid))
			n++;
		else
			all = stopped_status(s->pid, tid, "State:\t", value, sizeof(value)) &&
			      (value[0] == 'Z' || value[0] == 'X');
	}
	if (folder)
		closedir(folder);
	return folder && all && n == s->n;
}

static bool stopped_is_alone(const struct cli_source *source, uint32_t process)
{
	uint32_t n = lockdag_session_n_processes(source->session);

	for (uint32_t i = 0; i < n; i++) {
		struct lockdag_session_process row;

		if (i != process && lockdag_session_process(source->session, i, &row) &&
			!row.gone && cli_process_is_running(row.pid))
			return false;
	}
	return true;
}

/* ------------------------------------------------------------------ looks */

/* 1: certain; 0: not, or not yet. */
static int stopped_is_certain(struct cli_live *live, struct stopped *s,
	struct lockdag_session_live *state, int64_t now)
{
	bool certain = true;

	for (size_t i = 0; i < s->n; i++) {
		int r = lockdag_session_live(s->source->session, s->threads[i], state)
				? cli_live_update(live, s->threads[i], s->pid, state, now)
				: 0;

		if (r < 0)
			return r;
		certain = certain && r;
	}
	return certain;
}

static bool stopped_is_known(const struct cli_source *source, uint32_t process)
{
	for (size_t i = 0; i < source->stopped.n; i++)
		if (source->stopped.items[i] == process)
			return true;
	return false;
}

static int stopped_keep(struct cli_source *source, const struct stopped *s)
{
	uint32_t *row = lockdag_vec_push(&source->stopped);
	int added = 0;

	if (!row)
		return -ENOMEM;
	*row = s->process;
	for (size_t i = 0; i < s->n; i++) {
		int r = cli_live_keep(source, s->threads[i]);

		if (r < 0)
			return r;
		added += r;
	}
	return added;
}

static int stopped_process(struct cli_live *live, struct cli_source *source, struct stopped *s,
	struct lockdag_session_live *state, int64_t now)
{
	int r;

	if (!stopped_waits(s, state) || !cli_process_is_running(s->pid) ||
		cli_stopped_has_handlers(s->pid) || !stopped_is_all(s) ||
		(s->pipes && !stopped_is_alone(source, s->process)))
		return 0;
	r = stopped_is_certain(live, s, state, now);
	return r <= 0 ? r : stopped_keep(source, s);
}

int cli_stopped_look(struct cli_live *live, struct cli_source *source, int64_t now, int *ret_pid)
{
	uint32_t n = lockdag_session_n_processes(source->session);
	struct lockdag_session_live *state = malloc(sizeof(*state));
	struct stopped *s = malloc(sizeof(*s));
	int added = 0, r = state && s ? 0 : -ENOMEM;

	for (uint32_t i = 0; r >= 0 && i < n; i++) {
		struct lockdag_session_process row;

		if (!lockdag_session_process(source->session, i, &row) || row.gone ||
			stopped_is_known(source, i))
			continue;
		*s = (struct stopped){.source = source, .process = i, .pid = row.pid};
		r = stopped_process(live, source, s, state, now);
		if (r > 0)
			*ret_pid = row.pid;
		added += r > 0 ? r : 0;
	}
	free(state);
	free(s);
	return r < 0 ? r : added;
}
