/* SPDX-License-Identifier: MIT
 *
 * One look: processes opened, first without stopping them (whom do they wait for?), then stopped,
 * read, and let go.
 */
#include "internal.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define LOOK_MAX_PROCESSES 512
#define LOOK_ROUNDS 24
#define LOOK_BETWEEN_NS 20000000 /* between two looks without stopping */
#define LOOK_SETTLE 6		 /* looks for whether all sleep, before they are stopped */
#define LOOK_SETTLE_NS 3000000	 /* between the first two of these; then twice as much each */

int hang_fail(struct hang *h, int r, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(h->error->message, sizeof(h->error->message), fmt, args);
	va_end(args);
	return r;
}

static void look_forget_process(struct hang_process *p)
{
	for (size_t i = 0; i < p->threads.n; i++) {
		free(p->threads.items[i].window);
		free(p->threads.items[i].frames);
	}
	for (size_t i = 0; i < p->regions.n; i++)
		free(p->regions.items[i].path);
	lockdag_vec_clear(&p->threads);
	lockdag_vec_clear(&p->regions);
	lockdag_vec_clear(&p->modules);
	lockdag_vec_clear(&p->places);
	lockdag_vec_clear(&p->sharers);
	if (p->dwfl)
		dwfl_end(p->dwfl);
	hang_core_close(p->core);
	free(p->exe);
}

static void look_done(struct hang *h)
{
	for (size_t i = 0; i < h->processes.n; i++)
		look_forget_process(&h->processes.items[i]);
	lockdag_vec_clear(&h->processes);
	lockdag_vec_clear(&h->frames);
	lockdag_vec_clear(&h->wanted);
	lockdag_vec_clear(&h->polls);
	lockdag_vec_clear(&h->tids);
	lockdag_vec_clear(&h->ns_tids);
	free(h->cache.items);
	hang_files_close(h->files);
	lockdag_symbols_free(h->symbols);
}

static int look_new(struct hang *h)
{
	struct lockdag_symbols_options options = {0};
	int r = lockdag_standstill_new(&h->s);

	if (h->options->symbols)
		options = *h->options->symbols;
	options.debuginfod_later = true;
	return r < 0 ? r : lockdag_symbols_new(&options, &h->symbols);
}

/* ------------------------------------------------------------------ may it be looked at? */

static int look_scope(void)
{
	char *text = hang_slurp("/proc/sys/kernel/yama/ptrace_scope");
	int scope = text ? atoi(text) : 0;

	free(text);
	return scope;
}

static int look_forbidden(struct hang *h, const struct hang_process *p)
{
	int scope = look_scope();

	if (scope == 3)
		return hang_fail(h, -EPERM,
			"%d (%s): not permitted: kernel.yama.ptrace_scope is 3, which forbids it "
			"to "
			"everybody until the next boot",
			p->pid, p->name);
	if (scope > 0 && geteuid() == p->uid)
		return hang_fail(h, -EPERM,
			"%d (%s): not permitted: kernel.yama.ptrace_scope is %d. Run lockdag as "
			"root, or "
			"set it to 0: sysctl kernel.yama.ptrace_scope=0",
			p->pid, p->name, scope);
	if (geteuid() == 0)
		return hang_fail(h, -EPERM,
			"%d (%s): not permitted, even to root: it has no memory to read, or this "
			"is a "
			"container without CAP_SYS_PTRACE",
			p->pid, p->name);
	return hang_fail(h, -EPERM,
		"%d (%s): not permitted: it belongs to user %u. Run lockdag as that user or as "
		"root",
		p->pid, p->name, p->uid);
}

/* x86-64, and readable? */
static int look_check(struct hang *h, struct hang_process *p)
{
	unsigned char head[20];
	uint64_t first;

	if (!p->regions.n && !p->exe && p->permitted)
		p->permitted = false;
	if (!p->permitted || !p->regions.n) {
		hang_proc_sample(p);
		if (!p->threads.n || (p->threads.n == 1 && p->threads.items[0].sample.state == 'Z'))
			return hang_fail(
				h, -ESRCH, "%d (%s): has ended (a zombie)", p->pid, p->name);
		return look_forbidden(h, p);
	}
	first = p->regions.items[0].start;
	for (size_t i = 0; i < p->regions.n; i++)
		if (p->exe && p->regions.items[i].path &&
			!strcmp(p->exe, p->regions.items[i].path)) {
			first = p->regions.items[i].start;
			break;
		}
	if (!hang_read(p, first, head, sizeof(head))) {
		hang_proc_sample(p);
		return look_forbidden(h, p);
	}
	if (!memcmp(head, "\177ELF", 4) && (head[4] != 2 || head[18] != 62))
		return hang_fail(h, -ENOEXEC,
			"%d (%s): of a foreign architecture: lockdag reads x86-64 only", p->pid,
			p->name);
	return 0;
}

