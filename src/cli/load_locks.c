/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdio.h>

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

int cli_load_lock(struct cli_loaded *l, uint32_t key, uint32_t *ret_lock)
{
	struct lockdag_session_key row;
	struct lockdag_lock lock = {0};
	int r;

	*ret_lock = cli_map_at(&l->locks, key);
	if (*ret_lock != LOCKDAG_NONE || key >= l->locks.n ||
		!lockdag_session_key(l->source->session, key, &row))
		return 0;
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
	r = lockdag_model_add_lock(l->model, &lock);
	if (r < 0)
		return r;
	*ret_lock = l->locks.rows[key] = (uint32_t)r;
	return 0;
}
