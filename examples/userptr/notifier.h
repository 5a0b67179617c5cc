/* SPDX-License-Identifier: MIT
 *
 * What becomes of watched memory, as work on a queue: a userfaultfd whose events a thread reads.
 *
 * The kernel lets munmap() and its kin return once the event was read, and the pages are gone by
 * then. notifier_settle() makes the rest of the way sure: after it, the work of all that returned
 * before is done.
 */
#ifndef USERPTR_NOTIFIER_H
#define USERPTR_NOTIFIER_H

#include "workqueue.h"

struct notifier;

/* watch: false for a queue alone. Where userfaultfd cannot be had, it is a queue alone, too. */
int notifier_new(struct notifier **ret, workqueue_function function, void *argument,
	void *(*allocate)(size_t size), bool watch);
/* NULL is fine. */
void notifier_free(struct notifier *n);

/* NULL: it watches. */
const char *notifier_unwatched(const struct notifier *n);

/* Of whole pages. A range that cannot be watched (a file's) makes notifier_unwatched() say so. */
void notifier_watch(struct notifier *n, uintptr_t start, uintptr_t end);
void notifier_unwatch(struct notifier *n, uintptr_t start, uintptr_t end);

void notifier_tell(struct notifier *n, const struct work *work);
void notifier_settle(struct notifier *n);

#endif