static int look_open(struct hang *h, int pid, bool followed)
{
	int r;

	if (hang_find_process(h, pid) != LOCKDAG_NONE || h->processes.n >= LOOK_MAX_PROCESSES)
		return 0;
	r = hang_proc_open(h, pid, followed);
	if ((r == -ESRCH || r == -ENOENT) && followed)
		return 0; /* it has ended meanwhile */
	if (r == -ESRCH || r == -ENOENT)
		return hang_fail(h, -ESRCH, "%d: there is no such process", pid);
	if (r < 0)
		return hang_fail(h, r, "%d: %s", pid, strerror(-r));
	r = look_check(h, &h->processes.items[h->processes.n - 1]);
	if (r < 0 && followed) {
		look_forget_process(&h->processes.items[--h->processes.n]);
		return 0;
	}
	return r;
}

/* ------------------------------------------------------------------ rounds */

static int look_tree(struct hang *h)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < h->processes.n && h->processes.n < LOOK_MAX_PROCESSES;
		i++) {
		int children[256];
		size_t n = hang_proc_list_children(
			&h->processes.items[i], children, LOCKDAG_ARRAY_SIZE(children));

		for (size_t k = 0; r == 0 && k < n && k < LOCKDAG_ARRAY_SIZE(children); k++)
			r = look_open(h, children[k], true);
	}
	return r;
}

/* Opens those who are waited for. *ret_more: there were any. */
static int look_follow(struct hang *h, bool *ret_more)
{
	size_t before = h->processes.n;
	int r = 0;

	*ret_more = false;
	if (h->options->alone)
		return 0;
	for (size_t i = 0; r == 0 && i < h->wanted.n; i++)
		if (h->wanted.items[i] != getpid())
			r = look_open(h, h->wanted.items[i], true);
	*ret_more = h->processes.n > before;
	return r;
}

static void look_sample(struct hang *h)
{
	for (size_t i = 0; i < h->processes.n; i++)
		hang_proc_sample(&h->processes.items[i]);
}

/* Whom do they wait for, as far as it shows without stopping them? */
static int look_around(struct hang *h)
{
	bool more = true;
	int r = 0;

	for (int round = 0; r == 0 && more && round < LOOK_ROUNDS; round++) {
		look_sample(h);
		r = hang_wait_rows(h);
		if (r == 0)
			r = look_follow(h, &more);
	}
	return r;
}

static int look_rows(struct hang *h)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < h->processes.n; i++)
		r = hang_unwind(h, &h->processes.items[i]);
	return r == 0 ? hang_wait_rows(h) : r;
}

/* How many threads did not sleep for as long as it took to look twice? */
static size_t look_restless(struct hang *h)
{
	size_t n = 0;

	for (size_t i = 0; i < h->processes.n; i++) {
		struct hang_process *p = &h->processes.items[i];

		hang_proc_check(p);
		for (size_t k = 0; k < p->threads.n; k++)
			n += !p->threads.items[k].sure && !strchr("ZXD", p->threads.items[k].sample.state);
	}
	return n;
}

/* Until nobody is on its way to where it waits; of a program that works some are always. */
static void look_settle(struct hang *h)
{
	long rest = LOOK_SETTLE_NS;
	size_t before = SIZE_MAX;

	for (int i = 0; i < LOOK_SETTLE; i++, rest *= 2) {
		size_t restless;

		nanosleep(&(struct timespec){.tv_nsec = rest}, NULL);
		restless = look_restless(h);
		if (!restless || (restless >= before && i > 3) || i == LOOK_SETTLE - 1)
			return;
		before = restless;
		look_sample(h);
	}
}

static int look_stopped(struct hang *h)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < h->processes.n; i++)
		r = hang_unwind_open(h, &h->processes.items[i]);
	if (r < 0)
		return r;
	/* Names and lines are looked up before: of what hangs, the same are asked for again. */
	look_sample(h);
	r = look_rows(h);
	if (r < 0)
		return r;
	look_settle(h);
	hang_freeze(h);
	r = look_rows(h);
	hang_thaw(h);
	return r;
}

static int look_unstopped(struct hang *h)
{
	int r;

	look_sample(h);
	r = look_rows(h);
	nanosleep(&(struct timespec){.tv_nsec = LOOK_BETWEEN_NS}, NULL);
	for (size_t i = 0, row = 0; i < h->processes.n; i++) {
		struct hang_process *p = &h->processes.items[i];

		hang_proc_check(p);
		if (r == 0)
			h->s->processes.items[i].whole = p->whole;
		for (size_t k = 0; r == 0 && k < p->threads.n; k++)
			h->s->threads.items[row++].sure = p->threads.items[k].sure;
	}
	return r;
}

