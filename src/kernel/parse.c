/* SPDX-License-Identifier: MIT */
#include "kernel/parse.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define FOREIGN_MOST 200       /* lines of others in the middle of a report: comments of people */
#define FOREIGN_AFTER_STACK 12 /* the same, behind its stack backtrace */
#define FOREIGN_IN_STACK 4     /* messages that interleave with a backtrace */
#define JOIN_MOST 12           /* lines that mailers make of one */

/* ------------------------------------------------------------------ lines that go on */

bool parse_starts(const char *s)
{
	static const char *const starts[] = {"-> #", "-> (", "#", "but task is", "which lock",
		"the existing", "other info", "stack backtrace", "Call Trace", "CPU:", "CPU ",
		"Pid:", "Possible ", "Chain exists", "*** ", "---", "===", "...", "and this task",
		"RIP:", "{", "Workqueue:", "Modules", "irq event", "hardirqs", "softirqs", "lock(",
		"<", "may be due", "May be due", "Hardware name", "which would", "to a ",
		"but this"};

	if (!*s || isspace((unsigned char)*s))
		return true;
	for (size_t i = 0; i < LOCKDAG_ARRAY_SIZE(starts); i++)
		if (text_starts(s, starts[i]))
			return true;
	return strstr(s, " held by ") || frame_parse(NULL, s, NULL);
}

/* A parenthesis is open: printk's pieces of one line, or a long name that was wrapped. */
static bool paren_open(const char *s)
{
	int depth = 0;

	for (; *s; s++) {
		depth += *s == '(';
		depth -= *s == ')';
	}
	return depth > 0;
}

static bool join_goes_on(const struct parser *p, const char *so_far, const struct line *next)
{
	if (paren_open(so_far))
		return !text_starts(next->s, "-> #") && !text_starts(next->s, "===");
	if (next->n == 0)
		return false;
	/* "at:" wants its place, which looks like a stack's line; so does a lone "#0:" its lock */
	if (text_ends(so_far, "at:") || text_ends(so_far, ">]") || so_far[0] == 0)
		return !text_starts(next->s, "-> #") && next->s[0] != '#';
	(void)p;
	return !parse_starts(next->s) || text_starts(next->s, "{");
}

size_t parse_join(struct parser *p, const char *rest, bool (*wants_more)(const char *s))
{
	size_t n = 1;

	p->joined.n = 0;
	lockdag_text_add(&p->joined, rest);
	if (!p->joined.s)
		return 1;
	while (p->i + n < p->n && n < JOIN_MOST && wants_more(p->joined.s)) {
		const struct line *next = &p->lines[p->i + n];
		bool glue;

		if (!join_goes_on(p, p->joined.s, next))
			break;
		/* printk's pieces have no blank between them: "#3" and "/1" end a name, too */
		glue = p->joined.n == 0 || text_ends(p->joined.s, "(") || next->n == 0 ||
		       strchr("),{#/", next->s[0]) || text_starts(next->s, ":");
		if (!glue)
			lockdag_text_add(&p->joined, " ");
		lockdag_text_add(&p->joined, next->s);
		n++;
	}
	/* what cannot stand alone belongs here: "[mod]", "fs/file.c:123 [inline]" */
	while (p->i + n < p->n && frame_is_rest(p->lines[p->i + n].s)) {
		lockdag_text_add(&p->joined, " ");
		lockdag_text_add(&p->joined, p->lines[p->i + n].s);
		n++;
	}
	return n;
}

/* ------------------------------------------------------------------ stacks */

struct lockdag_kstack *parse_stack(struct parser *p)
{
	struct lockdag_splat *s = p->splat;
	struct lockdag_kdeps *deps = s->n_deps ? &s->deps[s->n_deps - 1] : NULL;
	struct lockdag_kdep *dep = deps && deps->n ? &deps->items[deps->n - 1] : NULL;
	struct lockdag_kdept *dept = s->n_contexts ? &s->contexts[s->n_contexts - 1] : NULL;

	switch (p->sink) {
	case SINK_LINK:
		return s->n_chain ? &s->chain[s->n_chain - 1].stack : NULL;
	case SINK_BACKTRACE:
		return &s->stack;
	case SINK_USAGE:
		return s->n_usages ? &s->usages[s->n_usages - 1].stack : NULL;
	case SINK_DEP_USAGE:
		return dep && dep->n_usages ? &dep->usages[dep->n_usages - 1].stack : NULL;
	case SINK_DEP_ACQUIRED:
		return deps && p->dep < deps->n ? &deps->items[p->dep].acquired : NULL;
	case SINK_DEPT_START:
		return dept ? &dept->start_stack : NULL;
	case SINK_DEPT_WAIT:
		return dept ? &dept->wait_stack : NULL;
	case SINK_DEPT_EVENT:
		return dept ? &dept->event_stack : NULL;
	case SINK_NONE:
	default:
		return NULL;
	}
}

