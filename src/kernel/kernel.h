/* SPDX-License-Identifier: MIT
 *
 * kernel: the Linux kernel's own lock reports ("splats") in any text, and /proc/lockdep*.
 *
 *	bytes ──(scan: find headers)──► block of lines ──(lines: take decoration off)──► facts
 *──(parse)──► splat
 *
 * A scanner is fed bytes in pieces of any size and calls back once for each report. What is no
 *report costs constant memory. All strings are UTF-8 as far as the log was; nothing that a log
 *holds is trusted. Nothing here has globals; one scanner is used by one thread at a time. Functions
 *return 0 or a negative errno (-ENOMEM, or what a callback returned).
 */
#ifndef LOCKDAG_KERNEL_H
#define LOCKDAG_KERNEL_H

#include "base/base.h"
#include "base/text.h"

enum lockdag_splat_kind {
#define SPLAT_KIND(upper, word, sentence) LOCKDAG_SPLAT_##upper,
#include "kernel/kinds.def"
#undef SPLAT_KIND
	LOCKDAG_N_SPLAT_KINDS
};

enum lockdag_splat_note_kind {
#define SPLAT_NOTE(upper, word) LOCKDAG_NOTE_##upper,
#include "kernel/notes.def"
#undef SPLAT_NOTE
	LOCKDAG_N_SPLAT_NOTES
};

/* "circular", ...; "lock report" for a value out of range. The sentence has no dot. */
const char *lockdag_splat_kind_word(enum lockdag_splat_kind kind);
const char *lockdag_splat_kind_sentence(enum lockdag_splat_kind kind);
const char *lockdag_splat_note_word(enum lockdag_splat_note_kind kind);

/* ------------------------------------------------------------------ records */

/* One line of a kernel stack: "? f+0x17/0x50 [mod] dir/f.c:123 [inline]". */
struct lockdag_kframe {
	const char *function;  /* NULL: only an address was printed */
	const char *module;    /* NULL: the kernel itself */
	const char *file;      /* NULL: not symbolised */
	unsigned line;         /* 0: not symbolised */
	uint64_t offset, size; /* of "+0x17/0x50"; size 0: none was printed */
	uint64_t address;      /* of "[<ffffffff8109dbb7>]"; 0: none was printed */
	bool unreliable;       /* "? ": found on the stack, perhaps no caller */
	bool inlined;
};

struct lockdag_kstack {
	struct lockdag_kframe *frames; /* innermost first */
	size_t n;
};

/* A line in a stack that is no frame: "RIP: 0033:0x7fbb83c39587", "</IRQ>". */
struct lockdag_kextra {
	size_t after; /* this many frames */
	const char *text;
};

/* A lock class as one report names it. */
struct lockdag_kclass {
	const char *name; /* as printed, without the parentheses around: "&p->lock#2/1" */
	const char *base; /* without "#2" and "/1": "&p->lock" */
	unsigned version; /* N of "#N", the N-th class of that name in that boot; 0: none printed */
	unsigned subclass;          /* N of "/N"; 0: none printed */
	const char *usage;          /* "+.+." of "{+.+.}", 4 or 6 characters; NULL: none printed */
	int wait_outer, wait_inner; /* of "-{4:4}"; -1: none printed */
};

/* A lock where a report shows it: "ffff8881... (class){+.+.}-{4:4}, at: f+0x17/0x50". */
struct lockdag_klock {
	struct lockdag_kclass class; /* class.name NULL: the report does not have this lock */
	const char *instance;        /* address as printed; NULL: none */
	struct lockdag_kframe at;    /* at.function NULL and at.address 0: not printed */
	/* How it is asked for or held, from the scenario table or the functions that took it. */
	enum lockdag_mode mode;
	bool mode_known; /* else mode is EXCLUSIVE and a guess */
};

/* "-> #k (class){..}:" and its stack: where class k was taken while #k-1 was held. For #0 it is
 * where it is asked for now, while the last of the chain is held. */
struct lockdag_klink {
	unsigned index; /* k */
	struct lockdag_klock lock;
	struct lockdag_kstack stack;
};

