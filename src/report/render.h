/* SPDX-License-Identifier: MIT
 *
 * What the files of this room share. A renderer appends to a text in memory; report.c alone writes
 * it out, so that one check covers every write and a reader never sees half a finding.
 *
 *   view.c      safe look-ups: exemplar, stack, place of a stack
 *   context.c   signal handlers and forks
 *   names.c     names as they may be printed: escaped, told apart, cut to a width
 *   summary.c   the first line, what was watched, the notes
 *   text.c      a finding for people; links.c its stacks, scenario.c its table
 *   kernel.c    a finding in lockdep's layout
 *   misuse.c    what was done wrong with a lock: its places
 *   story.c     what several renderers say in the same words
 *   json.c      all of it for programs; sarif.c, junit.c, github.c: for programs that ask for their own
 *   html.c      the page, page_data.c and page/ what makes it move
 *   order.c     the learned order as text
 *   dot.c       a cycle, or the whole graph, in Graphviz's language; svg.c has it drawn
 */
#ifndef LOCKDAG_REPORT_RENDER_H
#define LOCKDAG_REPORT_RENDER_H

#include "base/text.h"
#include "report/report.h"

#define REPORT_COLUMNS 100
#define REPORT_COLUMNS_LEAST 40
#define REPORT_NAME_SIZE 256

struct report {
	struct lockdag_text *out;
	const struct lockdag_model *m;
	const struct lockdag_report_options *options; /* never NULL here */
};

/* ---- view.c: every index is checked, because a renderer must not trust who built the model */

/* What a link's `from` is to the thread: a lock that it holds, an event that it is to signal, or
 * its own end, which somebody joins. */
enum report_under { REPORT_HOLDS, REPORT_SIGNALS, REPORT_ENDS };

/* One observation of a link. Each pointer may be NULL: the model does not say. */
struct report_seen {
	enum report_under under;
	uint32_t thread; /* or LOCKDAG_NONE */
	const struct lockdag_acquire *acquire;
	const struct lockdag_held *held; /* with REPORT_HOLDS only */
	bool known;                      /* asked says something */
	struct lockdag_held asked;       /* the link's `to`, as it was asked for */
	uint32_t timeout_ms;             /* of the asking, where its flags say that it was timed */
	uint32_t n_held;                 /* how many of acquire's held rows were held then */
	const struct lockdag_stack *held_at, *wait_at;
	const struct lockdag_stack *signal_at; /* with REPORT_SIGNALS only */
	const struct lockdag_stack *began_at;  /* the same: where the thread came to its iteration */
	/* Through a handler, thread holds and is interrupted, and the handler asks: it was seen in
	 * `other`. Through a fork, thread is the child's, and `other` holds. */
	enum lockdag_through through;
	uint32_t by;
	uint32_t other; /* thread, or LOCKDAG_NONE */
	const struct lockdag_stack *fork_at;
	struct lockdag_held own; /* what is held, where no held row says it: see report_held() */
	bool is_own;
};

size_t report_n_exemplars(const struct lockdag_link *link); /* stored ones */
struct report_seen report_seen(
	const struct lockdag_model *m, const struct lockdag_link *link, size_t exemplar);
/* The held lock as it was taken, or NULL. */
static inline const struct lockdag_held *report_held(const struct report_seen *seen)
{
	return seen->is_own ? &seen->own : seen->held;
}
/* Index of the first link of the next context behind link i, n_locks at the end. */
size_t report_next_context(const struct lockdag_finding *f, size_t i);
/* The acquisition that queues the finding's writer, or NULL. */
const struct lockdag_acquire *report_writer(
	const struct lockdag_model *m, const struct lockdag_finding *f);
const struct lockdag_stack *report_stack(const struct lockdag_model *m, uint32_t stack);
const struct lockdag_thread *report_thread(const struct lockdag_model *m, uint32_t thread);
/* The frame a person would name as the place: the innermost one that is not a wrapper of a
 * standard library. NULL when nothing is known. */