/* A stack's line, whose rest may be on the next one. A bare name is one only with its place. */
static bool frame_more(const char *s)
{
	return frame_wants_more(s);
}

static bool frame_here(const struct parser *p)
{
	const char *s = p->lines[p->i].s;

	if (frame_parse(NULL, s, NULL))
		return true;
	return frame_wants_more(s) && p->i + 1 < p->n &&
	       (*s == '[' ? frame_parse(NULL, p->lines[p->i + 1].s, NULL) ||
				       frame_wants_more(p->lines[p->i + 1].s)
			  : frame_is_rest(p->lines[p->i + 1].s));
}

/* Of two reports whose lines are mixed, the frames of a chain's stacks are indented more than those
 * of a backtrace. */
static bool frame_is_own(struct parser *p, struct lockdag_kstack *stack)
{
	unsigned indent = p->lines[p->i].indent;

	if (stack->n > 0 && p->mixed && indent != p->indent) {
		if ((indent > p->indent) != (p->sink == SINK_LINK))
			return false;
		stack->n = 0; /* what was taken for its first ones was the other's */
	}
	if (stack->n == 0)
		p->indent = indent;
	return true;
}

/* klogd says a line twice: with the symbol that it has looked up, and then with the address. */
static bool frame_again(const struct lockdag_kstack *stack, const struct lockdag_kframe *frame)
{
	const struct lockdag_kframe *last = stack->n ? &stack->frames[stack->n - 1] : NULL;

	return last && !last->address && frame->address && last->function && frame->function &&
	       !strcmp(last->function, frame->function) && last->offset == frame->offset &&
	       last->size == frame->size && last->size != 0;
}

size_t parse_frame(struct parser *p)
{
	struct lockdag_kframe frame, *slot;
	struct lockdag_kstack *stack;
	size_t n;

	if (!frame_here(p))
		return 0;
	/* a line that is whole, and whose next one is no rest of it */
	n = parse_join(p, p->lines[p->i].s, frame_more);
	if (p->joined.failed || !frame_parse(p->memory, p->joined.s, &frame))
		return 0;
	if (p->expect == EXPECT_PLACE) {
		p->splat->acquiring.at = frame;
		p->expect = EXPECT_NOTHING;
		return n;
	}
	stack = p->backtrace_over && p->sink == SINK_BACKTRACE ? NULL : parse_stack(p);
	if (stack && !frame_is_own(p, stack))
		return n;
	if (stack && frame_again(stack, &frame)) {
		stack->frames[stack->n - 1] = frame;
		return n;
	}
	slot = stack ? RECORD_PUSH(p->memory, stack->frames, stack->n) : NULL;
	if (slot)
		*slot = frame;
	return n;
}

/* "f+0x17/0x50" and no more than that can be: nothing else of a report looks so. */
static size_t parse_plain_frame(struct parser *p)
{
	const char *s = p->lines[p->i].s, *plus;

	if (p->expect != EXPECT_NOTHING || !(isalpha((unsigned char)s[0]) || strchr("?_[", s[0])))
		return 0;
	plus = strstr(s, "+0x");
	if (!plus || strcspn(s, "(#{") < (size_t)(plus - s))
		return 0;
	return parse_frame(p);
}

/* ------------------------------------------------------------------ the walk */

void parse_add_fact(struct parser *p, const char *s)
{
	const char **slot = RECORD_PUSH(p->memory, p->splat->facts, p->splat->n_facts);

	if (slot)
		*slot = record_text(p->memory, s, strlen(s));
}

/* Registers, marks and the like: of a report, but without a fact. */
static bool parse_neutral(const char *s)
{
	static const char *const words[] = {"RIP", "RSP", "RAX", "RBP", "RDX", "R10", "R13", "RDI",
		"Code:", "FS:", "CS:", "CR2:", "CR0:", "DR", "PKRU", "ORIG_RAX", "Modules linked",
		"---", "===", "***", "</", "<TASK>", "<IRQ>", "<EOI>", "<NMI>", "<EOE>", "EAX",
		"ESI", "EIP", "DS:", "ESP", "EFLAGS", "Exception stack", "Stack:", "Call Trace",
		"Call trace", "Backtrace", "other info", "May be due", "may be due",
		"and interrupts could", "which lock already", "INFO: lockdep is turned off",
		"------------[ cut here", "(see the lock", "Preemption disabled at", "Tainted: [",
		"2 locks", "pc :", "lr :", "sp :"};

	for (size_t i = 0; i < LOCKDAG_ARRAY_SIZE(words); i++)
		if (text_starts(s, words[i]))
			return true;
	/* "x29: ffff...", "r4:c0a1" */
	return (s[0] == 'x' || s[0] == 'r') && isdigit((unsigned char)s[1]) && strchr(s, ':');
}