/* "2 locks held by comm/pid:" and what follows. */
struct lockdag_kholder {
	const char *comm; /* NULL: not printed */
	long pid;         /* -1: not printed */
	int printed;      /* the number in that line; 0 for "no locks held"; -1: not readable */
	struct lockdag_klock *held; /* #0 first */
	size_t n;                   /* less than `printed`: the list is cut */
};

/* One use of a class that an interrupt report documents: "{IN-HARDIRQ-W} state was registered at:",
 * "... which became HARDIRQ-irq-safe at:", "HARDIRQ-ON-W at:", "... acquired at:". */
struct lockdag_kusage {
	const char *state; /* "IN-HARDIRQ-W", "INITIAL USE", "acquired", ... */
	struct lockdag_kstack stack;
};

/* One class of "the dependencies between ...", outermost first: " -> (class){..} ops: N {". */
struct lockdag_kdep {
	unsigned depth; /* by its indentation: 0 for the first */
	struct lockdag_kclass class;
	uint64_t ops; /* 0: not printed */
	struct lockdag_kusage *usages;
	size_t n_usages;
	struct lockdag_kframe key; /* "... key at:"; function NULL: not printed */
	struct lockdag_kstack acquired;
};

struct lockdag_kdeps {
	const char
		*title; /* "the dependencies between HARDIRQ-irq-safe lock and the holding lock" */
	struct lockdag_kdep *items;
	size_t n;
};

/* One cell of the scenario table. */
struct lockdag_kstep {
	unsigned cpu; /* column: 0, 1 */
	const char
		*what; /* "lock", "rlock", "sync", "unlock", "local_irq_disable", "<Interrupt>" */
	const char *class; /* as printed in it; NULL: none */
	bool in_interrupt; /* below "<Interrupt>" of that column */
};

/* One context of a DEPT report: "context A's detail". */
struct lockdag_kdept {
	const char *name; /* "A" */
	const char *start, *wait,
		*event; /* what [S], [W] and [E] say: "mutex_lock(&x:0)"; NULL: not there */
	struct lockdag_kstack start_stack, wait_stack, event_stack;
};

struct lockdag_splat_note {
	enum lockdag_splat_note_kind kind;
	const char *title; /* the line itself, without decoration */
	const char *file;  /* as given to lockdag_kernel_begin() */
	uint64_t line;
};

struct lockdag_splat {
	enum lockdag_splat_kind kind;
	const char *title;   /* header line without decoration: "WARNING: possible circular ..." */
	bool bracketed;      /* header in brackets: lockdep up to 4.11, or a BUG */
	const char *comm;    /* of the task; NULL: not there */
	long pid;            /* -1: not there */
	int cpu;             /* -1: not there */
	const char *context; /* "HC0[0]:SC0[0]:HE1:SE1" of an interrupt report; NULL */
	const char
		*kernel; /* release: "6.12.117"; "syzkaller" where that hides it; NULL: not there */
	const char *build;     /* "#3"; NULL: not there */
	const char *taint;     /* "Not tainted", "G     U"; NULL: not there */
	const char *hardware;  /* of "Hardware name: "; NULL */
	const char *workqueue; /* of "Workqueue: "; NULL */

	/* The lock asked for, or (bad unlock, contention, free, inversion) that the report is
	 * about. */
	struct lockdag_klock acquiring;
	/* The lock held meanwhile. */
	struct lockdag_klock holding;
	struct lockdag_klink
		*chain; /* #0 first. Edges: chain[k-1] -> chain[k], and the last -> #0 */
	size_t n_chain;
	/* Its index fields run 0, 1, ... without a gap: only such a chain is a cycle. */
	bool chain_whole;
	const char **sketch; /* "Chain exists of: A --> B --> C": a sketch, never edges */
	size_t n_sketch;
	struct lockdag_kholder *holders; /* one, but for all-locks and hung-task */
	size_t n_holders;
	struct lockdag_kstep *steps;
	size_t n_steps;
	const char *scenario; /* "Possible interrupt unsafe locking scenario"; NULL */

	/* Interrupt kinds. */
	const char *usage_was, *usage_now; /* "IN-HARDIRQ-W", "HARDIRQ-ON-W"; NULL */
	struct lockdag_kclass safe,
		unsafe; /* "connects a HARDIRQ-irq-safe lock:", "to a ... lock:" */
	struct lockdag_kusage *usages;
	size_t n_usages;
	struct lockdag_kdeps *deps;
	size_t n_deps;

