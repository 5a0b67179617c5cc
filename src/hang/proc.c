/* SPDX-License-Identifier: MIT
 *
 * Processes and threads as /proc has them.
 */
#include "internal.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/kcmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define PROC_SINCE_MAX 1000 /* threads whose time asleep is read: /proc/PID/sched is slow */

char *hang_slurp(const char *path)
{
	size_t n = 0, size = 4096;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	char *text = NULL;

	if (fd < 0)
		return NULL;
	for (;;) {
		char *more = realloc(text, size + 1);
		ssize_t got;

		if (!more)
			break;
		text = more;
		got = read(fd, text + n, size - n);
		if (got <= 0) {
			close(fd);
			text[n] = 0;
			if (got == 0)
				return text;
			free(text);
			return NULL;
		}
		n += (size_t)got;
		if (n == size)
			size *= 2;
	}
	close(fd);
	free(text);
	return NULL;
}

/* A small file, without allocation. */
static bool proc_read(const char *path, char *buffer, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n;

	if (fd < 0)
		return false;
	n = read(fd, buffer, size - 1);
	close(fd);
	buffer[n > 0 ? n : 0] = 0;
	return n > 0;
}

/* ------------------------------------------------------------------ threads */

static bool proc_sample(int pid, int tid, struct hang_sample *ret, struct hang_status *ret_status)
{
	char path[80], text[4096];

	*ret = (struct hang_sample){.nr = -1};
	snprintf(path, sizeof(path), "/proc/%d/task/%d/status", pid, tid);
	if (!proc_read(path, text, sizeof(text)))
		return false;
	hang_parse_status(text, ret_status);
	ret->state = ret_status->state;
	ret->switches = ret_status->switches;
	ret->voluntary = ret_status->voluntary;
	snprintf(path, sizeof(path), "/proc/%d/task/%d/syscall", pid, tid);
	if (!proc_read(path, text, sizeof(text)) || !hang_parse_syscall(text, ret))
		ret->running = true;
	return true;
}

/* Time since it was last on a processor, by the scheduler's own clock; -1: not to be had. */
static bool proc_exec_start(const char *path, double *ret)
{
	char text[512];
	const char *at;

	if (!proc_read(path, text, sizeof(text)))
		return false;
	at = strstr(text, "se.exec_start");
	at = at ? strchr(at, ':') : NULL;
	return at && sscanf(at + 1, "%lf", ret) == 1;
}

static void proc_since(struct hang_process *p)
{
	char path[80];
	double now, then;

	if (p->threads.n > PROC_SINCE_MAX || !proc_exec_start("/proc/thread-self/sched", &now))
		return;
	for (size_t i = 0; i < p->threads.n; i++) {
		struct hang_thread *t = &p->threads.items[i];

		snprintf(path, sizeof(path), "/proc/%d/task/%d/sched", p->pid, t->tid);
		if (proc_exec_start(path, &then))
			t->since_ms = now > then ? (int64_t)(now - then) : 0;
	}
}

static int proc_add_thread(struct hang_process *p, int tid)
{
	struct hang_thread *t;
	char path[80];

	for (size_t i = 0; i < p->threads.n && p->threads.n < 64; i++)
		if (p->threads.items[i].tid == tid)
			return 0;
	t = lockdag_vec_push(&p->threads);
	if (!t)
		return -ENOMEM;
	t->tid = t->ns_tid = tid;
	t->since_ms = -1;
	snprintf(path, sizeof(path), "/proc/%d/task/%d/comm", p->pid, tid);
	if (proc_read(path, t->name, sizeof(t->name)))
		t->name[strcspn(t->name, "\n")] = 0;
	return 0;
}

static int proc_threads(struct hang_process *p)
{
	char path[80];
	struct dirent *entry;
	int r = 0;
	DIR *d;

	snprintf(path, sizeof(path), "/proc/%d/task", p->pid);
	d = opendir(path);
	if (!d)
		return -errno;
	while (r == 0 && (entry = readdir(d)))
		if (entry->d_name[0] != '.')
			r = proc_add_thread(p, atoi(entry->d_name));
	closedir(d);
	return r;
}

void hang_proc_sample(struct hang_process *p)
{
	for (size_t i = 0; i < p->threads.n; i++) {
		struct hang_thread *t = &p->threads.items[i];
		struct hang_status status;

		if (!proc_sample(p->pid, t->tid, &t->sample, &status)) {
			t->sample = (struct hang_sample){.state = 'Z', .nr = -1};
			continue;
		}
		hang_call_restarted(p, &t->sample);
		if (status.ns_tid)
			t->ns_tid = status.ns_tid;
		if (!i) {
			p->caught = status.caught;
			p->tracer = status.tracer;
			p->uid = status.uid;
		}
	}
	proc_since(p);
}

uint64_t hang_proc_voluntary(const struct hang_process *p, int tid)
{
	char path[80], text[4096];
	struct hang_status status = {0};

	snprintf(path, sizeof(path), "/proc/%d/task/%d/status", p->pid, tid);
	if (proc_read(path, text, sizeof(text)))
		hang_parse_status(text, &status);
	return status.voluntary;
}

