/* SPDX-License-Identifier: MIT
 *
 * All threads of all processes, stopped at once: what is read then was true at one moment. A
 * blocked system call is restarted by the kernel when its thread goes on, as after a debugger; a thread in a
 * call that would end by the stop is left alone, and has to sleep all the time, from before the others are
 * stopped until they are.
 */
#include "internal.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <stdio.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <time.h>

#define FREEZE_MS 1000 /* a thread that has not stopped by then sleeps in the kernel */

static int64_t freeze_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void freeze_seize(struct hang_process *p)
{
	for (size_t i = 0; i < p->threads.n; i++) {
		struct hang_thread *t = &p->threads.items[i];

		/* One that sleeps in the kernel would stop only when it comes back from there. */
		if (t->seized || strchr("ZXD", t->sample.state))
			continue;
		t->frozen = false;
		t->spared = t->sample.state == 'S' && hang_call_is_fragile(&t->sample);
		if (t->spared)
			continue;
		t->seized = ptrace(PTRACE_SEIZE, t->tid, NULL, NULL) == 0;
		if (t->seized)
			ptrace(PTRACE_INTERRUPT, t->tid, NULL, NULL);
	}
}

/* Waits for the thread's stop. A signal that stopped it first is given back later. */
static bool freeze_wait(struct hang_thread *t, int64_t deadline)
{
	int status;

	for (;;) {
		pid_t r = waitpid(t->tid, &status, __WALL | WNOHANG);

		if (r == t->tid) {
			if (!WIFSTOPPED(status))
				return false;
			if (status >> 16 != PTRACE_EVENT_STOP)
				t->pending_signal = WSTOPSIG(status);
			return true;
		}
		if (r < 0 && errno != EINTR)
			return false;
		if (freeze_now() > deadline)
			return false;
		nanosleep(&(struct timespec){.tv_nsec = 200000}, NULL);
	}
}

/* Threads are stopped one after the other, and one that is stopped first may be woken, in vain, by one that
 * then goes to sleep itself. So all of them must have been asleep at one moment before (the check), and
 * each of them the whole time from there: it went to sleep once more, for the stop. */
static bool freeze_has_slept(const struct hang_process *p, const struct hang_thread *t,
	const struct hang_sample *before)
{
	const struct hang_sample *now = &t->sample;

	return t->sure && now->nr == before->nr && now->sp == before->sp &&
	       !memcmp(now->args, before->args, sizeof(now->args)) &&
	       (before->state == 'T' || /* it was stopped already, and cannot have moved */
		       hang_proc_voluntary(p, t->tid) == before->voluntary + 1);
}

static void freeze_read(const struct hang_process *p, struct hang_thread *t)
{
	const struct hang_sample before = t->sample;
	struct user_regs_struct r;

	if (ptrace(PTRACE_GETREGS, t->tid, NULL, &r) < 0)
		return;
	const uint64_t regs[HANG_N_REGS] = {r.rax, r.rdx, r.rcx, r.rbx, r.rsi, r.rdi, r.rbp, r.rsp,
		r.r8, r.r9, r.r10, r.r11, r.r12, r.r13, r.r14, r.r15, r.rip};
	const uint64_t args[6] = {r.rdi, r.rsi, r.rdx, r.r10, r.r8, r.r9};

	memcpy(t->regs, regs, sizeof(regs));
	t->frozen = true;
	t->sample.running = false;
	t->sample.nr = (long)r.orig_rax;
	t->sample.sp = r.rsp;
	t->sample.pc = r.rip;
	memcpy(t->sample.args, args, sizeof(args));
	if (hang_call_is_over(&t->sample, r.rax)) {
		t->sample.nr = -1;
		t->sample.running = true;
	}
	hang_call_restarted(p, &t->sample);
	t->sure = t->sample.nr < 0 || freeze_has_slept(p, t, &before);
}

/* Threads that were started since /proc was read. */
static bool freeze_more(struct hang_process *p)
{
	size_t before = p->threads.n, next = 0;
	struct dirent *entry;
	char path[80];
	DIR *d;

	snprintf(path, sizeof(path), "/proc/%d/task", p->pid);
	d = opendir(path);
	if (!d)
		return false;
	while ((entry = readdir(d))) {
		int tid = atoi(entry->d_name);
		struct hang_thread *t;
		size_t i = 0;

		if (tid > 0 && next < before && p->threads.items[next].tid == tid) {
			next++; /* in the order in which they were read before */
			continue;
		}
		while (i < before && p->threads.items[i].tid != tid)
			i++;
		if (tid <= 0 || i < before)
			continue;
		t = lockdag_vec_push(&p->threads);
		if (t) {
			t->tid = t->ns_tid = tid;
			t->since_ms = -1;
			t->sample = (struct hang_sample){.state = 'R', .nr = -1};
		}
	}
	closedir(d);
	return p->threads.n > before;
}

static void freeze_collect(struct hang_process *p, size_t from, int64_t deadline)
{
	for (size_t i = from; i < p->threads.n; i++)
		p->threads.items[i].stopped =
			p->threads.items[i].seized && freeze_wait(&p->threads.items[i], deadline);
}

static void freeze_count(struct hang_process *p)
{
	char path[80];
	struct dirent *entry;
	size_t n = 0, stopped = 0;
	DIR *d;

	snprintf(path, sizeof(path), "/proc/%d/task", p->pid);
	d = opendir(path);
	while (d && (entry = readdir(d)))
		n += entry->d_name[0] != '.';
	if (d)
		closedir(d);
	for (size_t i = 0; i < p->threads.n; i++) {
		if (p->threads.items[i].stopped)
			freeze_read(p, &p->threads.items[i]);
		else if (p->threads.items[i].spared)
			p->threads.items[i].sure = hang_proc_rests(p, &p->threads.items[i]);
		stopped += p->threads.items[i].frozen || p->threads.items[i].sample.state == 'Z' ||
			   (p->threads.items[i].spared && p->threads.items[i].sure);
	}
	p->frozen = stopped == p->threads.n;
	p->whole = p->frozen && n == p->threads.n;
}

void hang_freeze(struct hang *h)
{
	int64_t deadline = freeze_now() + FREEZE_MS;

	for (size_t i = 0; i < h->processes.n; i++)
		if (h->processes.items[i].permitted)
			freeze_seize(&h->processes.items[i]);
	for (size_t i = 0; i < h->processes.n; i++) {
		struct hang_process *p = &h->processes.items[i];
		size_t from = 0;

		if (!p->permitted)
			continue;
		do { /* whoever was not stopped yet may have made more */
			freeze_collect(p, from, deadline);
			from = p->threads.n;
			if (!freeze_more(p))
				break;
			freeze_seize(p);
		} while (freeze_now() < deadline);
	}
	for (size_t i = 0; i < h->processes.n; i++)
		if (h->processes.items[i].permitted)
			freeze_count(&h->processes.items[i]);
}

void hang_thaw(struct hang *h)
{
	for (size_t i = 0; i < h->processes.n; i++) {
		struct hang_process *p = &h->processes.items[i];

		for (size_t k = 0; k < p->threads.n; k++) {
			struct hang_thread *t = &p->threads.items[k];

			if (t->seized && !t->stopped)
				t->stopped = freeze_wait(t, freeze_now() + FREEZE_MS / 4);
			if (t->stopped)
				ptrace(PTRACE_DETACH, t->tid, NULL,
					(void *)(uintptr_t)t->pending_signal);
			t->seized = t->stopped = false;
		}
	}
}