static int look_note(struct hang *h, const char *note)
{
	const char **row = lockdag_vec_push(&h->s->notes);

	if (!row || !note)
		return -ENOMEM;
	*row = note;
	return 0;
}

static int look_note_trouble(struct hang *h)
{
	const char *trouble = lockdag_symbols_trouble(h->symbols);

	return trouble ? look_note(h, lockdag_standstill_text(h->s, trouble)) : 0;
}

static const char *look_note_of(struct hang *h, const struct hang_process *p)
{
	const char *place = strstr(p->runtime_note, "%d");

	return place ? lockdag_standstill_textf(h->s, "%.*s%d%s", (int)(place - p->runtime_note),
			       p->runtime_note, p->pid, place + 2)
		     : p->runtime_note;
}

static int look_notes(struct hang *h)
{
	int r = look_note_trouble(h);

	for (size_t i = 0; r == 0 && i < h->processes.n; i++) {
		const struct hang_process *p = &h->processes.items[i];
		size_t n = 0;

		for (size_t k = 0; k < p->threads.n; k++)
			n += !p->threads.items[k].frozen && !p->threads.items[k].spared &&
			     p->threads.items[k].sample.state != 'Z';
		if (p->runtime_note)
			r = look_note(h, look_note_of(h, p));
		if (r == 0 && p->guessed)
			r = look_note(h, lockdag_standstill_textf(h->s,
						 "%s (%d) has no unwind tables: its stacks are "
						 "what looks like return "
						 "addresses",
						 p->name, p->pid));
		if (r == 0 && n && !h->options->no_stop)
			r = look_note(
				h, lockdag_standstill_textf(h->s,
					   "%zu of %zu threads of %s (%d) could not be stopped%s",
					   n, p->threads.n, p->name, p->pid,
					   p->tracer ? ": a debugger is attached" : ""));
	}
	return r;
}

/* What servers have, which are asked while nobody is stopped. True: there are more names. */
static bool look_fetch(struct hang *h)
{
	if (!lockdag_symbols_fetch(h->symbols))
		return false;
	free(h->cache.items);
	h->cache.items = NULL;
	h->cache.n = h->cache.cap = h->n_cached = 0;
	return true;
}

static int look_all(struct hang *h, const int *pids, size_t n)
{
	bool more = true;
	int r = 0;

	for (size_t i = 0; r == 0 && i < n; i++)
		r = look_open(h, pids[i], false);
	if (r == 0 && h->options->tree)
		r = look_tree(h);
	if (r == 0)
		r = look_around(h);
	/* A shared lock's owner shows only by the stacks: then once more, with his process. */
	for (int round = 0; r == 0 && more && round < 4; round++) {
		r = h->options->no_stop ? look_unstopped(h) : look_stopped(h);
		if (r == 0)
			r = look_follow(h, &more);
		more |= r == 0 && look_fetch(h);
	}
	return r == 0 ? look_notes(h) : r;
}

static const struct lockdag_hang_options look_defaults;

static int look_end(struct hang *h, int r, struct lockdag_standstill **ret)
{
	if (r == 0)
		r = lockdag_standstill_judge(h->s);
	look_done(h);
	if (r < 0) {
		lockdag_standstill_free(h->s);
		if (!*h->error->message)
			snprintf(h->error->message, sizeof(h->error->message), "%s", strerror(-r));
		return r;
	}
	*ret = h->s;
	return 0;
}

int lockdag_hang_look(const int *pids, size_t n, const struct lockdag_hang_options *options,
	struct lockdag_standstill **ret, struct lockdag_hang_error *error)
{
	struct hang h = {.options = options ? options : &look_defaults, .error = error};
	int r;

	*error->message = 0;
	r = look_new(&h);
	if (r == 0)
		r = look_all(&h, pids, n);
	return look_end(&h, r, ret);
}

int lockdag_hang_core(const char *path, const struct lockdag_hang_options *options,
	struct lockdag_standstill **ret, struct lockdag_hang_error *error)
{
	struct hang h = {.options = options ? options : &look_defaults, .error = error};
	int r;

	*error->message = 0;
	r = look_new(&h);
	if (r == 0)
		r = hang_core_open(&h, path);
	if (r == 0)
		r = hang_unwind_open(&h, &h.processes.items[0]);
	if (r == 0) {
		hang_imports(&h.processes.items[0]);
		r = look_rows(&h);
	}
	if (r == 0 && look_fetch(&h))
		r = look_rows(&h);
	if (r == 0)
		r = look_note_trouble(&h);
	if (r == 0)
		r = look_notes(&h);
	if (r == 0) {
		h.s->core = true;
		h.s->target = lockdag_standstill_text(h.s, path);
	}
	return look_end(&h, r, ret);
}
