/* SPDX-License-Identifier: MIT
 *
 * Waits for descriptors: one that is read or written, many that are polled, locks of files.
 */
#include "files.h"

#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

#define FILES_MAX_POLLED 32

struct files_polled {
	int fd;
	bool write;
};

/* ------------------------------------------------------------------ many */

static size_t files_of_poll(
	const struct hang_process *p, const struct hang_sample *s, struct files_polled *ret)
{
	struct pollfd fds[FILES_MAX_POLLED];
	size_t n = s->args[1], k = 0;

	if (n > FILES_MAX_POLLED || !hang_read(p, s->args[0], fds, n * sizeof(*fds)))
		return FILES_MAX_POLLED + 1;
	for (size_t i = 0; i < n; i++)
		if (fds[i].fd >= 0)
			ret[k++] = (struct files_polled){fds[i].fd, !(fds[i].events & POLLIN)};
	return k;
}

static size_t files_of_select(
	const struct hang_process *p, const struct hang_sample *s, struct files_polled *ret)
{
	size_t n = s->args[0], k = 0;

	if (n > FD_SETSIZE)
		return FILES_MAX_POLLED + 1;
	for (int set = 0; set < 2; set++) {
		unsigned char bits[FD_SETSIZE / 8] = {0};

		if (s->args[1 + set] && !hang_read(p, s->args[1 + set], bits, (n + 7) / 8))
			return FILES_MAX_POLLED + 1;
		for (size_t i = 0; i < n; i++) {
			if (!(bits[i / 8] & 1u << i % 8))
				continue;
			if (k == FILES_MAX_POLLED)
				return FILES_MAX_POLLED + 1;
			ret[k++] = (struct files_polled){(int)i, set == 1};
		}
	}
	return k;
}

static size_t files_of_epoll(
	const struct hang_process *p, const struct hang_sample *s, struct files_polled *ret)
{
	unsigned flags;
	char *text, *at;
	size_t k = 0;

	if (p->core || !files_info(p->pid, (int)s->args[0], &text, &flags)) {
		return FILES_MAX_POLLED + 1;
	}
	for (at = strstr(text, "tfd:"); at; at = strstr(at + 4, "tfd:")) {
		unsigned events;
		int fd;

		if (sscanf(at, "tfd: %d events: %x", &fd, &events) != 2)
			continue;
		if (k == FILES_MAX_POLLED) {
			k++;
			break;
		}
		ret[k++] = (struct files_polled){fd, !(events & EPOLLIN)};
	}
	free(text);
	return k;
}

/* Is one of the rescuers the process itself, or somebody outside? Then it is an event loop like
 * others, and its pipe is there to be woken by. */
static bool files_is_open_loop(
	const struct hang *h, uint32_t process, const struct lockdag_still_thread *row)
{
	for (uint32_t i = 0; i < row->n_rescuers; i++) {
		const struct lockdag_rescuer *r = &h->s->rescuers.items[row->rescuers + i];

		if (r->who != LOCKDAG_RESCUER_PROCESS || r->index == process)
			return true;
	}
	return !row->n_rescuers;
}

static int files_poll(struct hang *h, uint32_t process, const struct hang_thread *t,
	enum hang_call call, struct lockdag_still_thread *row)
{
	const struct hang_process *p = &h->processes.items[process];
	struct files_polled fds[FILES_MAX_POLLED + 1];
	char text[256] = "", link[256];
	size_t n = FILES_MAX_POLLED + 1, used = 0;
	int r = 0;

	if (call == HANG_CALL_POLL)
		n = files_of_poll(p, &t->sample, fds);
	else if (call == HANG_CALL_SELECT)
		n = files_of_select(p, &t->sample, fds);
	else
		n = files_of_epoll(p, &t->sample, fds);
	for (size_t i = 0; n <= FILES_MAX_POLLED && i < n && r == 0; i++) {
		r = files_stream(h, process, NULL, fds[i].fd, fds[i].write, row);
		if (i < 3 && !p->core && files_link(p->pid, fds[i].fd, link, sizeof(link)))
			used += (size_t)snprintf(
				text + used, sizeof(text) - used, "%s%.60s", i ? ", " : "", link);
	}
	if (n <= FILES_MAX_POLLED && n > 3)
		snprintf(text + used, sizeof(text) - used, " and %zu more", n - 3);
	row->what = lockdag_standstill_text(h->s, n > FILES_MAX_POLLED ? "many descriptors"
						  : *text              ? text
						  : n                  ? "descriptors"
								       : "nothing");
	h->polled = n > FILES_MAX_POLLED ? LOCKDAG_STILL_POLL : row->kind;
	if (n > FILES_MAX_POLLED || files_is_open_loop(h, process, row))
		row->kind = LOCKDAG_STILL_POLL;
	return r;
}

