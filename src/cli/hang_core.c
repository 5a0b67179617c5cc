/* SPDX-License-Identifier: MIT */
#include "cli/hang_core.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "cli/cli.h"
#include "report/report.h"

#define CORE_SEEN_BYTES 65536 /* of CORE.hang that are read: its first line and processes */

static size_t core_slurp(const char *path, char *buffer, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	ssize_t n = fd < 0 ? -1 : read(fd, buffer, size - 1);

	if (fd >= 0)
		close(fd);
	buffer[n > 0 ? n : 0] = 0;
	return n > 0 ? (size_t)n : 0;
}

/* ------------------------------------------------------------------ where it will be */

/* Appends; false: no room. */
static bool core_add(char *buffer, size_t size, const char *text)
{
	size_t used = strlen(buffer), n = strlen(text);

	if (used + n >= size)
		return false;
	memcpy(buffer + used, text, n + 1);
	return true;
}

static bool core_add_letter(
	char letter, const struct cli_hang_core_facts *f, char *buffer, size_t size)
{
	char number[16] = "", name[128];

	switch (letter) {
	case '%':
		return core_add(buffer, size, "%");
	case 'p':
	case 'P':
		snprintf(number, sizeof(number), "%d", f->pid);
		return core_add(buffer, size, number);
	case 'u':
	case 'g':
		snprintf(number, sizeof(number), "%u", letter == 'u' ? f->uid : f->gid);
		return core_add(buffer, size, number);
	case 's':
		return core_add(buffer, size, "6");
	case 'h':
		return core_add(buffer, size, f->host);
	case 'e': /* the kernel lets no name lead elsewhere */
		snprintf(name, sizeof(name), "%s", f->comm);
		for (char *at = name; *at; at++)
			*at = *at == '/' ? '!' : *at;
		return core_add(buffer, size, name);
	default: /* a time, a thread: not known before */
		return false;
	}
}

bool cli_hang_core_name(const char *pattern, const struct cli_hang_core_facts *f, char *buffer,
	size_t size)
{
	bool has_pid = false, fits = size > 0;
	char number[16];

	if (!fits || *pattern == '|' || *pattern == '@' || !*pattern)
		return false;
	*buffer = 0;
	if (*pattern != '/')
		fits = core_add(buffer, size, f->cwd) && core_add(buffer, size, "/");
	for (; fits && *pattern && *pattern != '\n'; pattern++) {
		if (*pattern != '%') {
			fits = core_add(buffer, size, (char[]){*pattern, 0});
			continue;
		}
		pattern++;
		has_pid = has_pid || *pattern == 'p';
		if (!*pattern)
			break;
		fits = core_add_letter(*pattern, f, buffer, size);
	}
	snprintf(number, sizeof(number), ".%d", f->pid);
	return fits && (has_pid || !f->uses_pid || core_add(buffer, size, number));
}

static void core_expect(struct cli_hang_cores *c, const char *pattern, bool uses_pid, int pid)
{
	char link[64], cwd[PATH_MAX], comm[64], path[PATH_MAX], **row;
	struct utsname host = {0};
	struct stat st;
	ssize_t n;

	snprintf(link, sizeof(link), "/proc/%d/cwd", pid);
	n = readlink(link, cwd, sizeof(cwd) - 1);
	if (n <= 0)
		return;
	cwd[n] = 0;
	snprintf(link, sizeof(link), "/proc/%d/comm", pid);
	n = (ssize_t)core_slurp(link, comm, sizeof(comm));
	if (n > 0)
		comm[n - 1] = 0; /* its newline */
	snprintf(link, sizeof(link), "/proc/%d", pid);
	if (stat(link, &st) < 0 || uname(&host) < 0)
		return;
	const struct cli_hang_core_facts facts = {.pid = pid, .uid = st.st_uid, .gid = st.st_gid,
		.uses_pid = uses_pid, .comm = comm, .host = host.nodename, .cwd = cwd};

	if (!cli_hang_core_name(pattern, &facts, path, sizeof(path)))
		return;
	row = lockdag_vec_push(&c->paths);
	if (row)
		*row = strdup(path);
}

