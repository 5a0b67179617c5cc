/* SPDX-License-Identifier: MIT */
#include "cli/hang_session.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SESSION_MAX_WAKERS 4096

struct session_gather {
	struct cli_hang_facts *facts;
	const struct lockdag_session *s;
	size_t wakers;
};

void cli_hang_facts_done(struct cli_hang_facts *f)
{
	lockdag_vec_clear(&f->facts);
}

static int session_pid(const struct lockdag_session *s, uint32_t process)
{
	struct lockdag_session_process row;

	return lockdag_session_process(s, process, &row) ? row.pid : 0;
}

/* What others release too is not known to be held. */
static bool session_is_held(const struct lockdag_session *s, const struct lockdag_held_slot *slot)
{
	struct lockdag_session_key key;

	return slot->lock &&
	       lockdag_session_key(s, LOCKDAG_KEY_ROW(LOCKDAG_META_KEY(slot->meta)), &key) &&
	       !(key.flags & LOCKDAG_KEY_FOREIGN);
}

static int session_thread(struct session_gather *g, uint32_t thread, struct lockdag_session_live *live)
{
	struct lockdag_session_thread row;

	if (!lockdag_session_live(g->s, thread, live) ||
		!lockdag_session_thread(g->s, thread, &row))
		return 0;
	for (uint32_t i = 0; i < live->depth; i++) {
		struct lockdag_hang_fact *fact;

		if (!session_is_held(g->s, &live->held[i]))
			continue;
		fact = lockdag_vec_push(&g->facts->facts);
		if (!fact)
			return -ENOMEM;
		*fact = (struct lockdag_hang_fact){.pid = session_pid(g->s, row.process),
			.tid = row.tid, .address = live->held[i].lock,
			.mode = LOCKDAG_META_MODE(live->held[i].meta), .ip = live->held[i].ip};
	}
	return 0;
}

/* Each thread that has signalled a lock once, by the address of the event. */
static int session_discharge(void *arg, const struct lockdag_session_acquire *d)
{
	struct session_gather *g = arg;
	struct lockdag_session_thread thread;
	struct lockdag_hang_fact fact = {.waker = true, .address = d->item.address}, *row;

	if (g->wakers == SESSION_MAX_WAKERS || !fact.address ||
		!lockdag_session_thread(g->s, d->item.presence.thread, &thread))
		return 0;
	fact.pid = session_pid(g->s, thread.process);
	fact.tid = thread.tid;
	for (size_t i = 0; i < g->facts->facts.n; i++) {
		row = &g->facts->facts.items[i];
		if (row->waker && row->pid == fact.pid && row->tid == fact.tid &&
			row->address == fact.address)
			return 0;
	}
	row = lockdag_vec_push(&g->facts->facts);
	if (!row)
		return -ENOMEM;
	*row = fact;
	g->wakers++;
	return 0;
}

int cli_hang_facts_add(struct cli_hang_facts *f, const struct lockdag_session *s)
{
	const struct lockdag_session_visitor visitor = {.discharge = session_discharge};
	struct session_gather g = {f, s, 0};
	struct lockdag_session_live *live = malloc(sizeof(*live));
	uint32_t n = lockdag_session_n_threads(s);
	int r = live ? 0 : -ENOMEM;

	for (uint32_t i = 0; r == 0 && i < n; i++)
		r = session_thread(&g, i, live);
	free(live);
	return r == 0 ? lockdag_session_walk(s, &visitor, &g) : r;
}

static int session_open_fd(const char *path, struct cli_hang_facts *f, bool *ret_found)
{
	struct lockdag_session *s;
	const char *why;
	int r;

	if (lockdag_session_open(path, &s, &why) < 0)
		return 0;
	*ret_found = true;
	r = cli_hang_facts_add(f, s);
	lockdag_session_close(s);
	return r;
}

/* The session is a memfd that the program has inherited, or that the judge, its parent, has. */
static int session_of(int pid, struct cli_hang_facts *f, bool *ret_found)
{
	char path[64], file[96], link[64];
	struct dirent *entry;
	int r = 0;
	DIR *d;

	snprintf(path, sizeof(path), "/proc/%d/fd", pid);
	d = opendir(path);
	while (d && r == 0 && !*ret_found && (entry = readdir(d))) {
		ssize_t n;

		if (!isdigit((unsigned char)entry->d_name[0]))
			continue;
		n = readlinkat(dirfd(d), entry->d_name, link, sizeof(link) - 1);
		link[n > 0 ? n : 0] = 0;
		if (strncmp(link, "/memfd:lockdag", 14))
			continue;
		snprintf(file, sizeof(file), "/proc/%d/fd/%.10s", pid, entry->d_name);
		r = session_open_fd(file, f, ret_found);
	}
	if (d)
		closedir(d);
	return r;
}

static int session_parent(int pid)
{
	char path[64], text[512];
	const char *end;
	int parent = 0;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	file = fopen(path, "re");
	if (!file)
		return 0;
	text[fread(text, 1, sizeof(text) - 1, file)] = 0;
	fclose(file);
	end = strrchr(text, ')');
	return end && sscanf(end + 1, " %*c %d", &parent) == 1 ? parent : 0;
}

int cli_hang_facts_of(struct cli_hang_facts *f, int pid)
{
	bool found = false;
	int r = 0;

	for (int up = 0; r == 0 && !found && pid > 1 && up < 8; up++) {
		r = session_of(pid, f, &found);
		pid = session_parent(pid);
	}
	return r;
}
