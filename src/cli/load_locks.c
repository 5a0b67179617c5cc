/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "cli/load.h"

/* The row of a class in the model, made when it is first asked for; LOCKDAG_NONE: not there. */
static int locks_birth(struct cli_loaded *l, uint32_t class_id, uint32_t *ret_birth)
{
	struct lockdag_session_class row;
	struct lockdag_birth birth = {.stack = LOCKDAG_NONE};
	char name[256], key[300];
	int r;

	*ret_birth = cli_map_at(&l->births, class_id);
	if (*ret_birth != LOCKDAG_NONE || class_id >= l->births.n ||
		!lockdag_session_class(l->source->session, class_id, &row))
		return 0;
	if (row.type >= LOCKDAG_N_LOCK_TYPES || row.how >= LOCKDAG_N_BIRTHS)
		return 0;
	birth.type = row.type;
	birth.attributes = row.attributes;
	birth.how = row.how;
	if (row.name && lockdag_session_text(l->source->session, row.name, name, sizeof(name))) {
		snprintf(key, sizeof(key), "named:%s", name);
		birth.name = name;
		birth.key = key;
	}
	r = cli_load_stack(l, row.frames,
		row.n_frames < LOCKDAG_CLASS_FRAMES ? row.n_frames : LOCKDAG_CLASS_FRAMES,
		&birth.stack);
	if (r == 0)
		r = lockdag_model_add_birth(l->model, &birth);
	if (r < 0)
		return r;
	*ret_birth = l->births.rows[class_id] = (uint32_t)r;
	return 0;
}

/* Is the key one of a level itself, or none? */
static bool locks_is_level(const struct cli_loaded *l, uint32_t key)
{
	struct lockdag_session_key row;

	return !lockdag_session_key(l->source->session, key, &row) || row.level;
}

/* Is the key a pool's, or none? A pool's queue is none. */
static bool locks_is_pool(const struct cli_loaded *l, uint32_t key)
{
	struct lockdag_session_class class;
	struct lockdag_session_key row;

	return !lockdag_session_key(l->source->session, key, &row) ||
	       !lockdag_session_class(l->source->session, row.class_id, &class) ||
	       class.type == LOCKDAG_LOCK_POOL;
}

/* The lock that the row is a level of. *lock keeps level 0 where that makes no sense. */
static int locks_of_level(struct cli_loaded *l, const struct lockdag_session_key *row,
	struct lockdag_lock *lock)
{
	const struct lockdag_lock *of;
	uint32_t itself = LOCKDAG_NONE;
	int r = 0;

	if (!locks_is_level(l, row->of))
		r = cli_load_lock(l, row->of, &itself);
	if (r < 0 || itself == LOCKDAG_NONE)
		return r;
	of = &l->model->locks.items[itself];
	if (of->birth != lock->birth)
		return 0;
	lock->of = itself;
	lock->level = row->level;
	lock->flags = of->flags;
	lock->process = of->process;
	return 0;
}

/* ------------------------------------------------------------------ one variable before and after a fork */

static bool locks_is_static(const struct cli_loaded *l, const struct lockdag_session_key *row)
{
	struct lockdag_session_class class;

	return row->place && !row->level && !(row->flags & LOCKDAG_KEY_IS_MANY) &&
	       lockdag_session_class(l->source->session, row->class_id, &class) &&
	       class.how == LOCKDAG_CLASS_STATIC;
}

static int locks_static_compare(const void *a, const void *b)
{
	const struct cli_static *x = a, *y = b;

	if (x->process != y->process)
		return x->process < y->process ? -1 : 1;
	if (x->place != y->place)
		return x->place < y->place ? -1 : 1;
	return x->key < y->key ? -1 : x->key > y->key;
}

static int locks_find_statics(struct cli_loaded *l)
{
	struct lockdag_session_key row;

	for (uint32_t i = 0; i < l->locks.n; i++) {
		struct cli_static *s;

		if (!lockdag_session_key(l->source->session, i, &row) || !locks_is_static(l, &row))
			continue;
		s = lockdag_vec_push(&l->statics);
		if (!s)
			return -ENOMEM;
		*s = (struct cli_static){row.place, row.process, i};
	}
	if (l->statics.n)
		qsort(l->statics.items, l->statics.n, sizeof(*l->statics.items),
			locks_static_compare);
	l->has_statics = true;
	return 0;
}

