/* SPDX-License-Identifier: MIT */
#include "userptr.h"

#include <errno.h>
#include <lockdag/lockdag.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "notifier.h"

#define MAX_TRIES 8 /* of get_pages(), when the memory is discarded meanwhile */

struct object {
	struct object *next;
	struct userptr *device;
	uint64_t id, generation;
	uintptr_t start, end;
	bool gone;
	const struct work *reached; /* by the worker, just now */
};

struct userptr {
	struct userptr_options options;
	pthread_mutex_t lock;
	struct notifier *notifier; /* set once, with both locks held */
};

/* What is registered in this process, by any device. */
static struct {
	pthread_rwlock_t lock;
	struct object *objects;
} space = {.lock = PTHREAD_RWLOCK_WRITER_NONRECURSIVE_INITIALIZER_NP};

static void space_read_lock(void)
{
	pthread_rwlock_rdlock(&space.lock);
}

static void space_write_lock(void)
{
	pthread_rwlock_wrlock(&space.lock);
}

static void space_unlock(void)
{
	pthread_rwlock_unlock(&space.lock);
}

static bool overlaps(const struct object *o, uintptr_t start, uintptr_t end)
{
	return o->start < end && start < o->end;
}

static struct object *space_find(const struct userptr *u, uint64_t id)
{
	struct object *o = space.objects;

	while (o && (o->device != u || o->id != id))
		o = o->next;
	return o;
}

/* ------------------------------------------------------------------ invalidation */

/* Marks the next object that the work has not reached yet. */
static bool userptr_reach(struct userptr *u, const struct work *work, uint64_t *ret_id)
{
	struct object *o;

	space_read_lock();
	pthread_mutex_lock(&u->lock);
	for (o = space.objects; o; o = o->next)
		if (o->device == u && !o->gone && o->reached != work &&
			overlaps(o, work->start, work->end))
			break;
	if (o) {
		o->reached = work;
		o->generation++;
		o->gone = work->event == USERPTR_GONE;
		*ret_id = o->id;
	}
	pthread_mutex_unlock(&u->lock);
	space_unlock();
	return o;
}

static void userptr_forget(struct userptr *u)
{
	space_read_lock();
	pthread_mutex_lock(&u->lock);
	for (struct object *o = space.objects; o; o = o->next)
		if (o->device == u)
			o->reached = NULL;
	pthread_mutex_unlock(&u->lock);
	space_unlock();
}

/* On the device's worker. The program is told with no lock held. */
static void userptr_work(void *argument, const struct work *work)
{
	struct userptr *u = argument;
	uint64_t id;

	while (userptr_reach(u, work, &id))
		if (u->options.invalidated)
			u->options.invalidated(u->options.argument, id, work->event);
	userptr_forget(u);
}

/* ------------------------------------------------------------------ the notifier */

static int userptr_new_notifier(struct userptr *u, struct notifier **ret)
{
	return notifier_new(ret, userptr_work, u, u->options.allocate, !u->options.no_userfaultfd);
}

/* The device's notifier, or NULL. */
static struct notifier *userptr_notifier(struct userptr *u)
{
	struct notifier *n;

	pthread_mutex_lock(&u->lock);
	n = u->notifier;
	pthread_mutex_unlock(&u->lock);
	return n;
}

/* Both locks are held. *made is taken when it is used. That it could not be made matters only if
 * nobody else has made one meanwhile. */
static int userptr_install(struct userptr *u, struct notifier **made, int err)
{
	if (u->notifier)
		return 0;
	if (u->options.old_order)
		err = userptr_new_notifier(u, made);
	if (err)
		return err;
	u->notifier = *made;
	*made = NULL;
	return 0;
}

/* To make a queue is to wait for the registry of queues, and who drains them waits, with that held,
 * for work that takes both locks: so it is made before them. Who comes second frees its own. */
static int userptr_init_notifier(struct userptr *u)
{
	struct notifier *made = NULL;
	int err = 0;

	if (userptr_notifier(u))
		return 0;
	if (!u->options.old_order)
		err = userptr_new_notifier(u, &made);
	space_write_lock();
	pthread_mutex_lock(&u->lock);
	err = userptr_install(u, &made, err);
	pthread_mutex_unlock(&u->lock);
	space_unlock();
	notifier_free(made);
	return err;
}

const char *userptr_unwatched(struct userptr *u)
{
	struct notifier *n = userptr_notifier(u);

	return n ? notifier_unwatched(n) : NULL;
}

/* ------------------------------------------------------------------ devices */

int userptr_new(struct userptr **ret, const struct userptr_options *options)
{
	void *(*allocate)(size_t) = options && options->allocate ? options->allocate : malloc;
	struct userptr *u = allocate(sizeof(*u));

	if (!u)
		return -ENOMEM;
	memset(u, 0, sizeof(*u));
	if (options)
		u->options = *options;
	u->options.allocate = allocate;
	pthread_mutex_init(&u->lock, NULL);
	lockdag_name(&u->lock, "userptr.device_lock");
	lockdag_name(&space.lock, "userptr.mm_lock");
	*ret = u;
	return 0;
}

