/* SPDX-License-Identifier: MIT
 *
 * User memory as objects of a driver in user space (a GPU, an RDMA card, a buffer cache): a range
 * of the process's memory is registered under an id, its pages are asked for when they are needed,
 * and what becomes of the memory meanwhile (unmapped, moved, discarded) is noticed.
 *
 *	struct userptr *u;
 *	struct userptr_pages pages;
 *
 *	userptr_new(&u, NULL);
 *	userptr_register(u, 7, address, size);
 *	userptr_get_pages(u, 7, &pages);	-> 0, and pages.generation
 *	munmap(address, size);
 *	userptr_get_pages(u, 7, &pages);	-> -EFAULT
 *	userptr_free(u);
 *
 * A device's notifier (a userfaultfd, its reader, a work queue) is made when its first object is
 * registered. Where there is no userfaultfd, userptr_unwatched() says why, and the program tells
 * of what it does by userptr_invalidate().
 *
 * Functions return 0 or a negative errno, and may be called by any thread. munmap() and its kin on
 * a registered range wait until the reader has seen them; the reader takes no lock of the caller's
 * and none that is held over such a call here. A forked child has to make devices of its own.
 *
 * Locks, outermost first: userptr.mm_lock (what is registered in this process), userptr.device_lock
 * (a device's notifier and the states of its objects). Both are let go before a wait.
 */
#ifndef USERPTR_H
#define USERPTR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct userptr;

enum userptr_event {
	USERPTR_DISCARDED, /* the range is there, its contents are not */
	USERPTR_GONE       /* unmapped or moved: the object stays dead */
};

struct userptr_options {
	/* Tells of an object, on the device's worker, with no lock held. Must not call the device's
	 * functions: most of them wait for the worker. */
	void (*invalidated)(void *argument, uint64_t id, enum userptr_event event);
	void *argument;
	bool no_userfaultfd;
	/* For tests. allocate: what memory comes from; NULL: malloc. old_order: the work queue is
	 * made with both locks held, as before the patch that docs/story.md tells of. */
	void *(*allocate)(size_t size);
	bool old_order;
};

struct userptr_pages {
	void *address;
	size_t n_pages;
	uint64_t generation; /* another one: the contents were discarded in between */
};

int userptr_new(struct userptr **ret, const struct userptr_options *options);
/* Unregisters all that is left. NULL is fine. */
void userptr_free(struct userptr *u);

/* address and size: of whole pages. -EEXIST: the id is taken. -EBUSY: another device has registered
 * some of it. */
int userptr_register(struct userptr *u, uint64_t id, void *address, size_t size);
/* -ENOENT: no such id. After it nobody is told of the id any more. */
int userptr_unregister(struct userptr *u, uint64_t id);

/* All pages are present. -ENOENT: no such id. -EFAULT: the memory is no more what was registered.
 * -EAGAIN: it was discarded again and again meanwhile. */
int userptr_get_pages(struct userptr *u, uint64_t id, struct userptr_pages *ret);

/* The caller has discarded or unmapped the range. Returns when all objects know. */
int userptr_invalidate(
	struct userptr *u, const void *address, size_t size, enum userptr_event event);

/* All that has happened so far, to objects of any device, has been told. */
void userptr_drain(void);

/* Why the memory is not watched; NULL: it is, or nothing was registered yet. */
const char *userptr_unwatched(struct userptr *u);

#endif
