/* SPDX-License-Identifier: MIT
 *
 * The parts of a report in lockdep's layout.
 */
#ifndef LOCKDAG_KERNEL_PRINT_H
#define LOCKDAG_KERNEL_PRINT_H

#include "kernel/kernel.h"

void print_frames(struct lockdag_text *t, const struct lockdag_kstack *stack, unsigned indent);
void print_class(struct lockdag_text *t, const struct lockdag_kclass *class);
void print_lock(struct lockdag_text *t, const struct lockdag_klock *lock);
/* "comm/pid" */
void print_task(struct lockdag_text *t, const struct lockdag_splat *s);
/* The lines of the header, up to its dashes. */
void print_header(struct lockdag_text *t, const struct lockdag_splat *s);
void print_chain(struct lockdag_text *t, const struct lockdag_splat *s);
void print_sketch(struct lockdag_text *t, const struct lockdag_splat *s);
void print_scenario(struct lockdag_text *t, const struct lockdag_splat *s);
void print_holders(struct lockdag_text *t, const struct lockdag_splat *s);
void print_usages(struct lockdag_text *t, const struct lockdag_splat *s);
void print_deps(struct lockdag_text *t, const struct lockdag_splat *s);
void print_contexts(struct lockdag_text *t, const struct lockdag_splat *s);
/* title: "stack backtrace:", or NULL for those that have none. */
void print_backtrace(struct lockdag_text *t, const struct lockdag_splat *s, const char *title);
/* The facts that start with one of the words; words ends with NULL. */
void print_facts(struct lockdag_text *t, const struct lockdag_splat *s, const char *const *words);

#endif
