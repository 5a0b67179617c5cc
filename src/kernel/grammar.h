/* SPDX-License-Identifier: MIT
 *
 * The small parts of a report's lines: frames, classes, locks, tasks. All take clean text.
 */
#ifndef LOCKDAG_KERNEL_GRAMMAR_H
#define LOCKDAG_KERNEL_GRAMMAR_H

#include "kernel/record.h"

bool text_starts(const char *s, const char *word);
bool text_ends(const char *s, const char *word);

/* Is s a line of a stack by its looks alone ("f+0x17/0x50", "[<ffffffff8109dbb7>] f", "f x.c:12
 * [inline]")? Then *ret_frame, when it is not NULL. -ENOMEM latches in memory. */
bool frame_parse(struct record_memory *memory, const char *s, struct lockdag_kframe *ret_frame);
/* A stack's line that goes on in the next one: only "[<address>]", or a name without offset. */
bool frame_wants_more(const char *s);
/* What can only be the rest of a stack's line: "[mod]", "fs/file.c:123 [inline]". */
bool frame_is_rest(const char *s);

/* "(class){+.+.}-{4:4}" at s, its name in the last parentheses that fit. NULL: none; else what
 * follows. */
const char *class_parse(
	struct record_memory *memory, const char *s, struct lockdag_kclass *ret_class);
/* A class by its name alone. */
void class_name(
	struct record_memory *memory, const char *s, size_t n, struct lockdag_kclass *ret_class);

/* "ffff8881... (class){+.+.}-{4:4}, at: f+0x17/0x50". */
bool lock_parse(struct record_memory *memory, const char *s, struct lockdag_klock *ret_lock);
/* Is that what s begins with, as far as it goes? */
bool lock_looks(const char *s);
/* Does it lack its end: a class without its parenthesis, an "at:" without a place? */
bool lock_wants_more(const char *s);

/* "comm/pid", the pid behind the last slash. */
bool task_parse(struct record_memory *memory, const char *s, size_t n, const char **ret_comm,
	long *ret_pid);

#endif
