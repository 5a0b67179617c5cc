/* SPDX-License-Identifier: MIT
 *
 * Texts of /proc (proc(5)). A process chooses its own name: ") (" may be in it.
 */
#include "internal.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool hang_parse_stat(const char *text, struct hang_process *p, char *ret_state)
{
	const char *open = strchr(text, '('), *end = strrchr(text, ')');
	int ppid, session;
	unsigned long long start;
	size_t n;

	if (!open || !end || end < open || strlen(end) < 4)
		return false;
	n = (size_t)(end - open - 1);
	if (n >= sizeof(p->name))
		n = sizeof(p->name) - 1;
	memcpy(p->name, open + 1, n);
	p->name[n] = 0;
	*ret_state = end[2];
	if (sscanf(end + 3,
		    " %d %*d %d %*d %*d %*u %*u %*u %*u %*u %*u %*u %*d %*d %*d %*d %*d %*d %llu",
		    &ppid, &session, &start) != 3)
		return false;
	p->ppid = ppid;
	p->session = session;
	p->start_ticks = start;
	return true;
}

bool hang_parse_syscall(const char *text, struct hang_sample *ret)
{
	long nr;
	uint64_t a[8] = {0};
	int n;

	ret->running = !strncmp(text, "running", 7);
	ret->nr = -1;
	if (ret->running)
		return true;
	n = sscanf(text,
		"%ld %" SCNx64 " %" SCNx64 " %" SCNx64 " %" SCNx64 " %" SCNx64 " %" SCNx64
		" %" SCNx64 " %" SCNx64,
		&nr, &a[0], &a[1], &a[2], &a[3], &a[4], &a[5], &a[6], &a[7]);
	if (n == 3 && nr == -1) { /* asleep, but in no system call */
		ret->sp = a[0];
		ret->pc = a[1];
		return true;
	}
	if (n != 9)
		return false;
	ret->nr = nr;
	memcpy(ret->args, a, sizeof(ret->args));
	ret->sp = a[6];
	ret->pc = a[7];
	return true;
}

/* The last number of a line: of NSpid, the innermost name space's. */
static int parse_last_number(const char *s)
{
	int last = 0;

	while (*s && *s != '\n') {
		if (isdigit((unsigned char)*s)) {
			last = (int)strtol(s, NULL, 10);
			while (isdigit((unsigned char)*s))
				s++;
		} else {
			s++;
		}
	}
	return last;
}

void hang_parse_status(const char *text, struct hang_status *ret)
{
	uint64_t value;
	int number;
	unsigned uid;

	*ret = (struct hang_status){0};
	for (const char *line = text; line && *line; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (!strncmp(line, "State:\t", 7))
			ret->state = line[7];
		else if (sscanf(line, "voluntary_ctxt_switches: %" SCNu64, &value) == 1)
			ret->switches += ret->voluntary = value;
		else if (sscanf(line, "nonvoluntary_ctxt_switches: %" SCNu64, &value) == 1)
			ret->switches += value;
		else if (sscanf(line, "SigCgt: %" SCNx64, &value) == 1)
			ret->caught = value;
		else if (sscanf(line, "TracerPid: %d", &number) == 1)
			ret->tracer = number;
		else if (sscanf(line, "Uid: %u", &uid) == 1)
			ret->uid = uid;
		else if (!strncmp(line, "NSpid:", 6))
			ret->ns_tid = parse_last_number(line + 6);
	}
}

bool hang_parse_region(const char *line, struct hang_region *ret)
{
	char permissions[5];
	int at = 0;

	*ret = (struct hang_region){0};
	if (sscanf(line, "%" SCNx64 "-%" SCNx64 " %4s %" SCNx64 " %*x:%*x %*u %n", &ret->start,
		    &ret->end, permissions, &ret->offset, &at) < 4 ||
		!at || ret->end <= ret->start)
		return false;
	ret->write = permissions[1] == 'w';
	ret->exec = permissions[2] == 'x';
	ret->shared = permissions[3] == 's';
	ret->path = line[at] && line[at] != '\n' ? (char *)(uintptr_t)(line + at) : NULL;
	return true;
}

bool hang_parse_lock(const char *line, struct hang_lock_line *ret)
{
	char type[16], kind[16], how[16], end[32];
	const char *rest = strchr(line, ':');
	int n;

	*ret = (struct hang_lock_line){0};
	if (!rest)
		return false;
	rest++;
	while (*rest == ' ' || *rest == '\t')
		rest++;
	if (!strncmp(rest, "->", 2)) {
		ret->waits = true;
		rest += 2;
	}
	n = sscanf(rest, "%15s %15s %15s %d %x:%x:%" SCNu64 " %" SCNu64 " %31s", type, kind, how,
		&ret->pid, &ret->major, &ret->minor, &ret->inode, &ret->start, end);
	if (n != 9)
		return false;
	if (!strcmp(type, "FLOCK"))
		ret->type = HANG_FLOCK;
	else if (!strcmp(type, "POSIX"))
		ret->type = HANG_POSIX;
	else if (!strcmp(type, "OFDLCK"))
		ret->type = HANG_OFD;
	else
		return false;
	ret->write = !strcmp(how, "WRITE");
	ret->end = !strcmp(end, "EOF") ? UINT64_MAX : strtoull(end, NULL, 10);
	return true;
}
