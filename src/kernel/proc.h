/* SPDX-License-Identifier: MIT
 *
 * /proc/lockdep, /proc/lockdep_chains and /proc/lockdep_stats, line by line.
 */
#ifndef LOCKDAG_KERNEL_PROC_H
#define LOCKDAG_KERNEL_PROC_H

#include "kernel/record.h"

struct proc;

/* s: the first line, or NULL. -ENOMEM. */
int proc_new(const char *s, size_t n, struct proc **ret_proc);
/* Takes a line or passes over it; false: no memory. */
bool proc_line(struct proc *proc, const char *s, size_t n);
/* What was read, which the caller owns; NULL: no memory. */
struct lockdag_kgraph *proc_take(struct proc *proc, const char *file);
void proc_free(struct proc *proc); /* NULL is fine */

#endif
