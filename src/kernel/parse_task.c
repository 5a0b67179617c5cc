/* SPDX-License-Identifier: MIT
 *
 * Who, on what kernel, does what: the sentences of a report.
 */
#include "kernel/parse.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

/* ------------------------------------------------------------------ kernel and taint */

/* "Not tainted", "Tainted: G     U": where it ends in s. */
static size_t taint_length(const char *s)
{
	size_t n;

	if (text_starts(s, "Not tainted"))
		return strlen("Not tainted");
	if (!text_starts(s, "Tainted:"))
		return 0;
	/* letters with blanks between: the first longer word is the kernel's version */
	for (n = strlen("Tainted:"); s[n];) {
		size_t blanks = strspn(s + n, " "), word = strcspn(s + n + blanks, " ");

		if (word == 0 || !isupper((unsigned char)s[n + blanks]) || word > 6 ||
			(word > 1 && strspn(s + n + blanks, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != word))
			break;
		n += blanks + word;
	}
	return n;
}

static void taint_take(struct parser *p, const char *s)
{
	size_t n = taint_length(s), from = text_starts(s, "Tainted:") ? strlen("Tainted:") : 0;

	if (p->splat->taint || n == 0)
		return;
	while (from < n && s[from] == ' ')
		from++;
	p->splat->taint = record_text(p->memory, s + from, n - from);
}

/* "6.12.117 #3 ...", "syzkaller #0": release and build. */
static void kernel_take(struct parser *p, const char *s)
{
	size_t n = strcspn(s, " "), build = 0;

	if (p->splat->kernel || n == 0)
		return;
	while (s[n + build] == ' ')
		build++;
	if (s[n + build] != '#' &&
		(s[n + build] != 0 || !isdigit((unsigned char)s[0]) || !memchr(s, '.', n)))
		return;
	p->splat->kernel = record_text(p->memory, s, n);
	if (s[n + build] == 0)
		return;
	s += n + build;
	n = strcspn(s, " ");
	p->splat->build = record_text(p->memory, s, n);
}

/* The last words of a header that a mailer wrapped: "dependency detected ]". */
static bool is_header_rest(const char *s)
{
	static const char *const words[] = {"locking", "dependency", "detected", "inversion", "lock",
		"order", "state", "balance", "usage", "returning", "to", "user", "space", "taken",
		"context", "freed", "held"};

	while (*s) {
		size_t n = strcspn(s, " !.]"), i;

		for (i = 0; n && i < LOCKDAG_ARRAY_SIZE(words); i++)
			if (strlen(words[i]) == n && !strncmp(s, words[i], n))
				break;
		if (i == LOCKDAG_ARRAY_SIZE(words))
			return false;
		s += n;
		s += strspn(s, " !.]");
	}
	return true;
}

/* The line behind the header: "4.14.0-rc1 #1 Tainted: G     U", perhaps wrapped; or none. */
void parse_version(struct parser *p)
{
	for (size_t i = p->i, end = i + 4; i < p->n && i < end; i++) {
		const char *s = p->lines[i].s, *taint;

		if (text_starts(s, "---") || text_starts(s, "==="))
			continue;
		if (is_header_rest(s))
			continue;
		if (taint_length(s))
			return;
		taint = strstr(s, "Not tainted");
		if (!taint)
			taint = strstr(s, "Tainted:");
		if (!taint && (strchr(s, '/') || !strchr(s, '#') || !strpbrk(s, "0123456789")))
			return;
		kernel_take(p, s);
		if (!taint && i + 1 < p->n && taint_length(p->lines[i + 1].s))
			taint = p->lines[++i].s;
		p->i = i + 1;
		if (taint)
			taint_take(p, taint);
		p->known |= taint && p->splat->kernel;
		return;
	}
}

/* These kinds have nothing between their sentences and the backtrace; arm does not say "Call Trace". */
static bool cpu_line_ends(enum lockdag_splat_kind kind)
{
	return kind == LOCKDAG_SPLAT_NON_STATIC_KEY || kind == LOCKDAG_SPLAT_TABLE_FULL ||
	       kind == LOCKDAG_SPLAT_WORKQUEUE;
}

/* "CPU: 4 PID: 1551 Comm: prime_mmap Tainted: G     U          4.14.0-rc1+ #1",
 * "Pid: 123, comm: bash Not tainted 2.6.33 #1" */
static bool cpu_line(struct parser *p, const char *s)
{
	const char *pid = strstr(s, "PID: "), *comm, *taint;
	size_t n;

	if (text_starts(s, "CPU:"))
		p->splat->cpu = (int)strtol(s + 4, NULL, 10);
	else if (text_starts(s, "Pid: "))
		pid = s;
	else
		return false;
	if (!pid)
		return text_starts(s, "CPU: ");
	if (!p->splat->cpu_line)
		p->splat->cpu_line = record_text(p->memory, s, strlen(s));
	comm = strstr(pid, "omm: ");
	if (!comm)
		return true;
	comm += 5;
	taint = strstr(comm, " Not tainted");
	if (!taint)
		taint = strstr(comm, " Tainted:");
	n = taint ? (size_t)(taint - comm) : strlen(comm);
	while (n > 0 && comm[n - 1] == ' ')
		n--;
	if (!p->splat->comm && n > 0) {
		p->splat->comm = record_text(p->memory, comm, n);
		p->splat->pid = strtol(pid + 5, NULL, 10);
	}
	if (taint) {
		taint_take(p, taint + 1);
		taint += 1 + taint_length(taint + 1);
		while (*taint == ' ')
			taint++;
		kernel_take(p, taint);
	}
	if (p->splat->n_chain > 0 || p->splat->n_holders > 0 || p->splat->n_contexts > 0 ||
		p->splat->acquiring.class.name || cpu_line_ends(p->splat->kind))
		p->sink = SINK_BACKTRACE;
	return true;
}

/* The kernel's version is the last of that line: "#1", and blanks. */
static bool cpu_wants_more(const char *s)
{
	const char *taint = strstr(s, "ainted");

	return !taint || (!strchr(taint, '#') && strlen(taint) < 40);
}

size_t parse_cpu(struct parser *p)
{
	const char *s = p->lines[p->i].s;
	size_t n;

	if (!text_starts(s, "CPU: ") && !text_starts(s, "Pid: "))
		return 0;
	n = parse_join(p, s, cpu_wants_more);
	return !p->joined.failed && cpu_line(p, p->joined.s) ? n : 0;
}

static bool value_line(struct parser *p, const char *s, const char *word, const char **field)
{
	size_t n = strlen(word);

	if (!text_starts(s, word))
		return false;
	while (s[n] == ' ')
		n++;
	if (!*field)
		*field = record_text(p->memory, s + n, strlen(s + n));
	return true;
}

/* "      Not tainted 5.4.0 #1" of a hung task */
static bool taint_line(struct parser *p, const char *s)
{
	size_t n = taint_length(s);

	if (!n || text_starts(s, "Tainted: ["))
		return false;
	taint_take(p, s);
	s += n;
	while (*s == ' ')
		s++;
	kernel_take(p, s);
	if (p->splat->kind == LOCKDAG_SPLAT_HUNG_TASK)
		p->known = true;
	return true;
}

static bool trace_begins(struct parser *p, const char *s)
{
	if (text_starts(s, "stack backtrace")) {
		p->sink = SINK_BACKTRACE;
		return true;
	}
	if (strncasecmp(s, "Call Trace:", 11) && strncasecmp(s, "Backtrace:", 10))
		return false;
	/* in the middle of a chain it is another report's that is mixed with this one */
	if (p->splat->stack.n == 0 && !(p->mixed && p->sink == SINK_LINK))
		p->sink = SINK_BACKTRACE;
	/* these kinds have nothing else to be known by */
	if (p->splat->kind == LOCKDAG_SPLAT_NON_STATIC_KEY ||
		p->splat->kind == LOCKDAG_SPLAT_TABLE_FULL ||
		p->splat->kind == LOCKDAG_SPLAT_HUNG_TASK ||
		p->splat->kind == LOCKDAG_SPLAT_WORKQUEUE)
		p->known = true;
	return true;
}

bool parse_task_line(struct parser *p, const char *s)
{
	return value_line(p, s, "Hardware name:", &p->splat->hardware) ||
	       value_line(p, s, "Workqueue:", &p->splat->workqueue) || taint_line(p, s) ||
	       trace_begins(p, s);
}

/* ------------------------------------------------------------------ sentences */

static bool task_take(struct parser *p, const char *s, size_t n)
{
	const char *context = memmem(s, n, " [HC", 4);
	size_t k = context ? (size_t)(context - s) : n;
	const char *comm = NULL;
	long pid = -1;

	if (!task_parse(p->memory, s, k, &comm, &pid))
		return false;
	p->splat->comm = comm;
	p->splat->pid = pid;
	if (context && !p->splat->context) {
		const char *end = s + n;

		while (end > context && end[-1] != ']')
			end--;
		if (end > context + 3)
			p->splat->context = record_text(
				p->memory, context + 2, (size_t)(end - 1 - (context + 2)));
	}
	return true;
}

static bool release_wants_more(const char *s)
{
	return !strstr(s, ") at:");
}

/* "comm/pid is trying to release lock (class) at:" and its place, here or on the next line. */
size_t parse_release(struct parser *p)
{
	const char *s = p->lines[p->i].s, *at = strstr(s, " is trying to release"), *open, *close;
	size_t n;

	if (!at)
		at = strstr(s, " is trying to contend");
	if (!at && p->i + 1 < p->n &&
		(text_ends(s, " is trying to") || text_ends(s, " is trying")) &&
		strstr(p->lines[p->i + 1].s, "lock ("))
		at = strstr(s, " is trying");
	if (!at)
		return 0;
	if (!task_take(p, s, (size_t)(at - s)))
		return 0;
	n = parse_join(p, at, release_wants_more);
	open = p->joined.failed ? NULL : strchr(p->joined.s, '(');
	close = open ? strstr(open, ") at:") : NULL;
	for (const char *next = close; next; next = strstr(next + 1, ") at:"))
		close = next;
	if (close)
		class_name(p->memory, open + 1, (size_t)(close - open - 1),
			&p->splat->acquiring.class);
	p->expect = EXPECT_PLACE;
	if (close && frame_parse(p->memory, close + strlen(") at:"), &p->splat->acquiring.at))
		p->expect = EXPECT_NOTHING;
	p->sink = SINK_NONE;
	p->known = true;
	return n;
}

static const struct {
	const char *text;
	enum parse_expect expect;
	bool task; /* stands before it */
} sentences[] = {
	{" is trying to acquire lock:", EXPECT_ACQUIRING, true},
	{" is trying to acquire:", EXPECT_ACQUIRING, true},
	{" is trying to lock:", EXPECT_ACQUIRING, true},
	{" just changed the state of lock:", EXPECT_ACQUIRING, true},
	{" takes:", EXPECT_ACQUIRING, true},
	{" is freeing memory ", EXPECT_ACQUIRING, true},
	{" is leaving the kernel with locks still held", EXPECT_NOTHING, true},
	{" is exiting with locks still held", EXPECT_NOTHING, true},
	{" is already holding lock:", EXPECT_HOLDING, false},
	{" already holding:", EXPECT_HOLDING, false},
	{" task is not holding:", EXPECT_NAME, false},
};

bool parse_has_phrase(const char *s)
{
	for (size_t i = 0; i < LOCKDAG_ARRAY_SIZE(sentences); i++)
		if (strstr(s, sentences[i].text))
			return true;
	return false;
}

bool parse_phrase(struct parser *p, const char *s)
{
	for (size_t i = 0; i < LOCKDAG_ARRAY_SIZE(sentences); i++) {
		const char *at = strstr(s, sentences[i].text);

		if (!at)
			continue;
		if (sentences[i].task && !task_take(p, s, (size_t)(at - s)))
			return false;
		p->expect = sentences[i].expect;
		if (strstr(s, " is freeing memory "))
			parse_add_fact(p, at + 1);
		p->sink = SINK_NONE;
		p->known = true;
		return true;
	}
	if (strstr(s, "existing dependency chain")) {
		p->sink = SINK_NONE;
		return true;
	}
	return false;
}

/* Lines that say something and have no field of their own. */
bool parse_fact(struct parser *p, const char *s)
{
	static const char *const words[] = {"rcu_scheduler_active", "context-{", "irq event stamp",
		"hardirqs last", "softirqs last", "RCU used illegally",
		"depth: ", "but there are no more locks", "but there are no locks held",
		"last function:", "turning off the locking", "task:", "the code is fine",
		"The code is fine", "you didn't initialize", "preempt=0x",
		".. held by:", "which could potentially", "\"echo 0 >"};
	const struct lockdag_splat *splat = p->splat;

	if (splat->kind == LOCKDAG_SPLAT_RCU && splat->n_facts == 0 && !splat->n_holders &&
		strchr(s, ':') && (text_ends(s, "!") || strstr(s, "usage")) && strlen(s) < 300) {
		parse_add_fact(p, s);
		p->known = true;
		return true;
	}
	if (splat->kind == LOCKDAG_SPLAT_ALL_LOCKS && splat->n_holders && text_starts(s, "==="))
		p->ended = true;
	for (size_t i = 0; i < LOCKDAG_ARRAY_SIZE(words); i++) {
		if (!text_starts(s, words[i]))
			continue;
		parse_add_fact(p, s);
		if (text_starts(s, "turning off") || text_starts(s, "rcu_scheduler") ||
			text_starts(s, "last function:") || text_starts(s, ".. held by:") ||
			text_starts(s, "\"echo 0 >") ||
			(text_starts(s, "task:") && splat->kind == LOCKDAG_SPLAT_HUNG_TASK))
			p->known = true;
		p->sink =
			text_starts(s, "irq event") || strstr(s, "irqs last") ? SINK_NONE : p->sink;
		return true;
	}
	return false;
}
