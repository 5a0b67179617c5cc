/* SPDX-License-Identifier: MIT
 *
 * Pipes, sockets and eventfds: whoever has the other end open can end the wait.
 */
#include "files.h"

#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

struct streams_search {
	struct hang *h;
	uint32_t process;
	struct lockdag_still_thread *row;
	int fd;
	bool write; /* the waiter writes: readers are wanted */
	bool own, polled;
	bool named; /* a pipe in the file system */
	uint64_t eventfd; /* id, or 0 */
	bool any_end;     /* of a socket's peer: all are the other end */
	size_t n;
};

static uint64_t streams_number(const char *text, const char *word)
{
	const char *at = text ? strstr(text, word) : NULL;

	return at ? strtoull(at + strlen(word), NULL, 10) : 0;
}

static int streams_found(void *arg, int pid, int fd)
{
	struct streams_search *s = arg;
	const struct hang_process *p = &s->h->processes.items[s->process];
	unsigned flags = 0;
	char *text;
	bool is_end = files_info(pid, fd, &text, &flags);

	if (s->eventfd)
		is_end = is_end && streams_number(text, "eventfd-id:") == s->eventfd;
	else if (!s->any_end)
		is_end = is_end && ((flags & O_ACCMODE) == O_RDWR ||
					   (flags & O_ACCMODE) == (s->write ? O_RDONLY : O_WRONLY));
	free(text);
	if (!is_end)
		return 0;
	s->n++;
	s->own = s->own || pid == p->pid;
	return hang_rescuer_pid(s->h, s->row, pid, "whose other end is with");
}

/* A handler of the process itself may write to the pipe that it reads. */
static int streams_handler(struct streams_search *s)
{
	const struct hang_process *p = &s->h->processes.items[s->process];

	if (!s->own || !hang_has_handlers(p))
		return 0;
	return lockdag_standstill_add_rescuer(
		s->h->s, s->row, &(struct lockdag_rescuer){.who = LOCKDAG_RESCUER_HANDLER});
}

static int streams_outside(struct streams_search *s, const char *words)
{
	return lockdag_standstill_add_rescuer(s->h->s, s->row,
		&(struct lockdag_rescuer){
			.who = LOCKDAG_RESCUER_OUTSIDE, .exact = true, .words = words});
}

static int streams_search(struct streams_search *s, const char *link)
{
	const struct hang_process *p = &s->h->processes.items[s->process];
	bool closed;
	int r = files_each(s->h, p, link, streams_found, s, &closed);

	if (r == 0 && closed)
		r = streams_outside(s, "which a process may have whose descriptors cannot be read");
	if (r == 0 && !s->n)
		r = streams_outside(s, "whose other end nobody here has");
	/* Who keeps the other end open himself waits for whoever comes. */
	if (r == 0 && s->own && s->named)
		r = streams_outside(s, "which any process may open by its name");
	if (r == 0 && s->own && files_by_kernel(s->h, p))
		r = streams_outside(s, "to which the kernel may write for the program");
	return r == 0 ? streams_handler(s) : r;
}

static int streams_lock(struct streams_search *s, const char *type, const char *link)
{
	uint32_t lock;
	int r;

	if (s->polled)
		return 0;
	r = hang_lock_row(s->h, s->process, 0, type, link, &lock);
	if (r == 0)
		s->row->lock = lock;
	return r;
}

static int streams_socket(struct streams_search *s, const char *link)
{
	const struct hang_process *p = &s->h->processes.items[s->process];
	uint64_t inode = strtoull(link + strlen("socket:["), NULL, 10);
	uint64_t peer = files_socket_peer(s->h, inode);
	char other[64];
	int r;

	s->row->kind = s->write ? LOCKDAG_STILL_SOCKET_WRITE : LOCKDAG_STILL_SOCKET_READ;
	s->any_end = true;
	r = streams_lock(s, "socket", link);
	if (r)
		return r;
	if (!peer)
		return streams_outside(s, "whose other end is not on this machine, or not known");
	if (!s->polled && files_socket_is_timed(p->pid, s->fd, s->write))
		s->row->timed = true;
	snprintf(other, sizeof(other), "socket:[%" PRIu64 "]", peer);
	return streams_search(s, other);
}

static int streams_eventfd(struct streams_search *s, const char *link)
{
	unsigned flags;
	char *text;

	if (files_info(s->h->processes.items[s->process].pid, s->fd, &text, &flags))
		s->eventfd = streams_number(text, "eventfd-id:");
	free(text);
	s->row->kind = LOCKDAG_STILL_EVENTFD;
	if (!s->eventfd || streams_lock(s, "eventfd", link))
		return streams_outside(s, NULL);
	return streams_search(s, link);
}

/* What is read or written and is no stream: terminals, files, timers. */
static int streams_other(struct streams_search *s, const char *link)
{
	struct lockdag_still_thread *row = s->row;

	row->kind = s->write ? LOCKDAG_STILL_WRITE : LOCKDAG_STILL_READ;
	if (strstr(link, "[timerfd]"))
		row->kind = LOCKDAG_STILL_SLEEP;
	else if (strstr(link, "[signalfd]"))
		row->kind = LOCKDAG_STILL_SIGNAL;
	row->what = lockdag_standstill_textf(
		s->h->s, "%s (descriptor %d)", *link ? link : "a descriptor", s->fd);
	return streams_outside(s, NULL);
}