/* The first key that the process gave to the static lock at place; LOCKDAG_NONE: none. */
static uint32_t locks_static_of(const struct cli_loaded *l, uint32_t process, uint64_t place)
{
	const struct cli_static wanted = {place, process, 0};
	size_t low = 0, high = l->statics.n;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (locks_static_compare(&l->statics.items[middle], &wanted) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == l->statics.n || l->statics.items[low].process != process ||
		l->statics.items[low].place != place)
		return LOCKDAG_NONE;
	return l->statics.items[low].key;
}

/* A static lock that nobody had used before a fork gets its key in each of the two processes: in the
 * child it is the copy of the parent's all the same. One that the parent had used has the parent's key in
 * the child, too, unless the child has made it anew. The parent's key; LOCKDAG_NONE: it is the child's own. */
static int locks_before_fork(struct cli_loaded *l, const struct lockdag_session_key *row, uint32_t *ret_key)
{
	struct lockdag_session_acquire fork;
	struct lockdag_session_process process;
	struct lockdag_session_thread forker;
	int r = 0;

	*ret_key = LOCKDAG_NONE;
	if (!lockdag_session_process(l->source->session, row->process, &process) || !process.fork ||
		!locks_is_static(l, row) ||
		!lockdag_session_acquire_at(l->source->session, process.fork, &fork) ||
		fork.item.kind != LOCKDAG_ITEM_FORK ||
		!lockdag_session_thread(l->source->session, fork.item.presence.thread, &forker) ||
		forker.process >= row->process) /* older processes only: no circles */
		return 0;
	if (!l->has_statics)
		r = locks_find_statics(l);
	*ret_key = locks_static_of(l, forker.process, row->place);
	if (*ret_key != LOCKDAG_NONE && *ret_key < fork.item.serial)
		*ret_key = LOCKDAG_NONE;
	return r;
}

/* A pool of the program's own is called as its queue's event is, which needs its name then. */
static int locks_of_queue(struct cli_loaded *l, const struct lockdag_session_key *row,
	const struct lockdag_lock *lock)
{
	uint32_t queue;
	int r;

	if (!row->with || l->model->births.items[lock->birth].type != LOCKDAG_LOCK_POOL ||
		locks_is_pool(l, row->with - 1))
		return 0;
	r = cli_load_lock(l, row->with - 1, &queue);
	if (r == 0 && queue != LOCKDAG_NONE)
		cli_load_mark(l, queue);
	return r < 0 ? r : 0;
}

int cli_load_lock(struct cli_loaded *l, uint32_t key, uint32_t *ret_lock)
{
	struct lockdag_session_key row;
	struct lockdag_lock lock = {0};
	uint32_t before;
	int r;

	*ret_lock = cli_map_at(&l->locks, key);
	if (*ret_lock != LOCKDAG_NONE || key >= l->locks.n ||
		!lockdag_session_key(l->source->session, key, &row))
		return 0;
	r = locks_before_fork(l, &row, &before);
	if (r == 0 && before != LOCKDAG_NONE) {
		r = cli_load_lock(l, before, ret_lock);
		l->locks.rows[key] = *ret_lock;
		return r;
	}
	if (r == 0)
		r = locks_birth(l, row.class_id, &lock.birth);
	if (r < 0)
		return r;
	lock.process = cli_map_at(&l->processes, row.process);
	if (lock.birth == LOCKDAG_NONE || lock.process == LOCKDAG_NONE)
		return 0;
	lock.address = row.address;
	lock.value = row.value;
	if (row.level) {
		r = locks_of_level(l, &row, &lock);
		if (r < 0 || !lock.level)
			return r;
	}
	if (row.flags & LOCKDAG_KEY_IS_MANY)
		lock.flags |= LOCKDAG_LOCK_MANY;
	if (row.flags & LOCKDAG_KEY_FOREIGN)
		lock.flags |= LOCKDAG_LOCK_FOREIGN;
	r = locks_of_queue(l, &row, &lock);
	if (r == 0)
		r = lockdag_model_add_lock(l->model, &lock);
	if (r < 0)
		return r;
	*ret_lock = l->locks.rows[key] = (uint32_t)r;
	return 0;
}
