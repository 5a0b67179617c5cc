/* SPDX-License-Identifier: MIT
 *
 * From the clean lines of one block to a record. parse.c walks the lines; parse_locks.c,
 * parse_irq.c, parse_task.c and parse_tables.c know their sections; finish.c judges what is there.
 */
#ifndef LOCKDAG_KERNEL_PARSE_H
#define LOCKDAG_KERNEL_PARSE_H

#include "kernel/grammar.h"
#include "kernel/lines.h"

/* Which stack the next frames belong to: always that of the last element. */
enum parse_sink {
	SINK_NONE,
	SINK_LINK,
	SINK_BACKTRACE,
	SINK_USAGE,
	SINK_DEP_USAGE,
	SINK_DEP_ACQUIRED,
	SINK_DEPT_START,
	SINK_DEPT_WAIT,
	SINK_DEPT_EVENT,
};

/* Which lock the next line with one is. */
enum parse_expect {
	EXPECT_NOTHING,
	EXPECT_ACQUIRING,
	EXPECT_HOLDING,
	EXPECT_DEPENDENCY, /* said again elsewhere */
	EXPECT_SAFE,
	EXPECT_UNSAFE,
	EXPECT_PLACE, /* a frame: where acquiring was asked for */
	EXPECT_NAME,  /* a class without parentheses */
};

struct parser {
	struct lockdag_splat *splat;
	struct record_memory *memory;
	const struct line *lines;
	size_t n, i; /* i: the line at hand */
	enum parse_sink sink;
	enum parse_expect expect;
	size_t dep; /* of the last tree: whose "acquired at" is read */
	bool known; /* the record holds something that only a report has */
	bool table; /* inside the scenario's table */
	bool backtrace_over;
	bool mixed;      /* see struct lines */
	unsigned indent; /* of the stack at hand, that of its first frame */
	bool ended;                 /* by a line that says so */
	unsigned foreign;           /* lines in a row that are nothing of a report */
	unsigned interrupt_cpus;    /* columns that saw <Interrupt>, as bits */
	struct lockdag_text joined; /* the logical line at hand */
};

/* Fills splat (kind, title, file and line are set) from the block, whose first clean line is the
 * header if it has one. *ret_known: is it a report at all? *ret_used: lines that were read.
 * -ENOMEM. */
int parse_block(
	struct lockdag_splat *splat, const struct lines *lines, bool header, bool *ret_known);

/* Each looks at the logical line s that starts at p->i; returns how many lines it took, 0: not its.
 */
size_t parse_lock_line(struct parser *p);
size_t parse_link(struct parser *p);
size_t parse_held(struct parser *p);
size_t parse_dependency(struct parser *p);
size_t parse_release(struct parser *p);
size_t parse_cpu(struct parser *p);
size_t parse_usage_pair(struct parser *p);
size_t parse_irq_line(struct parser *p, const char *s);
bool parse_task_line(struct parser *p, const char *s);
/* Is there a sentence in s that parse_phrase() knows? */
bool parse_has_phrase(const char *s);
bool parse_phrase(struct parser *p, const char *s);
size_t parse_table(struct parser *p);
size_t parse_sketch(struct parser *p);
size_t parse_frame(struct parser *p);
bool parse_dept(struct parser *p, const char *s);
void parse_version(struct parser *p);
bool parse_fact(struct parser *p, const char *s);

/* The line at hand and those that belong to it, as wants_more says, in p->joined; returns how many.
 */
size_t parse_join(struct parser *p, const char *rest, bool (*wants_more)(const char *s));
struct lockdag_kstack *parse_stack(struct parser *p);
void parse_add_fact(struct parser *p, const char *s);
/* Does a line start something of a report, so that it is no other line's rest? */
bool parse_starts(const char *s);

/* A record that was read without its header: is it one? Sets its kind and title. */
bool headless_finish(struct lockdag_splat *splat);

/* What the whole record says: modes, wholeness, the task when only the holders name it. */
void parse_finish(struct lockdag_splat *splat, bool ended);

#endif