void cli_hang_cores_begin(struct cli_hang_cores *c, const int *pids, size_t n)
{
	char pattern[256], uses[8];

	*c = (struct cli_hang_cores){0};
	clock_gettime(CLOCK_REALTIME, &c->begin);
	core_slurp("/proc/sys/kernel/core_pattern", pattern, sizeof(pattern));
	core_slurp("/proc/sys/kernel/core_uses_pid", uses, sizeof(uses));
	for (size_t i = 0; i < n; i++)
		core_expect(c, pattern, *uses == '1', pids[i]);
}

/* ------------------------------------------------------------------ beside it */

static void core_write(const char *core, const struct lockdag_standstill *s)
{
	const struct lockdag_report_options options = {0};
	char path[PATH_MAX + 8];
	FILE *out = NULL;
	int fd, r = 0;

	snprintf(path, sizeof(path), "%s.hang", core);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd >= 0)
		out = fdopen(fd, "w");
	if (!out)
		r = -errno;
	if (!out && fd >= 0)
		close(fd);
	if (r == 0)
		r = lockdag_report_standstill(out, LOCKDAG_FORMAT_TEXT, s, &options);
	if (out && fclose(out) != 0 && r == 0)
		r = -errno;
	if (r < 0)
		cli_say("%s: %s", path, strerror(-r));
	else
		cli_say("core file %s; what was seen before is in %s.hang, which lockdag hang reads with it",
			core, core);
}

void cli_hang_cores_end(struct cli_hang_cores *c, const struct lockdag_standstill *s)
{
	for (size_t i = 0; i < c->paths.n; i++) {
		const char *path = c->paths.items[i];
		struct stat st;

		/* The clock of files may be a little behind. */
		if (path && s && stat(path, &st) == 0 && S_ISREG(st.st_mode) &&
			st.st_mtim.tv_sec >= c->begin.tv_sec - 1)
			core_write(path, s);
		free(c->paths.items[i]);
	}
	lockdag_vec_clear(&c->paths);
}

bool cli_hang_is_dumping(int pid)
{
	char path[64], text[4096];
	const char *at;

	snprintf(path, sizeof(path), "/proc/%d/status", pid);
	core_slurp(path, text, sizeof(text));
	at = strstr(text, "CoreDumping:");
	return at && strtol(at + strlen("CoreDumping:"), NULL, 10) == 1;
}

/* ------------------------------------------------------------------ read again */

static enum lockdag_verdict core_verdict(const char *text, const char **ret_sentence)
{
	for (unsigned v = 0; v < LOCKDAG_N_VERDICTS; v++) {
		const char *word = lockdag_verdict_word((enum lockdag_verdict)v);

		if (!strncmp(text, word, strlen(word)) && !strncmp(text + strlen(word), ": ", 2)) {
			*ret_sentence = text + strlen(word) + 2;
			return (enum lockdag_verdict)v;
		}
	}
	return LOCKDAG_N_VERDICTS;
}

static int core_take(const char *core, char *text, struct lockdag_standstill *s)
{
	const char *sentence = NULL, **note;
	enum lockdag_verdict verdict = core_verdict(text, &sentence);
	char heading[32];

	snprintf(heading, sizeof(heading), " (%d), ", s->processes.n ? s->processes.items[0].pid : 0);
	if (verdict == LOCKDAG_N_VERDICTS || !strstr(text, heading))
		return 0;
	text[strcspn(text, "\n")] = 0;
	note = lockdag_vec_push(&s->notes);
	if (!note)
		return -ENOMEM;
	*note = lockdag_standstill_textf(s, "seen live, before the core was written: %.600s (all of it: %.200s.hang)",
		text, core);
	if (verdict < s->verdict) {
		s->verdict = verdict;
		s->sentence = lockdag_standstill_text(s, sentence);
	}
	return *note && s->sentence ? 0 : -ENOMEM;
}

int cli_hang_core_seen(const char *core, struct lockdag_standstill *s)
{
	char *text = malloc(CORE_SEEN_BYTES), path[PATH_MAX + 8];
	int r = 0;

	if (!text)
		return -ENOMEM;
	snprintf(path, sizeof(path), "%.*s.hang", PATH_MAX, core);
	if (core_slurp(path, text, CORE_SEEN_BYTES))
		r = core_take(core, text, s);
	free(text);
	return r;
}