/* ------------------------------------------------------------------ of a core file */

static const char *streams_type(const struct hang_origin *o)
{
	return o->may & HANG_MAY_EVENTFD ? "eventfd" : o->may & HANG_MAY_PIPE ? "pipe" : "socket";
}

/* What is known of the descriptor, and by what. */
static const char *streams_evidence(struct streams_search *s, const struct hang_origin *o)
{
	struct lockdag_symbols_name name = {0};
	bool named = hang_name_static(s->h, s->process, o->address, &name);
	const char *type = streams_type(o), *where = named ? name.name : NULL;
	char place[32];

	snprintf(place, sizeof(place), "0x%" PRIx64, o->address);
	if (!o->sure)
		return lockdag_standstill_textf(s->h->s,
			"likely the program's own %s: descriptors %d and %d stand in memory at %s; "
			"but "
			"another process may have them, or the numbers were used again",
			type, s->fd, o->other, where ? where : place);
	if (!o->address)
		return lockdag_standstill_textf(s->h->s,
			"the program's own eventfd: 8 bytes are read, and nothing in it makes other descriptors "
			"or could share them with a process");
	if (o->in_code)
		return lockdag_standstill_textf(s->h->s,
			"the program's own %s, whose numbers its code gets into %s, and which "
			"nothing in it "
			"could share with a process",
			type, where ? where : place);
	return lockdag_standstill_textf(s->h->s,
		"the program's own %s: %d and %d stand in memory at %s, and nothing in it makes "
		"other "
		"descriptors or could share them with a process",
		type, s->fd, o->other, where ? where : place);
}

static int streams_own(struct streams_search *s, const struct hang_origin *o)
{
	struct hang_process *p = &s->h->processes.items[s->process];
	const char *type = streams_type(o);
	const char *name = lockdag_standstill_textf(s->h->s, "%s:{%d, %d}", type,
		s->fd < o->other ? s->fd : o->other, s->fd < o->other ? o->other : s->fd);
	int r;

	if (o->may & HANG_MAY_EVENTFD)
		s->row->kind = LOCKDAG_STILL_EVENTFD;
	else if (o->may & HANG_MAY_PIPE)
		s->row->kind = s->write ? LOCKDAG_STILL_PIPE_WRITE : LOCKDAG_STILL_PIPE_READ;
	else
		s->row->kind = s->write ? LOCKDAG_STILL_SOCKET_WRITE : LOCKDAG_STILL_SOCKET_READ;
	r = streams_lock(s, type, name);
	if (r)
		return r;
	s->row->note = s->polled ? NULL : streams_evidence(s, o);
	r = hang_rescuer_add(s->h, s->row, LOCKDAG_RESCUER_PROCESS, s->process, true, NULL);
	if (r == 0 && hang_has_handlers(p))
		r = hang_rescuer_add(s->h, s->row, LOCKDAG_RESCUER_HANDLER, 0, false, NULL);
	return r;
}

static int streams_of_core(struct streams_search *s, const struct hang_thread *t)
{
	struct hang_process *p = &s->h->processes.items[s->process];
	struct hang_origin o;
	bool reads_8 = t && !s->write && t->sample.args[2] == sizeof(uint64_t);
	bool found = hang_origin(p, s->fd, reads_8, &o);

	if (found && o.sure)
		return streams_own(s, &o);
	s->row->kind = s->write ? LOCKDAG_STILL_WRITE : LOCKDAG_STILL_READ;
	s->row->what = lockdag_standstill_textf(s->h->s, "descriptor %d", s->fd);
	if (found && !s->polled)
		s->row->note = streams_evidence(s, &o);
	return streams_outside(s, "whose other end a core file does not tell");
}

int files_stream(struct hang *h, uint32_t process, const struct hang_thread *t, int fd, bool write,
	struct lockdag_still_thread *row)
{
	const struct hang_process *p = &h->processes.items[process];
	struct streams_search s = {
		.h = h, .process = process, .row = row, .fd = fd, .write = write, .polled = !t};
	char link[1024] = "", path[64];
	struct stat st = {0};
	int r;

	if (p->core)
		return streams_of_core(&s, t);
	files_link(p->pid, fd, link, sizeof(link));
	snprintf(path, sizeof(path), "/proc/%d/fd/%d", p->pid, fd);
	if (stat(path, &st) == 0 && S_ISFIFO(st.st_mode)) {
		row->kind = write ? LOCKDAG_STILL_PIPE_WRITE : LOCKDAG_STILL_PIPE_READ;
		s.named = strncmp(link, "pipe:[", 6) && !strstr(link, " (deleted)");
		r = streams_lock(&s, "pipe", link);
		return r ? r : streams_search(&s, link);
	}
	if (!strncmp(link, "socket:[", 8))
		return streams_socket(&s, link);
	if (strstr(link, "[eventfd]"))
		return streams_eventfd(&s, link);
	return streams_other(&s, link);
}