const struct lockdag_frame *report_place(const struct lockdag_stack *stack);
/* Appends "pool.c:120 pool_new()", or as much of it as is known; nothing for NULL. */
void report_add_place(struct lockdag_text *t, const struct lockdag_frame *frame);
void report_add_module_offset(struct lockdag_text *t, const struct lockdag_frame *frame);
bool report_is_read(enum lockdag_mode mode);
/* "read" or "write" for a lock that has both, else NULL. */
const char *report_mode_word(enum lockdag_lock_type type, enum lockdag_mode mode);
bool report_is_wait(const struct report_seen *seen); /* for an event, not for a lock */
/* "signals", "posts", "arrives at": what ends a wait for such an event. */
const char *report_signal_word(enum lockdag_lock_type type);

/* ---- context.c: signal handlers, forks, and how locks are used by them */

/* "SIGUSR1 handler", escaped, of a link through one; the caller frees it, NULL: no memory. */
char *report_handler(const struct report *r, uint32_t by);
/* "SIGUSR1" of it, the same. */
char *report_signal(const struct report *r, uint32_t by);
/* How locks were used, as lockdep's mask tells it: written, read, then both by signal handlers: `-` by a
 * handler, `+` held while a signal can come whose handler takes locks, `?` both, `.` neither. */
enum report_usage {
	REPORT_WRITTEN = 1 << 0,
	REPORT_READ = 1 << 1,
	REPORT_IN_WRITTEN = 1 << 2, /* in a handler */
	REPORT_IN_READ = 1 << 3,
	REPORT_ON_WRITTEN = 1 << 4, /* where one can come */
	REPORT_ON_READ = 1 << 5,
};
struct report_usages {
	unsigned char *used; /* of each birth of the model: enum report_usage */
	bool handlers;	     /* there are any */
};
int report_usages_init(struct report_usages *u, const struct lockdag_model *m);
void report_usages_done(struct report_usages *u);
unsigned report_usage(const struct report_usages *u, const struct lockdag_model *m, uint32_t lock);
/* The four signs; buffer has room for 5. */
const char *report_usage_mask(const struct report_usages *u, unsigned usage, char *buffer);
/* The places of handlers in words; NULL: nothing to say. */
const char *report_usage_words(unsigned usage);
/* Does the finding lead through a handler or a fork? */
bool report_leads_through(const struct lockdag_finding *f, enum lockdag_through through);

/* ---- names.c */

/* Length of the UTF-8 sequence at s and its code point; 0 when it is not valid. */
size_t report_utf8(const char *s, uint32_t *ret_code);
/* Appends s with all that could disturb a terminal or a line as \xNN. NULL appends "?". */
void report_escape(struct lockdag_text *t, const char *s);
size_t report_width(const char *s); /* columns of escaped text */
void report_pad(struct lockdag_text *t, size_t width, size_t to);
size_t report_columns(const struct report *r);
/* Appends text as lines of at most report_columns(): the first after lead, others indented alike. */
void report_wrap(struct report *r, const char *lead, const char *text);
/* Escaped name of a thread, which the caller frees; NULL: no memory. */
char *report_thread_name(const struct lockdag_model *m, uint32_t thread);

/* Escaped text with its middle cut out where it is long, for tables and pictures; the caller frees it. */
char *report_brief(const char *name);

/* The names of a finding's locks, one for each: escaped, and no two alike. */
struct report_names {
	size_t n;
	char **full;
	char **brief; /* cut in the middle, for tables */
};
int report_names_init(
	struct report_names *names, const struct lockdag_model *m, const struct lockdag_finding *f);
void report_names_done(struct report_names *names);

/* ---- what each thread of a cycle does: "thread a (1):", "holds x (taken at ...),", "waits for y (at ...)" */
struct report_part {
	char *who, *holds, *waits;
};
int report_parts(struct report *r, const struct lockdag_finding *f,
	const struct report_names *names, struct report_part **ret_parts, size_t *ret_n);
void report_parts_free(struct report_part *parts, size_t n);
/* "link 2  mu is asked for before cv is signalled", which the caller frees. */
char *report_link_words(const struct report_seen *seen, size_t number,
	const struct lockdag_finding_lock *lock, const char *from, const char *to);

/* ---- story.c */

