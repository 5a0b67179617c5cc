/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "cli/cli.h"
#include "cli/facts.h"
#include "cli/process.h"
#include "cli/program.h"

/* Appends text (taken over) to a vector of strings. */
#define facts_push(v, text) facts_push_to((void **)&(v)->items, &(v)->n, &(v)->cap, text)

static int facts_push_to(void **items, size_t *n, size_t *cap, char *text)
{
	if (!text)
		return -ENOMEM;
	if (!lockdag_vec_grow(items, *n, cap, sizeof(char *))) {
		free(text);
		return -ENOMEM;
	}
	((char **)*items)[(*n)++] = text;
	return 0;
}

int cli_facts_note(struct cli_facts *f, const char *fmt, ...)
{
	va_list arguments;
	char *text;
	int r;

	va_start(arguments, fmt);
	r = vasprintf(&text, fmt, arguments);
	va_end(arguments);
	r = facts_push(&f->notes, r < 0 ? NULL : text);
	f->facts.n_notes = f->notes.n;
	f->facts.notes = (const char *const *)f->notes.items;
	return r;
}

/* ------------------------------------------------------------------ what was not watched */

static int facts_losses(struct cli_facts *f, const struct cli_source *source)
{
	int r = 0;

	for (unsigned i = 0; r == 0 && i < LOCKDAG_N_LOSSES; i++) {
		uint64_t n = lockdag_session_lost(source->session, (enum lockdag_loss)i);

		if (n)
			r = facts_push(&f->not_watched,
				lockdag_textf("%" PRIu64 " %s", n,
					lockdag_loss_meaning((enum lockdag_loss)i)));
	}
	return r;
}

/* Programs started by exec or spawn that never came to the session. */
static int facts_execs(struct cli_facts *f, const struct cli_source *source)
{
	uint64_t attempts = 0, arrived = 0, told = 0;
	struct lockdag_session_process row;
	char last[sizeof(row.exec_path)] = "";

	for (uint32_t i = 0; i < lockdag_session_n_processes(source->session); i++) {
		if (!lockdag_session_process(source->session, i, &row))
			continue;
		attempts += row.n_execs;
		arrived += row.how == LOCKDAG_PROCESS_START;
		if (row.n_execs && *row.exec_path)
			memcpy(last, row.exec_path, sizeof(last));
	}
	told = lockdag_session_lost(source->session, LOCKDAG_LOST_EXEC);
	if (arrived == 0 || attempts <= arrived - 1 + told)
		return 0;
	return facts_push(&f->not_watched,
		lockdag_textf(
			"%" PRIu64 " of %" PRIu64
			" programs that it started by exec or spawn did not come under watch "
			"(static, setuid, told not to, or not startable); the last started: %s",
			attempts - (arrived - 1) - told, attempts, *last ? last : "not known"));
}

static int facts_still_running(struct cli_facts *f, const struct cli_source *source, int main_pid)
{
	struct lockdag_session_process row;
	unsigned n = 0;
	int example = 0;

	for (uint32_t i = 0; i < lockdag_session_n_processes(source->session); i++) {
		if (!lockdag_session_process(source->session, i, &row) || row.gone ||
			row.pid == main_pid || row.pid == example ||
			!cli_process_is_running(row.pid))
			continue;
		example = row.pid;
		n++;
	}
	if (!n)
		return 0;
	return facts_push(&f->not_watched,
		lockdag_textf("%u of its processes (such as %d) ran on when it ended: what they do "
			      "from then on is not in this report",
			n, example));
}

static bool facts_is_rust(const char *path)
{
	struct cli_elf elf = {0};
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

	if (fd < 0)
		return false;
	if (cli_elf_read(fd, &elf) < 0)
		elf.rust = false;
	close(fd);
	return elf.rust;
}

