/* SPDX-License-Identifier: MIT
 *
 * report: findings to text, pages, pictures and what other programs read. The door of the room. A renderer decides
 * nothing: grade, reason, names and scenario are the finding's. Stacks must have been described
 * (lockdag_model_describe_stack) by the caller; one that was not prints as "(no stack)".
 */
#ifndef LOCKDAG_REPORT_H
#define LOCKDAG_REPORT_H

#include <stdio.h>

#include "base/base.h"
#include "core/core.h"

/* A suppression that was given, and how many findings it took out. */
struct lockdag_report_suppression {
	const char *name, *file;
	unsigned line;
	size_t n;
};

/* What is known besides the findings: printed in the summary, and in JSON's stats. */
struct lockdag_report_facts {
	const char *command; /* what was run; may be NULL */
	uint64_t processes, threads, classes, locks, edges, acquisitions;
	size_t n_notes;
	const char *const *notes; /* things to know, one sentence each */
	size_t n_not_watched;
	const char *const *not_watched; /* what lockdag could not see, one sentence each */
	size_t n_suppressions;
	const struct lockdag_report_suppression *suppressions;
};

/* The source that the program was made of, where the caller can read it. What these return belongs to
 * the tree, for as long as it lives. */
struct lockdag_report_tree {
	void *context;
	const char *root; /* absolute path of the directory that paths are told from; may be NULL */
	/* Where a frame's file is: a path below root, or an absolute one; NULL: there is no such file. */
	const char *(*find)(void *context, const char *file);
	/* Line `line` (from 1) of a frame's file, *ret_n bytes without its end; NULL: cannot be read. */
	const char *(*line)(void *context, const char *file, unsigned line, size_t *ret_n);
};

struct lockdag_report_options {
	bool show_unlikely; /* print ruled-out cycles too (JSON: put them in findings) */
	bool color;         /* ANSI colours in text */
	unsigned columns;   /* of text and its tables; 0: 100; at least 40 */
	const char *version; /* of lockdag, for formats that name their maker; may be NULL */
	const struct lockdag_report_tree *tree;	 /* NULL: no source text */
	const struct lockdag_class_graph *graph; /* for formats that want it; NULL: the page shows none */
	size_t n_told;	      /* findings that were printed at the same place before, as they are */
	const uint64_t *told; /* now, by id: text and kernel form give them a line */
};

/* Formats: formats.def. */
enum lockdag_format {
#define FORMAT(upper, word, traits, meaning) LOCKDAG_FORMAT_##upper,
#include "report/formats.def"
#undef FORMAT
	LOCKDAG_N_FORMATS
};
/* 0 and *ret_format, or -EINVAL. */
int lockdag_format_parse(const char *word, enum lockdag_format *ret_format);
const char *lockdag_format_word(enum lockdag_format format);

enum lockdag_format_trait {
	LOCKDAG_FORMAT_LIVE = 1 << 0,  /* findings may be printed one by one, as they are found */
	LOCKDAG_FORMAT_GRAPH = 1 << 1, /* shows options->graph */
	LOCKDAG_FORMAT_TREE = 1 << 2,  /* shows source text, or paths told from its root */
};
/* enum lockdag_format_trait of the format. */
unsigned lockdag_format_traits(enum lockdag_format format);

/* The whole report: summary, findings, notes. Returns 0 or a negative errno (-EIO when out failed,
 * -ENOMEM). */
int lockdag_report_print(FILE *out, enum lockdag_format format, const struct lockdag_model *m,
	const struct lockdag_findings *f, const struct lockdag_report_facts *facts,
	const struct lockdag_report_options *options);

/* The whole graph, as `lockdag graph` prints it (graph_forms.def). */
enum lockdag_graph_form {
#define FORM(upper, word, meaning) LOCKDAG_GRAPH_##upper,
#include "report/graph_forms.def"
#undef FORM
	LOCKDAG_N_GRAPH_FORMS
};
int lockdag_graph_form_parse(const char *word, enum lockdag_graph_form *ret_form);
/* options may be NULL. -E2BIG: too much for a picture (more than 1,000 classes or 4,000 edges), or no
 * order is known for so much; else as lockdag_report_print(). */
int lockdag_report_graph(FILE *out, enum lockdag_graph_form form, const struct lockdag_model *m,
	const struct lockdag_class_graph *g, const struct lockdag_report_options *options);

/* One finding alone, for reports while the program runs. JSON: one object on one line; -ENOTSUP for
 * other formats that are not LOCKDAG_FORMAT_LIVE. */
int lockdag_report_finding(FILE *out, enum lockdag_format format, const struct lockdag_model *m,
	const struct lockdag_finding *finding, const struct lockdag_report_options *options);

/* Who waits for whom, judged: text or JSON (one document). The other formats print text. Returns 0
 * or a negative errno. */
int lockdag_report_standstill(FILE *out, enum lockdag_format format,
	const struct lockdag_standstill *s, const struct lockdag_report_options *options);

#endif
