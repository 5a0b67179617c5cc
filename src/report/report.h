/* SPDX-License-Identifier: MIT
 *
 * report: findings to text, kernel form and JSON. The door of the room. A renderer decides
 * nothing: grade, reason, names and scenario are the finding's. Stacks must have been described
 * (lockdag_model_describe_stack) by the caller; one that was not prints as "(no stack)".
 */
#ifndef LOCKDAG_REPORT_H
#define LOCKDAG_REPORT_H

#include <stdio.h>

#include "base/base.h"
#include "core/core.h"

/* What is known besides the findings: printed in the summary, and in JSON's stats. */
struct lockdag_report_facts {
	const char *command; /* what was run; may be NULL */
	uint64_t processes, threads, classes, locks, edges, acquisitions;
	size_t n_notes;
	const char *const *notes; /* things to know, one sentence each */
	size_t n_not_watched;
	const char *const *not_watched; /* what lockdag could not see, one sentence each */
};

struct lockdag_report_options {
	bool show_unlikely; /* print ruled-out cycles too (JSON: put them in findings) */
	bool color;         /* ANSI colours in text */
	size_t n_told;	      /* findings that were printed at the same place before, as they are */
	const uint64_t *told; /* now, by id: text and kernel form give them a line */
};

/* Formats: text, kernel, json (formats.def). */
enum lockdag_format {
#define FORMAT(upper, word, meaning) LOCKDAG_FORMAT_##upper,
#include "report/formats.def"
#undef FORMAT
	LOCKDAG_N_FORMATS
};
/* 0 and *ret_format, or -EINVAL. */
int lockdag_format_parse(const char *word, enum lockdag_format *ret_format);

/* The whole report: summary, findings, notes. Returns 0 or a negative errno (-EIO when out failed,
 * -ENOMEM). */
int lockdag_report_print(FILE *out, enum lockdag_format format, const struct lockdag_model *m,
	const struct lockdag_findings *f, const struct lockdag_report_facts *facts,
	const struct lockdag_report_options *options);

/* One finding alone, for reports while the program runs (text and kernel form; JSON: one object on
 * one line). */
int lockdag_report_finding(FILE *out, enum lockdag_format format, const struct lockdag_model *m,
	const struct lockdag_finding *finding, const struct lockdag_report_options *options);

#endif