/* ------------------------------------------------------------------ locks */

struct files_lock {
	struct hang *h;
	uint32_t process;
	struct lockdag_still_thread *row;
	int fd;
	bool flock, write;
	uint64_t start, end;
	size_t n;
};

static bool files_conflicts(const struct files_lock *l, const struct hang_lock_line *line)
{
	if (l->flock != (line->type == HANG_FLOCK))
		return false;
	if (!l->write && !line->write)
		return false;
	return l->flock || (line->start <= l->end && l->start <= line->end);
}

static int files_holder(void *arg, int pid, int fd)
{
	struct files_lock *l = arg;
	const struct hang_process *p = &l->h->processes.items[l->process];
	bool holds = false;
	unsigned flags;
	char *text;

	/* A flock is the open file's, whoever has it; a record lock is its process's. */
	if (l->flock ? files_are_one(pid, fd, p->pid, l->fd) : pid == p->pid)
		return 0;
	if (files_info(pid, fd, &text, &flags))
		for (char *at = strstr(text, "lock:"); at && !holds; at = strstr(at + 5, "lock:")) {
			struct hang_lock_line line;

			holds = hang_parse_lock(at + 5, &line) && !line.waits &&
				files_conflicts(l, &line);
		}
	free(text);
	if (!holds)
		return 0;
	l->n++;
	return hang_rescuer_pid(l->h, l->row, pid, "held by");
}

/* What fcntl asks for: its struct flock. */
static bool files_read_flock(
	const struct hang_process *p, const struct hang_sample *s, struct files_lock *l)
{
	struct flock asked;

	if (!hang_read(p, s->args[2], &asked, sizeof(asked)))
		return false;
	l->write = asked.l_type == F_WRLCK;
	l->end = UINT64_MAX; /* from another whence, the range is not known: all of it */
	if (asked.l_whence == SEEK_SET && asked.l_start >= 0) {
		l->start = (uint64_t)asked.l_start;
		if (asked.l_len > 0)
			l->end = l->start + (uint64_t)asked.l_len - 1;
	}
	return true;
}

static int files_lock(struct hang *h, uint32_t process, const struct hang_thread *t, bool flock,
	struct lockdag_still_thread *row)
{
	const struct hang_process *p = &h->processes.items[process];
	const struct hang_sample *s = &t->sample;
	struct files_lock l = {.h = h,
		.process = process,
		.row = row,
		.fd = (int)s->args[0],
		.flock = flock,
		.write = s->args[1] & 2};
	bool closed = false;
	char link[1024] = "";
	uint32_t lock;
	int r;

	row->kind = LOCKDAG_STILL_FILE_LOCK;
	if (!flock && !files_read_flock(p, s, &l))
		row->timed = true; /* not known */
	if (p->core || !files_link(p->pid, l.fd, link, sizeof(link))) {
		row->what = lockdag_standstill_textf(h->s, "descriptor %d", l.fd);
		return lockdag_standstill_add_rescuer(h->s, row,
			&(struct lockdag_rescuer){.who = LOCKDAG_RESCUER_OUTSIDE, .exact = true});
	}
	row->mode = l.write ? LOCKDAG_EXCLUSIVE : LOCKDAG_READ;
	r = hang_lock_row(h, process, 0, flock ? "flock" : "fcntl lock", link, &lock);
	if (r < 0)
		return r;
	row->lock = lock;
	r = files_each(h, p, link, files_holder, &l, &closed);
	if (r == 0 && (closed || !l.n))
		r = lockdag_standstill_add_rescuer(h->s, row,
			&(struct lockdag_rescuer){.who = LOCKDAG_RESCUER_OUTSIDE,
				.exact = true,
				.words = "held by a process that cannot be seen"});
	return r;
}

int hang_files_wait(struct hang *h, uint32_t process, const struct hang_thread *t,
	enum hang_call call, struct lockdag_still_thread *row)
{
	int fd = (int)t->sample.args[0];

	switch (call) {
	case HANG_CALL_READ:
	case HANG_CALL_RECEIVE:
		return files_stream(h, process, t, fd, false, row);
	case HANG_CALL_WRITE:
	case HANG_CALL_SEND:
		return files_stream(h, process, t, fd, true, row);
	case HANG_CALL_POLL:
	case HANG_CALL_SELECT:
	case HANG_CALL_EPOLL:
		return files_poll(h, process, t, call, row);
	case HANG_CALL_FLOCK:
		return files_lock(h, process, t, true, row);
	default:
		return files_lock(h, process, t, false, row);
	}
}
