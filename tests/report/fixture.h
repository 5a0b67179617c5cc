/* SPDX-License-Identifier: MIT
 *
 * Models and findings built by hand, as core would give them, for the tests of the report room.
 */
#ifndef LOCKDAG_TESTS_REPORT_FIXTURE_H
#define LOCKDAG_TESTS_REPORT_FIXTURE_H

#include "report/report.h"

#define FIXTURE_MAX_LOCKS 8

/* One finding under construction; findings has it as its only item. */
struct fixture {
	struct lockdag_model *m;
	uint32_t process;
	struct lockdag_finding finding;
	struct lockdag_finding_lock locks[FIXTURE_MAX_LOCKS];
	struct lockdag_link links[FIXTURE_MAX_LOCKS];
	struct lockdag_exemplar exemplars[FIXTURE_MAX_LOCKS][LOCKDAG_MAX_EXEMPLARS];
	struct lockdag_findings findings;
};

/* Who asks for the next lock, how, and where. */
struct fixture_seen {
	uint32_t thread;
	uint32_t held_stack, wait_stack; /* or LOCKDAG_NONE */
	enum lockdag_mode held_mode, wait_mode;
	uint32_t held_flags, wait_flags, timeout_ms;
	uint32_t also; /* 1 + a lock held outermost, or 0 */
	enum lockdag_mode also_mode;
};

void fixture_init(struct fixture *fx);
void fixture_done(struct fixture *fx);

uint32_t fixture_thread(struct fixture *fx, const char *name, int32_t tid);
/* A stack of n frames, innermost first. */
uint32_t fixture_stack(struct fixture *fx, const struct lockdag_frame *frames, size_t n);
#define FIXTURE_STACK(fx, ...)                                                                     \
	fixture_stack(fx, (const struct lockdag_frame[]){__VA_ARGS__},                             \
		sizeof((const struct lockdag_frame[]){__VA_ARGS__}) /                              \
			sizeof(struct lockdag_frame))
/* A lock of the model that is not (yet) in the finding. */
uint32_t fixture_row(struct fixture *fx, const char *name, enum lockdag_lock_type type,
	enum lockdag_birth_how how, const char *where);
/* The finding's next lock. */
void fixture_lock(struct fixture *fx, const char *name, enum lockdag_lock_type type,
	enum lockdag_birth_how how, const char *where);
/* One exemplar of link i: locks[i] held while the next is asked for. */
void fixture_seen(struct fixture *fx, size_t i, const struct fixture_seen *seen);
/* An acquisition of a lock with nothing held. */
uint32_t fixture_alone(
	struct fixture *fx, uint32_t lock, uint32_t thread, uint32_t stack, enum lockdag_mode mode);

/* Two threads that move money in opposite directions; audit is seen in two threads. */
void fixture_bank(struct fixture *fx);
/* The seven classes of the i915 report of 2017, the new edge last. */
void fixture_seven(struct fixture *fx);

/* What a call printed; the caller frees it. */
char *fixture_print(struct fixture *fx, enum lockdag_format format,
	const struct lockdag_report_facts *facts, const struct lockdag_report_options *options);
char *fixture_print_one(struct fixture *fx, enum lockdag_format format,
	const struct lockdag_report_options *options);

/* Does lockdag_report_finding() know the format? */
bool fixture_prints_one(enum lockdag_format format);

/* Holds text against tests/report/expected/name. With LOCKDAG_UPDATE_EXPECTED set in the
 * environment the file is written instead: read it before it is committed. */
void fixture_expect(const char *text, const char *name);

extern const struct lockdag_report_facts fixture_facts;

#endif
