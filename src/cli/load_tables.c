/* SPDX-License-Identifier: MIT
 *
 * Processes, modules and threads of a session, with the threads' names and roles (DESIGN 5.6).
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/hash.h"
#include "base/text.h"
#include "cli/cli.h"
#include "cli/load.h"

#define TABLES_MAX_ROLE 400 /* longer roles (chains of creators) end in a hash of the rest */
#define TABLES_MAX_READS 8  /* looks at a name that is still the program's */

static int tables_map(struct cli_map *map, uint32_t n)
{
	map->rows = malloc((n ? n : 1) * sizeof(*map->rows));
	if (!map->rows)
		return -ENOMEM;
	map->n = n;
	memset(map->rows, 0xff, n * sizeof(*map->rows));
	return 0;
}

static int tables_processes(struct cli_loaded *l, uint32_t run)
{
	struct lockdag_session_process row;

	for (uint32_t i = 0; i < l->processes.n; i++) {
		struct lockdag_process process = {.run = run};
		int r;

		if (!lockdag_session_process(l->source->session, i, &row))
			continue;
		process.pid = row.pid;
		process.name = cli_base_name(row.exe);
		r = lockdag_model_add_process(l->model, &process);
		if (r < 0)
			return r;
		l->processes.rows[i] = (uint32_t)r;
	}
	return 0;
}

/* A module of the same build is one module in all processes and runs, so that a place in it is one place. */
static uint32_t tables_same_module(const struct lockdag_model *m, const char *path, const char *build_id)
{
	for (uint32_t i = 0; *build_id && i < m->modules.n; i++) {
		const struct lockdag_module *known = &m->modules.items[i];

		if (known->build_id && !strcmp(known->build_id, build_id) && !strcmp(known->path, path))
			return i;
	}
	return LOCKDAG_NONE;
}

static int tables_modules(struct cli_loaded *l)
{
	struct lockdag_session_module row;

	for (uint32_t i = 0; i < l->modules.n; i++) {
		char build_id[2 * sizeof(row.build_id) + 1] = "";
		int r;

		if (!lockdag_session_module(l->source->session, i, &row))
			continue;
		for (size_t k = 0; k < row.n_build_id && k < sizeof(row.build_id); k++)
			snprintf(build_id + 2 * k, 3, "%02x", row.build_id[k]);
		l->modules.rows[i] = tables_same_module(l->model, row.path, build_id);
		if (l->modules.rows[i] != LOCKDAG_NONE)
			continue;
		r = lockdag_model_add_module(l->model, row.path, *build_id ? build_id : NULL);
		if (r < 0)
			return r;
		l->modules.rows[i] = (uint32_t)r;
	}
	return 0;
}

/* ------------------------------------------------------------------ threads: names */

/* "module+0x12", for what has no better name. */
static void tables_place(const struct cli_loaded *l, uint64_t frame, char *buffer, size_t size)
{
	struct lockdag_session_module module;

	if (lockdag_session_module(l->source->session, LOCKDAG_FRAME_MODULE(frame), &module))
		snprintf(buffer, size, "%s+0x%" PRIx64, cli_base_name(module.path),
			LOCKDAG_FRAME_OFFSET(frame));
	else
		snprintf(buffer, size, "0x%" PRIx64, LOCKDAG_FRAME_OFFSET(frame));
}

/* The function that a frame lies in, or its place. */
static void tables_function(struct cli_loaded *l, uint64_t frame, char *buffer, size_t size)
{
	int module = cli_source_module(l->source, l->symbols, LOCKDAG_FRAME_MODULE(frame));
	struct lockdag_frame frames[LOCKDAG_MAX_INLINE];
	int n = module < 0 ? 0
			   : lockdag_symbols_frames(l->symbols, module, LOCKDAG_FRAME_OFFSET(frame),
				     false, frames, LOCKDAG_MAX_INLINE);

	if (n > 0 && frames[n - 1].function)
		snprintf(buffer, size, "%s", frames[n - 1].function);
	else
		tables_place(l, frame, buffer, size);
}

/* What threads are called whose library's own routine tells nothing; NULL: others. */
static const char *tables_library_threads(const struct cli_loaded *l, uint64_t frame)
{
	struct lockdag_session_module module;

	if (!frame ||
		!lockdag_session_module(
			l->source->session, LOCKDAG_FRAME_MODULE(frame), &module) ||
		!lockdag_symbols_starts_threads(module.path))
		return NULL;
	return strstr(cli_base_name(module.path), "glib") ? "GThread" : "std::thread";
}

char *cli_load_routine(struct cli_loaded *l, uint64_t frame, const char *entry)
{
	char function[512] = "main";

	if (!entry)
		entry = tables_library_threads(l, frame);
	if (entry)
		snprintf(function, sizeof(function), "%s", entry);
	else if (frame)
		tables_function(l, frame, function, sizeof(function));
	return lockdag_textf("join_%s", function);
}