/* Registers and marks of the backtrace are kept: whoever prints the report again needs them. */
static void parse_extra(struct parser *p, const char *s)
{
	static const char *const marks[] = {"---", "===", "***", "Call Trace", "Call trace",
		"Backtrace", "other info", "May be due", "may be due", "Modules linked", "INFO:"};
	struct lockdag_kextra *extra;

	if (p->sink != SINK_BACKTRACE || p->backtrace_over)
		return;
	for (size_t i = 0; i < LOCKDAG_ARRAY_SIZE(marks); i++)
		if (text_starts(s, marks[i]))
			return;
	extra = RECORD_PUSH(p->memory, p->splat->extras, p->splat->n_extras);
	if (extra) {
		extra->after = p->splat->stack.n;
		extra->text = record_text(p->memory, s, strlen(s));
	}
}

/* Two lines that are one sentence of a report, when they are. */
static bool parse_two(struct parser *p, bool (*known)(struct parser *p, const char *s))
{
	const struct line *next = p->i + 1 < p->n ? &p->lines[p->i + 1] : NULL;

	if (!next || next->n == 0 || parse_starts(next->s) || p->lines[p->i].n < 4 ||
		(next->s[0] != '[' && parse_has_phrase(next->s)) ||
		(text_ends(next->s, " usage!") && strchr(next->s, ':')))
		return false;
	p->joined.n = 0;
	lockdag_text_add(&p->joined, p->lines[p->i].s);
	lockdag_text_add(&p->joined, " ");
	lockdag_text_add(&p->joined, next->s);
	return !p->joined.failed && known(p, p->joined.s);
}

/* "INFO: task cat:12 is blocked on a mutex likely owned by task cat:11.", and its backtrace. Other
 * locks are told without "is". */
static bool parse_is_owner(const char *s)
{
	return text_starts(s, "INFO: task ") && strstr(s, " blocked on a");
}

static bool owner_wants_more(const char *s)
{
	size_t n = strlen(s);

	if (strstr(s, "> blocked on"))
		return s[n - 1] != '>';
	return s[n - 1] != '.' && !isdigit((unsigned char)s[n - 1]);
}

static size_t parse_owner(struct parser *p)
{
	size_t n;

	if (p->splat->kind != LOCKDAG_SPLAT_HUNG_TASK || !parse_is_owner(p->lines[p->i].s))
		return 0;
	n = parse_join(p, p->lines[p->i].s, owner_wants_more);
	if (!p->joined.failed)
		parse_add_fact(p, p->joined.s);
	/* the next backtrace is that task's */
	p->backtrace_over = p->splat->stack.n > 0;
	return n;
}

/* Behind a backtrace, what opens the kernel's next trouble ends the report. */
static bool parse_next_trouble(const struct parser *p, const char *s)
{
	static const char *const words[] = {"------------[ cut here", "WARNING: CPU",
		"BUG: ", "INFO: task", "general protection", "Oops", "Kernel panic", "rcu: INFO",
		"watchdog:"};

	if (p->splat->stack.n == 0 || parse_is_owner(s))
		return false;
	for (size_t i = 0; i < LOCKDAG_ARRAY_SIZE(words); i++)
		if (text_starts(s, words[i]))
			return true;
	return false;
}

/* How many lines were taken; 0: the line at hand is foreign. */
static size_t parse_step(struct parser *p)
{
	size_t (*const sections[])(struct parser *) = {parse_owner, parse_link, parse_dependency, parse_held,
		parse_table, parse_sketch, parse_release, parse_usage_pair, parse_cpu,
		parse_lock_line};
	const char *s = p->lines[p->i].s;
	size_t n;

	if (!*s)
		return 1;
	if (parse_next_trouble(p, s)) {
		p->ended = p->backtrace_over = true;
		return 0;
	}
	/* most lines are a stack's: they need not be asked for anything else */
	n = parse_plain_frame(p);
	if (n)
		return n;
	for (size_t i = 0; i < LOCKDAG_ARRAY_SIZE(sections); i++) {
		n = sections[i](p);
		if (n)
			return n;
	}
	n = parse_irq_line(p, s);
	if (n)
		return n;
	if (p->splat->kind == LOCKDAG_SPLAT_DEPT && parse_dept(p, s))
		return 1;
	if (parse_phrase(p, s) || parse_task_line(p, s))
		return 1;
	n = parse_frame(p);
	if (n)
		return n;
	if (parse_fact(p, s))
		return 1;
	if (parse_neutral(s)) {
		parse_extra(p, s);
		return 1;
	}
	return parse_two(p, parse_phrase) || parse_two(p, parse_task_line) ||
			       parse_two(p, parse_fact)
		       ? 2
		       : 0;
}

