/* SPDX-License-Identifier: MIT
 *
 * Waits for the end of a child process: an event like the end of a thread, with the child's id as its
 * serial. The child may not have come to its own row yet, so that the judge finds out who it was. Who
 * waits for any child is taken to have waited for the one that came: which one that will be is not
 * known before.
 */
#include "guest/hooks_event.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>

#define REAL(name) (guest_reals()->name)

enum { WAIT_RECORDS = 256, WAIT_STREAMS = 64, WAIT_ROWS = 4096 };

/* With locks held, each child is a record, up to a limit; else one of each place will do. */
static void wait_record(struct lockdag_block *t, pid_t pid, struct guest_site site)
{
	static uint32_t records;
	uint64_t which = t->top != t->held && lockdag_load_relaxed(&records) < WAIT_RECORDS
		? (uint64_t)(uint32_t)lockdag_add_relaxed(&records, 1) + 1
		: 0;

	t->joining = LOCKDAG_END_PROCESS | (uint32_t)pid;
	guest_event_wait(t, (const void *)LOCKDAG_CHILD_ADDRESS(pid), LOCKDAG_KEY_NONE, LOCKDAG_KEY_NONE, 0, 0, which, site);
	t->joining = 0;
}

static struct lockdag_block *wait_begin(pid_t pid, bool blocks, struct guest_site site)
{
	struct lockdag_block *t = guest_ready();
	int saved = errno;

	if (t && blocks && pid > 0)
		wait_record(t, pid, site);
	errno = saved;
	return t;
}

/* Notes in the rows of pid, the last ones first, how it has ended. */
static void wait_note(pid_t pid, int status)
{
	uint32_t n = lockdag_load_relaxed(&guest_process.writer.header->n_processes);
	uint32_t last = n > WAIT_ROWS ? n - WAIT_ROWS : 0;

	while (n-- > last) {
		struct lockdag_session_process *row = guest_process_row(n);

		if (row->pid == pid && lockdag_load_acquire(&row->state)) /* pairs with: guest_process_row_new */
			lockdag_store_relaxed(&row->gone,
				WIFSIGNALED(status) ? LOCKDAG_GONE_KILLED : LOCKDAG_GONE_ENDED);
	}
}

/* pid has ended: what it did is before what the thread does now. again: it is known only now whose
 * end was waited for. */
static void wait_reaped(
	struct lockdag_block *t, pid_t pid, int status, bool again, struct guest_site site)
{
	wait_note(pid, status);
	if (again)
		wait_record(t, pid, site);
	guest_event_waited(t);
	t->phase++;
	guest_point(t, LOCKDAG_POINT_REAPED, LOCKDAG_KEY_NONE, (uint32_t)pid, t->phase, t->phase,
		site.sp);
}

static pid_t wait_end(struct lockdag_block *t, pid_t asked, bool blocks, pid_t pid, int status,
	struct guest_site site)
{
	int saved = errno;

	if (!t || guest_ready() != t)
		return pid;
	if (pid > 0 && (WIFEXITED(status) || WIFSIGNALED(status)))
		wait_reaped(t, pid, status, blocks && asked <= 0, site);
	else
		guest_event_waited(t);
	errno = saved;
	return pid;
}

#define WAIT_CALL(asked, options, call)                                                            \
	do {                                                                                       \
		const struct guest_site site = GUEST_SITE();                                       \
		bool blocks = !((options) & WNOHANG);                                              \
		struct lockdag_block *t = wait_begin((asked), blocks, site);                       \
		int own = 0;                                                                       \
		pid_t pid;                                                                         \
                                                                                                   \
		status = status ? status : &own;                                                   \
		pid = (call);                                                                      \
		return wait_end(t, (asked), blocks, pid, pid > 0 ? *status : 0, site);             \
	} while (0)

GUEST_EXPORT pid_t wait(int *status)
{
	WAIT_CALL(-1, 0, REAL(wait)(status));
}

GUEST_EXPORT pid_t waitpid(pid_t asked, int *status, int options)
{
	WAIT_CALL(asked, options, REAL(waitpid)(asked, status, options));
}

GUEST_EXPORT pid_t wait3(int *status, int options, struct rusage *usage)
{
	WAIT_CALL(-1, options, REAL(wait3)(status, options, usage));
}

GUEST_EXPORT pid_t wait4(pid_t asked, int *status, int options, struct rusage *usage)
{
	WAIT_CALL(asked, options, REAL(wait4)(asked, status, options, usage));
}

GUEST_EXPORT int waitid(idtype_t type, id_t id, siginfo_t *info, int options)
{
	const struct guest_site site = GUEST_SITE();
	bool blocks = options & WEXITED && !(options & WNOHANG);
	pid_t asked = type == P_PID ? (pid_t)id : -1;
	struct lockdag_block *t = wait_begin(asked, blocks, site);
	siginfo_t own = { 0 };
	int r;

	info = info ? info : &own;
	info->si_pid = 0;
	r = REAL(waitid)(type, id, info, options);
	wait_end(t, asked, blocks, r ? -1 : info->si_pid,
		info->si_code == CLD_EXITED ? 0 : info->si_code == CLD_STOPPED ? 0x7f : 1, site);
	return r;
}

/* ------------------------------------------------------------------ system, popen
 *
 * Their children start behind our hooks, and are known once they have come to their rows. */

static uint32_t wait_rows(void)
{
	return guest_ready() ? lockdag_load_relaxed(&guest_process.writer.header->n_processes) : 0;
}

/* Those whose rows came after the first `from` ones have ended. */
static void wait_started_since(uint32_t from, int status, struct guest_site site)
{
	struct lockdag_block *t = guest_ready();
	int saved = errno;

	for (uint32_t i = from; t && i < wait_rows() && i - from < WAIT_ROWS; i++) {
		const struct lockdag_session_process *row = guest_process_row(i);

		if (lockdag_load_acquire(&row->state) && /* pairs with: guest_process_row_new */
			row->parent == LOCKDAG_NONE &&
			row->parent_pid == guest_process_row(guest_process.row)->pid)
			wait_reaped(t, row->pid, status, true, site);
	}
	errno = saved;
}

GUEST_EXPORT int system(const char *command)
{
	uint32_t from = wait_rows();
	int r = REAL(system)(command);

	wait_started_since(from, r, GUEST_SITE());
	return r;
}

static struct wait_stream {
	FILE *stream;
	uint32_t from;
} wait_streams[WAIT_STREAMS];

GUEST_EXPORT FILE *popen(const char *command, const char *type)
{
	uint32_t from = wait_rows();
	FILE *stream = REAL(popen)(command, type);

	for (struct wait_stream *s = wait_streams; stream && s < wait_streams + WAIT_STREAMS; s++) {
		FILE *none = NULL;

		if (!lockdag_load_relaxed(&s->stream) &&
			lockdag_cas_acq_rel(&s->stream, &none, stream)) {
			s->from = from;
			break;
		}
	}
	return stream;
}

GUEST_EXPORT int pclose(FILE *stream)
{
	uint32_t from = UINT32_MAX;
	int r;

	for (struct wait_stream *s = wait_streams; s < wait_streams + WAIT_STREAMS; s++)
		if (lockdag_load_relaxed(&s->stream) == stream) {
			from = s->from;
			lockdag_store_relaxed(&s->stream, NULL);
			break;
		}
	r = REAL(pclose)(stream);
	wait_started_since(from, r, GUEST_SITE());
	return r;
}