	struct lockdag_kdept *contexts; /* DEPT */
	size_t n_contexts;
	const char **facts; /* other lines that say something: "rcu_scheduler_active = 2, ..." */
	size_t n_facts;
	struct lockdag_kstack stack;   /* "stack backtrace:" */
	const char *cpu_line;          /* "CPU: 4 PID: 1551 Comm: ..." as printed; NULL */
	struct lockdag_kextra *extras; /* registers and marks between its frames */
	size_t n_extras;

	struct lockdag_splat_note *notes; /* neighbours before it or in it */
	size_t n_notes;
	const char *file;    /* as given to lockdag_kernel_begin() */
	uint64_t line, last; /* 1-based, of the header and of the last line that belongs to it */
	bool complete;       /* what this kind always has is there */
	void *memory;        /* all of the above; the room's own */
};

void lockdag_splat_free(struct lockdag_splat *splat); /* NULL is fine */

/* ------------------------------------------------------------------ /proc/lockdep, _chains, _stats
 */

struct lockdag_kgraph_class {
	const char *id; /* address as printed; joins the files of one boot */
	struct lockdag_kclass class;
	uint64_t ops; /* 0: not printed */
	uint64_t forward,
		backward; /* FD, BD: how many classes are reached, and reach it; 0: not printed */
};

struct lockdag_kgraph_edge {
	uint32_t from, to; /* indices of classes */
	unsigned distance; /* as printed by kernels that do; 1 else */
};

/* One chain of held locks: classes[first .. first + n) of chain_classes, outermost first. */
struct lockdag_kgraph_chain {
	const char *context; /* of "irq_context: ": "0", "softirq", "hardirq", "hardirq-softirq" */
	size_t first, n;
};

struct lockdag_kgraph_stat {
	const char *name;    /* "lock-classes" */
	uint64_t value, max; /* max 0: none printed */
};

struct lockdag_kgraph {
	const char *file;
	struct lockdag_kgraph_class *classes;
	size_t n_classes;
	struct lockdag_kgraph_edge
		*edges; /* direct dependencies: "from" was held when "to" was taken */
	size_t n_edges;
	struct lockdag_kgraph_chain *chains;
	size_t n_chains;
	uint32_t *chain_classes;
	size_t n_chain_classes;
	struct lockdag_kgraph_stat *stats;
	size_t n_stats;
	void *memory;
};

void lockdag_kgraph_free(struct lockdag_kgraph *graph); /* NULL is fine */

/* ------------------------------------------------------------------ reading */

/* Whoever is called owns what it is given. A negative return ends the reading. Any may be NULL. */
struct lockdag_kernel_sink {
	int (*splat)(void *context, struct lockdag_splat *splat);
	/* A neighbour outside of any report; lives during the call only. */
	int (*note)(void *context, const struct lockdag_splat_note *note);
	/* A file was /proc/lockdep, /proc/lockdep_chains, /proc/lockdep_stats or several of them.
	 */
	int (*graph)(void *context, struct lockdag_kgraph *graph);
	void *context;
};

struct lockdag_kernel_scanner;

int lockdag_kernel_open(
	const struct lockdag_kernel_sink *sink, struct lockdag_kernel_scanner **ret_scanner);
/* A file begins: its name goes into records; lines count from 1. Ends the file before. */
int lockdag_kernel_begin(struct lockdag_kernel_scanner *scanner, const char *file);
/* The next n bytes of it. Records come out as soon as their end is seen. */
int lockdag_kernel_feed(struct lockdag_kernel_scanner *scanner, const void *bytes, size_t n);
/* Nothing more has come for a while: reports that are open come out now (-f). */
int lockdag_kernel_flush(struct lockdag_kernel_scanner *scanner);
/* The file is at its end. */
int lockdag_kernel_end(struct lockdag_kernel_scanner *scanner);
void lockdag_kernel_close(struct lockdag_kernel_scanner *scanner); /* NULL is fine */

/* ------------------------------------------------------------------ writing */