static bool parse_over(struct parser *p)
{
	const struct lockdag_splat *s = p->splat;

	if (p->ended)
		return true;
	if (p->sink == SINK_BACKTRACE && s->stack.n > 0 && p->foreign >= FOREIGN_IN_STACK)
		p->backtrace_over = true;
	return p->foreign > (p->backtrace_over ? FOREIGN_AFTER_STACK : FOREIGN_MOST);
}

/* "...", "[...]", "[snip]", "<snip>": somebody left lines out. */
static bool line_is_elision(const char *s)
{
	size_t n = strspn(s, "[<( -.");

	if (text_starts(s + n, "snip") || text_starts(s + n, "cut"))
		return n > 0 && strlen(s) < 20;
	return n > 1 && s[n + strspn(s + n, "]>) -.")] == 0 && strstr(s, "..");
}

/* A header by itself may be a title. One that has nothing but lines left out and then a stack behind
 * it is a report's, if all that is left. */
static void parse_lead(struct parser *p)
{
	size_t i = p->i;

	while (p->i < p->n && (!*p->lines[p->i].s || text_starts(p->lines[p->i].s, "---") ||
				      line_is_elision(p->lines[p->i].s)))
		p->i++;
	if (p->i < p->n && frame_here(p)) {
		p->known = true;
		p->sink = SINK_BACKTRACE;
	}
	p->i = i;
}

/* A header that a mailer wrapped before its last words: they open the next line. */
static bool parse_torn(struct parser *p, const char *title, const char *words)
{
	const char *next = p->i < p->n ? p->lines[p->i].s : "";
	struct lockdag_text text = {0};
	bool r;

	if (strstr(title, words))
		return true;
	lockdag_text_addf(&text, "%s %s", title, next);
	r = !text.failed && strstr(text.s, words) && strlen(next) < 200;
	if (r) {
		p->splat->title = record_text(p->memory, text.s, text.n);
		p->splat->last = p->lines[p->i].number;
		p->i++;
	}
	lockdag_text_clear(&text);
	return r;
}

static void parse_header(struct parser *p, bool own_line)
{
	const char *title = p->splat->title;

	if (p->splat->kind == LOCKDAG_SPLAT_HUNG_TASK &&
		!parse_torn(p, title, " for more than"))
		p->ended = true;
	if (p->splat->kind == LOCKDAG_SPLAT_WORKQUEUE && text_starts(title, "workqueue: ")) {
		/* a sentence that says all; behind other words it may be talked about */
		p->known = own_line;
		if (!parse_torn(p, title, " is flushing !WQ_MEM_RECLAIM"))
			p->ended = true;
	}
	if (!p->ended) {
		parse_version(p);
		parse_lead(p);
	}
}

int parse_block(
	struct lockdag_splat *splat, const struct lines *lines, bool header, bool *ret_known)
{
	struct parser p = {
		.splat = splat,
		.memory = splat->memory,
		.lines = lines->clean.items,
		.n = lines->clean.n,
		.i = header,
		.mixed = lines->mixed,
	};

	splat->last = splat->line;
	if (header)
		parse_header(&p, lines->learned_n == 0);
	while (p.i < p.n && !p.memory->failed && !parse_over(&p)) {
		size_t n = parse_step(&p);

		p.foreign = n ? 0 : p.foreign + 1;
		for (size_t k = 0; k < n && p.i + k < p.n; k++)
			if (p.lines[p.i + k].n)
				splat->last = p.lines[p.i + k].number;
		p.i += n ? n : 1;
	}
	if (p.joined.failed)
		p.memory->failed = true;
	lockdag_text_clear(&p.joined);
	if (p.memory->failed)
		return -ENOMEM;
	if (!header)
		p.known = headless_finish(splat);
	*ret_known = p.known;
	parse_finish(splat, p.ended);
	splat->complete = splat->complete && header;
	return p.memory->failed ? -ENOMEM : 0;
}