/* What the kernel calls the thread, when the program set that and not by pthread_setname_np. */
static const char *tables_comm(struct cli_loaded *l, uint32_t i,
	const struct lockdag_session_thread *row, const struct lockdag_session_process *process)
{
	struct cli_known_thread *known = cli_source_known(&l->source->threads, i);
	char path[80], comm[sizeof(known->comm) + 1];
	ssize_t n;
	int fd;

	if (!known)
		return NULL;
	if (*known->comm || known->comm_reads >= TABLES_MAX_READS || !l->source->live ||
		(row->flags & LOCKDAG_THREAD_ENDED))
		return *known->comm ? known->comm : NULL;
	snprintf(path, sizeof(path), "/proc/%d/task/%d/comm", process->pid, row->tid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return NULL;
	n = read(fd, comm, sizeof(comm) - 1);
	close(fd);
	comm[n > 0 ? n : 0] = 0;
	comm[strcspn(comm, "\n")] = 0;
	known->comm_reads++;
	if (strncmp(comm, cli_base_name(process->exe), sizeof(known->comm) - 1))
		snprintf(known->comm, sizeof(known->comm), "%.15s", comm);
	return *known->comm ? known->comm : NULL;
}

/* ------------------------------------------------------------------ threads: entries
 *
 * std::thread and GThread start a thread by a routine of their library, which tells nothing. What
 * it runs tells a stack of its own: its first acquisition's. Only the name goes by that: a thread
 * of the same kind that took no lock yet has none, and a role must be the same for both. */

static bool tables_by_library(struct cli_loaded *l, const struct lockdag_session_thread *row)
{
	uint32_t number = LOCKDAG_FRAME_MODULE(row->start_routine);
	struct lockdag_session_module module;
	int known;

	if (!row->start_routine || row->flags & LOCKDAG_THREAD_MAIN ||
		!lockdag_session_module(l->source->session, number, &module))
		return false;
	if (lockdag_symbols_starts_threads(module.path))
		return true;
	known = cli_source_module(l->source, l->symbols, number);
	return known >= 0 && lockdag_symbols_starts_rust(
				     l->symbols, known, LOCKDAG_FRAME_OFFSET(row->start_routine));
}

static int tables_entry(struct cli_loaded *l, uint32_t i, const struct lockdag_session_acquire *a)
{
	struct lockdag_symbols_address stack[LOCKDAG_MAX_FRAMES];
	struct cli_known_thread *known;
	struct lockdag_session_thread row;
	int start;

	if (!lockdag_session_thread(l->source->session, i, &row) || !tables_by_library(l, &row))
		return 0;
	known = cli_source_known(&l->source->threads, i);
	if (!known)
		return -ENOMEM;
	if (known->entry)
		return 0;
	start = cli_source_module(l->source, l->symbols, LOCKDAG_FRAME_MODULE(row.start_routine));
	for (size_t k = 0; k < a->item.n_frames; k++) {
		stack[k].module = cli_source_module(
			l->source, l->symbols, LOCKDAG_FRAME_MODULE(a->frames[k]));
		stack[k].offset = LOCKDAG_FRAME_OFFSET(a->frames[k]);
	}
	if (start >= 0)
		known->entry = lockdag_symbols_entry(l->symbols, stack, a->item.n_frames, start);
	return 0;
}

static int tables_entry_own(void *arg, const struct lockdag_session_acquire *a)
{
	return tables_entry(arg, a->item.presence.thread, a);
}

/* The acquisition of another thread of its kind, which has the stack. */
static int tables_entry_seen(void *arg, uint64_t offset, const struct lockdag_presence *p)
{
	struct lockdag_session_acquire a;
	struct cli_loaded *l = arg;

	return lockdag_session_acquire_at(l->source->session, offset, &a)
		       ? tables_entry(l, p->thread, &a)
		       : 0;
}

static int tables_entries(struct cli_loaded *l)
{
	const struct lockdag_session_visitor visitor = {.acquire = tables_entry_own,
		.seen_by = tables_entry_seen,
		.discharge = tables_entry_own};
	struct lockdag_session_thread row;
	bool any = false;

	for (uint32_t i = 0; !any && i < l->threads.n; i++)
		any = lockdag_session_thread(l->source->session, i, &row) &&
		      tables_by_library(l, &row) &&
		      (i >= l->source->threads.n || !l->source->threads.items[i].entry);
	return any ? lockdag_session_walk(l->source->session, &visitor, l) : 0;
}

const char *cli_load_entry(const struct cli_loaded *l, uint32_t i)
{
	return i < l->source->threads.n ? l->source->threads.items[i].entry : NULL;
}

static void tables_thread_name(struct cli_loaded *l, uint32_t i,
	const struct lockdag_session_thread *row, const struct lockdag_session_process *process,
	char *buffer, size_t size)
{
	const char *name = *row->name ? row->name : NULL;

	if (!name && !(row->flags & LOCKDAG_THREAD_MAIN))
		name = tables_comm(l, i, row, process);
	if (!name)
		name = cli_load_entry(l, i);
	if (!name)
		name = tables_library_threads(l, row->start_routine);
	if (name)
		snprintf(buffer, size, "%s", name);
	else if (row->start_routine && !(row->flags & LOCKDAG_THREAD_MAIN))
		tables_function(l, row->start_routine, buffer, size);
	else
		snprintf(buffer, size, "%s", cli_base_name(process->exe));
}

/* ------------------------------------------------------------------ threads: roles */

/* The creator's role, the start routine and the create site; a fork child goes on with its
 * forker's. NULL: not known. The caller frees it. */
static char *tables_role(struct cli_loaded *l, char *const *roles, uint32_t i,
	const struct lockdag_session_thread *row, const struct lockdag_session_process *process)
{
	uint32_t from = row->parent;
	char start[512], site[512], caller[512] = "", *role;

	if (row->flags & LOCKDAG_THREAD_FORKED) {
		if (process->forker != LOCKDAG_NONE)
			from = process->forker;
		return from < i && roles[from] ? strdup(roles[from]) : NULL;
	}
	if (row->flags & LOCKDAG_THREAD_MAIN)
		return strdup("main");
	if (from >= i || !roles[from] || !row->start_routine)
		return NULL;
	if (cli_load_entry(l, i))
		snprintf(start, sizeof(start), "%s", cli_load_entry(l, i));
	else
		tables_function(l, row->start_routine, start, sizeof(start));
	tables_place(l, row->create_site, site, sizeof(site));
	if (row->create_caller)
		tables_place(l, row->create_caller, caller, sizeof(caller));
	role = lockdag_textf("%s/%s@%s%s%s", roles[from], start, site, *caller ? "<" : "", caller);
	if (role && strlen(role) > TABLES_MAX_ROLE) {
		uint64_t hash = lockdag_hash_string(LOCKDAG_HASH_SEED, role);
		char *shorter = lockdag_textf("...%016" PRIx64, hash);

		free(role);
		role = shorter;
	}
	return role;
}

static void tables_count_threads(struct cli_loaded *l)
{
	struct lockdag_session_thread row;
	uint32_t next = (uint32_t)l->model->threads.n;

	for (uint32_t i = 0; i < l->threads.n; i++)
		if (lockdag_session_thread(l->source->session, i, &row) &&
			cli_map_at(&l->processes, row.process) != LOCKDAG_NONE)
			l->threads.rows[i] = next++;
}

static int tables_thread(struct cli_loaded *l, uint32_t i, char **roles)
{
	struct lockdag_session_process process;
	struct lockdag_session_thread row;
	struct lockdag_thread thread;
	char name[512];
	int r;

	if (!lockdag_session_thread(l->source->session, i, &row) ||
		!lockdag_session_process(l->source->session, row.process, &process))
		return -EINVAL; /* it was there a moment ago */
	tables_thread_name(l, i, &row, &process, name, sizeof(name));
	roles[i] = tables_role(l, roles, i, &row, &process);
	thread = (struct lockdag_thread){
		.process = cli_map_at(&l->processes, row.process),
		.tid = row.tid,
		.name = name,
		.role = roles[i],
		.parent = cli_map_at(&l->threads, row.parent),
		.create_phase = row.create_phase,
		.joiner = cli_map_at(&l->threads, row.joiner),
		.join_phase = row.join_phase,
		.first_fork = row.first_fork,
		.last_fork = row.flags & LOCKDAG_THREAD_ENDED ? row.last_fork : LOCKDAG_NONE,
	};
	r = lockdag_model_add_thread(l->model, &thread);
	return r < 0 ? r : 0;
}

/* Two passes: a thread may be joined by one that comes later. */
static int tables_threads(struct cli_loaded *l)
{
	char **roles = calloc((size_t)l->threads.n + 1, sizeof(*roles));
	int r = roles ? 0 : -ENOMEM;

	if (r == 0)
		tables_count_threads(l);
	for (uint32_t i = 0; r == 0 && i < l->threads.n; i++)
		if (l->threads.rows[i] != LOCKDAG_NONE)
			r = tables_thread(l, i, roles);
	for (uint32_t i = 0; roles && i < l->threads.n; i++)
		free(roles[i]);
	free(roles);
	return r;
}

int cli_load_tables(struct cli_loaded *l)
{
	const struct lockdag_session *s = l->source->session;
	int run = lockdag_model_add_run(l->model, l->source->label), r;

	if (run < 0)
		return run;
	/* Threads before processes and keys before classes: what a row refers to is older. */
	r = tables_map(&l->locks, lockdag_session_n_keys(s));
	if (r == 0)
		r = tables_map(&l->births, lockdag_session_n_classes(s));
	if (r == 0)
		r = tables_map(&l->threads, lockdag_session_n_threads(s));
	if (r == 0)
		r = tables_map(&l->modules, lockdag_session_n_modules(s));
	if (r == 0)
		r = tables_map(&l->processes, lockdag_session_n_processes(s));
	if (r == 0)
		r = tables_processes(l, (uint32_t)run);
	if (r == 0)
		r = tables_modules(l);
	if (r == 0)
		r = tables_entries(l);
	return r < 0 ? r : tables_threads(l);
}