/* Are there as many threads now as were read? */
static bool proc_is_whole(const struct hang_process *p)
{
	char path[80];
	size_t n = 0;
	struct dirent *entry;
	DIR *d;

	snprintf(path, sizeof(path), "/proc/%d/task", p->pid);
	d = opendir(path);
	if (!d)
		return false;
	while ((entry = readdir(d)))
		n += entry->d_name[0] != '.';
	closedir(d);
	return n == p->threads.n;
}

bool hang_proc_rests(const struct hang_process *p, const struct hang_thread *t)
{
	struct hang_status status;
	struct hang_sample now;

	if (!proc_sample(p->pid, t->tid, &now, &status))
		return false;
	hang_call_restarted(p, &now);
	return !now.running && now.state == t->sample.state &&
	       now.switches == t->sample.switches && now.nr == t->sample.nr &&
	       now.sp == t->sample.sp && !memcmp(now.args, t->sample.args, sizeof(now.args));
}

void hang_proc_check(struct hang_process *p)
{
	for (size_t i = 0; i < p->threads.n; i++) {
		struct hang_thread *t = &p->threads.items[i];

		t->sure = hang_proc_rests(p, t);
	}
	p->whole = proc_is_whole(p);
}

/* ------------------------------------------------------------------ processes */

static int proc_regions(struct hang_process *p)
{
	char path[80], *text, *line, *next;
	int r = 0;

	snprintf(path, sizeof(path), "/proc/%d/maps", p->reader);
	text = hang_slurp(path);
	if (!text)
		return -errno;
	for (line = text; r == 0 && line && *line; line = next) {
		struct hang_region region, *row;

		next = strchr(line, '\n');
		if (next)
			*next++ = 0;
		if (!hang_parse_region(line, &region))
			continue;
		row = lockdag_vec_push(&p->regions);
		if (!row) {
			r = -ENOMEM;
			break;
		}
		*row = region;
		row->path = region.path ? strdup(region.path) : NULL;
	}
	free(text);
	return r;
}

static int proc_describe(struct hang_process *p)
{
	char path[80], target[4096], *text;
	ssize_t n;
	char state;

	snprintf(path, sizeof(path), "/proc/%d/stat", p->pid);
	text = hang_slurp(path);
	if (!text || !hang_parse_stat(text, p, &state)) {
		free(text);
		return -ESRCH;
	}
	free(text);
	snprintf(path, sizeof(path), "/proc/%d/exe", p->pid);
	n = readlink(path, target, sizeof(target) - 1);
	if (n > 0) {
		target[n] = 0;
		p->exe = strdup(target);
	}
	return 0;
}

/* The leader may have ended before its threads; then it has no memory any more. */
static void proc_find_reader(struct hang_process *p)
{
	p->reader = p->pid;
	p->permitted = proc_regions(p) == 0 && p->regions.n;
	for (size_t i = 0; i < p->threads.n && !p->permitted; i++) {
		p->reader = p->threads.items[i].tid;
		p->permitted = proc_regions(p) == 0 && p->regions.n;
	}
}

int hang_proc_open(struct hang *h, int pid, bool followed)
{
	struct hang_process *p = lockdag_vec_push(&h->processes);
	int r;

	if (!p)
		return -ENOMEM;
	p->pid = pid;
	p->live = true;
	p->followed = followed;
	r = proc_describe(p);
	if (r == 0)
		r = proc_threads(p);
	if (r == 0)
		proc_find_reader(p);
	if (r < 0) {
		for (size_t i = 0; i < p->regions.n; i++)
			free(p->regions.items[i].path);
		lockdag_vec_clear(&p->regions);
		lockdag_vec_clear(&p->threads);
		free(p->exe);
		h->processes.n--;
		return r;
	}
	return 0;
}

void hang_proc_sharers(struct hang_process *p)
{
	struct dirent *entry;
	DIR *d;

	if (p->sharers_known || !p->live)
		return;
	p->sharers_known = true;
	d = opendir("/proc");
	while (d && (entry = readdir(d))) {
		int pid = atoi(entry->d_name), *row;

		if (pid <= 0 || pid == p->pid || syscall(SYS_kcmp, p->reader, pid, KCMP_VM, 0, 0))
			continue;
		row = lockdag_vec_push(&p->sharers);
		if (row)
			*row = pid;
	}
	if (d)
		closedir(d);
}

/* Of all threads: each lists the children that it made. */
size_t hang_proc_list_children(const struct hang_process *p, int *ret, size_t max)
{
	size_t n = 0;

	for (size_t i = 0; i < p->threads.n; i++) {
		char path[80], *text, *at;
		long child;

		snprintf(path, sizeof(path), "/proc/%d/task/%d/children", p->pid,
			p->threads.items[i].tid);
		text = hang_slurp(path);
		for (at = text; at && n < max && (child = strtol(at, &at, 10)) > 0;)
			ret[n++] = (int)child;
		free(text);
	}
	return n;
}