/* The report in lockdep's own layout, by the features of the record (mask widths, instance
 * addresses, wait types). Reading it again gives the same record but for file and lines. */
int lockdag_splat_print(const struct lockdag_splat *splat, struct lockdag_text *text);

/* What a class's usage mask says, in words: "hardirq on, softirq in (read)"; appends nothing for a
 * mask that says nothing. The kernels up to 2.6.28 had another order and other signs. */
void lockdag_splat_usage_words(const struct lockdag_splat *splat,
	const struct lockdag_kclass *class, struct lockdag_text *text);

struct json_t;
/* One element of `reports` (docs/kernel-json.md): a new jansson object, which the caller owns. */
int lockdag_splat_json(const struct lockdag_splat *splat, struct json_t **ret_json);
int lockdag_splat_note_json(const struct lockdag_splat_note *note, struct json_t **ret_json);
/* One element of `graphs`. */
int lockdag_kgraph_json(const struct lockdag_kgraph *graph, struct json_t **ret_json);

/* ------------------------------------------------------------------ one graph from many (docs/kernel.md)
 *
 * Classes are joined across boots and versions by their names as of today, cycles by the canonical rotation
 * of those, whatever edge closed them. Reports and graphs stay the caller's, and live longer.
 */

struct lockdag_union;
int lockdag_union_new(struct lockdag_union **ret_union);
void lockdag_union_free(struct lockdag_union *u); /* NULL is fine */
/* Reports are numbered from 0 in the order in which they are added. */
int lockdag_union_add(struct lockdag_union *u, const struct lockdag_splat *splat);
int lockdag_union_add_graph(struct lockdag_union *u, const struct lockdag_kgraph *graph);
/* Folds, finds families and cycles across reports, and plans the cut. Once, after all was added. */
int lockdag_union_solve(struct lockdag_union *u);

/* The id of a report's cycle; of a report that is no cycle, of what it is about. The same in each run. */
uint64_t lockdag_union_report_id(const struct lockdag_union *u, size_t report);
/* A report that is in the baseline: it is not told. */
void lockdag_union_set_known(struct lockdag_union *u, size_t report);
bool lockdag_union_is_known(const struct lockdag_union *u, size_t report);
size_t lockdag_union_n_new(const struct lockdag_union *u);

/* For people. The summary: how many there are, in one line. One report: who holds what and waits for what,
 * and where to cut. All: families, cycles across reports, and the best n_cuts cuts. */
int lockdag_union_summary(const struct lockdag_union *u, struct lockdag_text *text);
int lockdag_union_report_text(
	const struct lockdag_union *u, size_t report, struct lockdag_text *text);
int lockdag_union_text(const struct lockdag_union *u, size_t n_cuts, struct lockdag_text *text);

/* What would be left: 'A -> B' without that edge, 'A -> B' taken in the other order, or with CLASS made two
 * classes that are never one lock. Adds to the text, and to the document where there is one (NULL: none).
 * -ENOENT: there is no such edge or class. */
enum lockdag_union_change { LOCKDAG_UNION_WITHOUT, LOCKDAG_UNION_REORDER, LOCKDAG_UNION_SPLIT };
int lockdag_union_what_if(const struct lockdag_union *u, enum lockdag_union_change change,
	const char *what, struct lockdag_text *text, struct json_t *document);

/* Adds `cycles`, `families`, `cuts` and more to the document (docs/kernel-json.md). */
int lockdag_union_json(const struct lockdag_union *u, size_t n_cuts, struct json_t *document);

struct lockdag_model;
/* As a model of core: each report is a process in which each link of the chain is a thread's. */
int lockdag_union_model(const struct lockdag_union *u, struct lockdag_model **ret_model);
/* One report alone, whatever its kind, as what suppressions are held against: the locks it is about, by
 * their names as printed and as of today, and all of its stacks. 0 or -ENOMEM. */
int lockdag_splat_model(const struct lockdag_splat *splat, struct lockdag_model **ret_model);
struct lockdag_findings;
/* Gives the findings of that model the cuts of the union, which knows what is no lock. */
int lockdag_union_cut_findings(const struct lockdag_union *u, struct lockdag_findings *f);

#endif