/* Rust's own locks are futexes that nobody but the kernel sees, and that only where there is a wait. */
static int facts_rust(struct cli_facts *f, const struct cli_source *source)
{
	char seen[sizeof(((struct lockdag_session_process *)0)->exe)] = "";
	struct lockdag_session_process row;

	for (uint32_t i = 0; i < lockdag_session_n_processes(source->session); i++) {
		if (!lockdag_session_process(source->session, i, &row) || !strcmp(seen, row.exe))
			continue;
		memcpy(seen, row.exe, sizeof(seen));
		if (facts_is_rust(row.exe))
			return facts_push(&f->not_watched,
				lockdag_textf("locks of Rust's standard library in %s (std::sync::Mutex and "
					      "its kin, which are no locks of the C library)",
					cli_base_name(row.exe)));
	}
	return 0;
}

static int facts_source(struct cli_facts *f, const struct cli_source *source, int main_pid)
{
	int r = facts_losses(f, source);

	if (lockdag_session_n_processes(source->session) == 0)
		return facts_push(&f->not_watched,
			lockdag_textf(
				"nothing of %s: lockdag was not loaded into it (it ended before, "
				"dropped LD_PRELOAD or its loader refused it), so that nothing "
				"found means nothing",
				source->label));
	if (r == 0)
		r = facts_execs(f, source);
	if (r == 0)
		r = facts_rust(f, source);
	if (r == 0 && source->live && main_pid)
		r = facts_still_running(f, source, main_pid);
	return r;
}

/* ------------------------------------------------------------------ all */

static void facts_sizes(struct lockdag_report_facts *facts, const struct cli_source *source)
{
	struct lockdag_session_key key;

	facts->processes += lockdag_session_n_processes(source->session);
	facts->threads += lockdag_session_n_threads(source->session);
	facts->classes += lockdag_session_n_classes(source->session);
	for (uint32_t i = 0; i < lockdag_session_n_keys(source->session); i++)
		if (lockdag_session_key(source->session, i, &key) &&
			!(key.flags & LOCKDAG_KEY_IS_MANY))
			facts->locks++;
}

/* Names of --order that may be misspelt. */
static int facts_unused(struct cli_facts *f, const struct lockdag_findings *findings)
{
	struct lockdag_text names = {0};
	int r;

	for (size_t i = 0; i < findings->n_unused && i < 8; i++)
		lockdag_text_addf(&names, "%s`%s`", i ? ", " : "", findings->unused[i]);
	if (findings->n_unused > 8)
		lockdag_text_addf(&names, " and %zu more", findings->n_unused - 8);
	r = names.failed ? -ENOMEM
			 : cli_facts_note(f, "no lock of this run has these names of --order: %s",
				   names.s);
	lockdag_text_clear(&names);
	return r;
}

int cli_facts_gather(struct cli_facts *f, const struct cli_source *sources, size_t n,
	const struct cli_analysis *analysis, int main_pid)
{
	int r = 0;

	*f = (struct cli_facts){0};
	f->facts.command = n == 1 ? sources[0].label : NULL;
	f->facts.edges = analysis->findings->n_edges;
	f->facts.acquisitions = analysis->model->acquires.n;
	for (size_t i = 0; r == 0 && i < n; i++) {
		facts_sizes(&f->facts, &sources[i]);
		r = facts_source(f, &sources[i], main_pid);
	}
	if (r == 0)
		r = cli_facts_suspect(f, analysis->model);
	if (r == 0 && analysis->order_given && analysis->findings->n_unused)
		r = facts_unused(f, analysis->findings);
	if (r == 0 && analysis->skipped && !(n && sources[0].live && f->not_watched.n))
		r = cli_facts_note(f, "%" PRIu64 " records were left out: they make no sense",
			analysis->skipped);
	f->facts.n_not_watched = f->not_watched.n;
	f->facts.not_watched = (const char *const *)f->not_watched.items;
	return r;
}

void cli_facts_done(struct cli_facts *f)
{
	for (size_t i = 0; i < f->notes.n; i++)
		free(f->notes.items[i]);
	for (size_t i = 0; i < f->not_watched.n; i++)
		free(f->not_watched.items[i]);
	lockdag_vec_clear(&f->notes);
	lockdag_vec_clear(&f->not_watched);
}