/* Takes an object of the device out: the one with the id, or any. */
static struct object *userptr_remove(struct userptr *u, const uint64_t *id)
{
	struct object **at, *o;

	space_write_lock();
	pthread_mutex_lock(&u->lock);
	for (at = &space.objects; *at; at = &(*at)->next)
		if ((*at)->device == u && (!id || (*at)->id == *id))
			break;
	o = *at;
	if (o) {
		bool shared = false;

		*at = o->next;
		for (struct object *other = space.objects; other; other = other->next)
			shared |= overlaps(other, o->start, o->end);
		if (!shared && !o->gone)
			notifier_unwatch(u->notifier, o->start, o->end);
	}
	pthread_mutex_unlock(&u->lock);
	space_unlock();
	return o;
}

void userptr_free(struct userptr *u)
{
	struct object *o;

	if (!u)
		return;
	while ((o = userptr_remove(u, NULL)))
		free(o);
	notifier_free(u->notifier);
	pthread_mutex_destroy(&u->lock);
	free(u);
}

/* ------------------------------------------------------------------ objects */

static bool whole_pages(const void *address, size_t size)
{
	uintptr_t start = (uintptr_t)address, page = (uintptr_t)sysconf(_SC_PAGESIZE);

	return size && start % page == 0 && size % page == 0 && start + size > start;
}

/* Both locks are held. */
static int userptr_insert(struct userptr *u, struct object *o)
{
	if (space_find(u, o->id))
		return -EEXIST;
	for (struct object *other = space.objects; other; other = other->next)
		if (other->device != u && !other->gone && overlaps(other, o->start, o->end))
			return -EBUSY;
	o->next = space.objects;
	space.objects = o;
	notifier_watch(u->notifier, o->start, o->end);
	return 0;
}

int userptr_register(struct userptr *u, uint64_t id, void *address, size_t size)
{
	uintptr_t start = (uintptr_t)address;
	struct object *o;
	int err;

	if (!whole_pages(address, size))
		return -EINVAL;
	err = userptr_init_notifier(u);
	if (err)
		return err;
	o = u->options.allocate(sizeof(*o));
	if (!o)
		return -ENOMEM;
	*o = (struct object){.device = u, .id = id, .start = start, .end = start + size};
	space_write_lock();
	pthread_mutex_lock(&u->lock);
	err = userptr_insert(u, o);
	pthread_mutex_unlock(&u->lock);
	space_unlock();
	if (err)
		free(o);
	return err;
}

int userptr_unregister(struct userptr *u, uint64_t id)
{
	struct object *o = userptr_remove(u, &id);

	if (!o)
		return -ENOENT;
	free(o);
	notifier_settle(u->notifier);
	return 0;
}

static int userptr_look(struct userptr *u, uint64_t id, struct userptr_pages *ret)
{
	struct object *o;
	int err = 0;

	space_read_lock();
	pthread_mutex_lock(&u->lock);
	o = space_find(u, id);
	if (!o)
		err = -ENOENT;
	else if (o->gone)
		err = -EFAULT;
	else
		*ret = (struct userptr_pages){
			(void *)o->start,
			(o->end - o->start) / (uintptr_t)sysconf(_SC_PAGESIZE),
			o->generation,
		};
	pthread_mutex_unlock(&u->lock);
	space_unlock();
	return err;
}

/* Every page comes in. With no lock held: to fault is to wait. */
static int userptr_populate(const struct userptr_pages *pages)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);

#ifdef MADV_POPULATE_READ
	if (!madvise(pages->address, pages->n_pages * page, MADV_POPULATE_READ))
		return 0;
	if (errno != EINVAL) /* a kernel before 5.14 */
		return -EFAULT;
#endif
	for (size_t i = 0; i < pages->n_pages; i++) {
		unsigned char present;

		if (mincore((char *)pages->address + i * page, page, &present))
			return -EFAULT;
	}
	return 0;
}

int userptr_get_pages(struct userptr *u, uint64_t id, struct userptr_pages *ret)
{
	struct notifier *n = userptr_notifier(u);
	struct userptr_pages before, after;
	int err;

	if (!n)
		return -ENOENT;
	for (int i = 0; i < MAX_TRIES; i++) {
		notifier_settle(n);
		err = userptr_look(u, id, &before);
		if (err)
			return err;
		err = userptr_populate(&before);
		notifier_settle(n);
		if (!err)
			err = userptr_look(u, id, &after);
		if (err)
			return err;
		if (before.generation == after.generation) {
			*ret = after;
			return 0;
		}
	}
	return -EAGAIN;
}

int userptr_invalidate(
	struct userptr *u, const void *address, size_t size, enum userptr_event event)
{
	struct notifier *n = userptr_notifier(u);
	struct work work = {(uintptr_t)address, (uintptr_t)address + size, event};

	if (!n)
		return 0;
	notifier_tell(n, &work);
	notifier_settle(n);
	return 0;
}

void userptr_drain(void)
{
	workqueue_flush_all();
}