/* Is the finding printed: not ruled out, or those are wanted too? */
bool report_shows(const struct report *r, const struct lockdag_finding *f);
void report_add_title(struct lockdag_text *t, const struct lockdag_finding *f); /* escaped */
/* "POSSIBLE  a -> b -> a  id 0123456789abcdef" */
void report_finding_line(struct lockdag_text *t, const struct lockdag_finding *f);
/* Who holds and waits for what, a line each; why; and where to cut. */
int report_add_story(struct report *r, const struct lockdag_finding *f, struct lockdag_text *t);
/* Where one would look first: where a back link asks, else the first link, a misuse's place; or NULL. */
const struct lockdag_stack *report_main_stack(const struct report *r, const struct lockdag_finding *f);
/* A file as told from the tree's root where the tree has it, else as it is. */
const char *report_path(const struct report *r, const char *file);
/* Appends escaped text for an element or attribute of XML or HTML. */
void report_xml(struct lockdag_text *t, const char *s);

/* ---- the renderers */

size_t report_n_suppressed(const struct lockdag_report_facts *facts);
void report_summary(struct report *r, const struct lockdag_findings *f,
	const struct lockdag_report_facts *facts);
void report_notes(struct report *r, const struct lockdag_findings *f,
	const struct lockdag_report_facts *facts);
#define REPORT_BOUNDED "a bound of the cycle search was met: there may be more cycles"

/* report.c: the only place where this room writes; clears t. */
int report_write(FILE *out, struct lockdag_text *t);

/* standstill.c */
int report_standstill_text(struct report *r, const struct lockdag_standstill *s);

int report_text_finding(struct report *r, const struct lockdag_finding *f);
/* One that was printed before: its first line, and where it is. */
int report_text_told(struct report *r, const struct lockdag_finding *f);
void report_links(struct report *r, const struct lockdag_finding *f, const struct report_names *n);
void report_scenario(
	struct report *r, const struct lockdag_finding *f, const struct report_names *n);
void report_heading(struct report *r, const char *words);

/* ---- cut.c: nothing where there is none */
void report_cut(struct report *r, const struct lockdag_finding *f);
/* The line itself, not escaped, which the caller frees; NULL: no memory. false: there is no cut. */
bool report_cut_line(const struct lockdag_finding *f, char **ret_line);
void report_cut_plan(struct report *r, const struct lockdag_findings *f);

int report_kernel_finding(struct report *r, const struct lockdag_finding *f);
/* A stack with a line for each frame; NULL: "(no stack)". */
void report_kernel_stack(
	struct lockdag_text *t, const char *indent, const struct lockdag_stack *stack);

/* ---- misuse.c: a line for each place, then their stacks; all of it in lockdep's manner */
int report_misuse_lines(struct report *r, const char *indent, const struct lockdag_finding *f);
void report_misuse_stacks(struct report *r, const struct lockdag_finding *f);
int report_kernel_misuse(struct report *r, const struct lockdag_finding *f);

int report_sarif(struct report *r, const struct lockdag_findings *f,
	const struct lockdag_report_facts *facts);
int report_junit(struct report *r, const struct lockdag_findings *f,
	const struct lockdag_report_facts *facts);
int report_github(struct report *r, const struct lockdag_findings *f,
	const struct lockdag_report_facts *facts);

int report_dot(struct report *r, const struct lockdag_findings *f);
/* One finding as a graph; number: part of the ids of its elements (f0n1: lock 1, f0e1: link 1). */
int report_dot_finding(struct report *r, const struct lockdag_finding *f, size_t number);
int report_dot_graph(struct report *r, const struct lockdag_class_graph *g);
/* Appends escaped text to a quoted string of Graphviz's language. */
void report_dot_text(struct lockdag_text *t, const char *escaped);
int report_svg(struct report *r, const struct lockdag_findings *f);
/* Appends the element <svg>. -ENOSYS: a plugin of Graphviz is missing; -EIO: it failed. */
int report_svg_draw(struct lockdag_text *t, const char *dot);
int report_svg_finding(struct lockdag_text *t, const struct report *r,
	const struct lockdag_finding *f, size_t number);
int report_svg_graph(struct report *r, const struct lockdag_class_graph *g);

int report_html(struct report *r, const struct lockdag_findings *f,
	const struct lockdag_report_facts *facts);

int report_order(struct report *r, const struct lockdag_class_graph *g); /* -E2BIG: there is none */
int report_clang(struct report *r, const struct lockdag_class_graph *g);

int report_json(struct report *r, const struct lockdag_findings *f,
	const struct lockdag_report_facts *facts);
int report_json_finding(struct report *r, const struct lockdag_finding *f);

#endif
