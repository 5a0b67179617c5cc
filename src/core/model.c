/* SPDX-License-Identifier: MIT
 *
 * The model's tables: rows are checked and copied on the way in, so that nothing behind this file
 * has to doubt an index (but for a thread's parent and joiner, which may come later).
 */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "core/arena.h"
#include "core/core.h"

int lockdag_model_new(struct lockdag_model **ret_model)
{
	struct lockdag_model *m = calloc(1, sizeof(*m));

	if (!m)
		return -ENOMEM;
	m->arena = lockdag_arena_new();
	if (!m->arena) {
		free(m);
		return -ENOMEM;
	}
	*ret_model = m;
	return 0;
}

void lockdag_model_free(struct lockdag_model *m)
{
	if (!m)
		return;
	lockdag_vec_clear(&m->runs);
	lockdag_vec_clear(&m->processes);
	lockdag_vec_clear(&m->threads);
	lockdag_vec_clear(&m->modules);
	lockdag_vec_clear(&m->stacks);
	lockdag_vec_clear(&m->births);
	lockdag_vec_clear(&m->locks);
	lockdag_vec_clear(&m->held);
	lockdag_vec_clear(&m->acquires);
	lockdag_vec_clear(&m->discharges);
	lockdag_vec_clear(&m->orders);
	lockdag_vec_clear(&m->guards);
	lockdag_vec_clear(&m->blocked);
	lockdag_vec_clear(&m->ended);
	lockdag_vec_clear(&m->misuses);
	lockdag_vec_clear(&m->forks);
	lockdag_vec_clear(&m->declared);
	lockdag_arena_free(m->arena);
	free(m);
}

/* The index of the row that was pushed last, or -ENOMEM where an int cannot say it. */
static int model_last(size_t n)
{
	return n - 1 > INT_MAX ? -ENOMEM : (int)(n - 1);
}

static bool model_stack_ok(const struct lockdag_model *m, uint32_t stack)
{
	return stack == LOCKDAG_NONE || stack < m->stacks.n;
}

int lockdag_model_add_run(struct lockdag_model *m, const char *label)
{
	struct lockdag_run copy = {0};
	struct lockdag_run *row;

	if (!lockdag_arena_string(m->arena, label, &copy.label))
		return -ENOMEM;
	row = lockdag_vec_push(&m->runs);
	if (!row)
		return -ENOMEM;
	*row = copy;
	return model_last(m->runs.n);
}

int lockdag_model_add_process(struct lockdag_model *m, const struct lockdag_process *p)
{
	struct lockdag_process copy = *p;
	struct lockdag_process *row;

	if (p->run >= m->runs.n)
		return -EINVAL;
	if (!lockdag_arena_string(m->arena, p->name, &copy.name))
		return -ENOMEM;
	row = lockdag_vec_push(&m->processes);
	if (!row)
		return -ENOMEM;
	*row = copy;
	return model_last(m->processes.n);
}

int lockdag_model_add_thread(struct lockdag_model *m, const struct lockdag_thread *t)
{
	struct lockdag_thread copy = *t;
	struct lockdag_thread *row;

	if (t->process >= m->processes.n)
		return -EINVAL;
	if (!lockdag_arena_string(m->arena, t->name, &copy.name) ||
		!lockdag_arena_string(m->arena, t->role, &copy.role))
		return -ENOMEM;
	row = lockdag_vec_push(&m->threads);
	if (!row)
		return -ENOMEM;
	*row = copy;
	return model_last(m->threads.n);
}

int lockdag_model_add_module(struct lockdag_model *m, const char *path, const char *build_id)
{
	struct lockdag_module copy = {0};
	struct lockdag_module *row;

	if (!lockdag_arena_string(m->arena, path, &copy.path) ||
		!lockdag_arena_string(m->arena, build_id, &copy.build_id))
		return -ENOMEM;
	row = lockdag_vec_push(&m->modules);
	if (!row)
		return -ENOMEM;
	*row = copy;
	return model_last(m->modules.n);
}

int lockdag_model_add_stack(struct lockdag_model *m, const uint64_t *raw, size_t n_raw)
{
	struct lockdag_stack *row;
	uint64_t *copy = NULL;

	if (n_raw > SIZE_MAX / 2 / sizeof(*raw))
		return -ENOMEM;
	if (n_raw) {
		copy = lockdag_arena_alloc(m->arena, n_raw * sizeof(*raw));
		if (!copy)
			return -ENOMEM;
		memcpy(copy, raw, n_raw * sizeof(*raw));
	}
	row = lockdag_vec_push(&m->stacks);
	if (!row)
		return -ENOMEM;
	row->raw = copy;
	row->n_raw = n_raw;
	return model_last(m->stacks.n);
}

int lockdag_model_add_birth(struct lockdag_model *m, const struct lockdag_birth *b)
{
	struct lockdag_birth copy = *b;
	struct lockdag_birth *row;

	if ((unsigned)b->type >= LOCKDAG_N_LOCK_TYPES || (unsigned)b->how >= LOCKDAG_N_BIRTHS ||
		!model_stack_ok(m, b->stack))
		return -EINVAL;
	if (!lockdag_arena_string(m->arena, b->name, &copy.name) ||
		!lockdag_arena_string(m->arena, b->key, &copy.key) ||
		!lockdag_arena_string(m->arena, b->where, &copy.where))
		return -ENOMEM;
	row = lockdag_vec_push(&m->births);
	if (!row)
		return -ENOMEM;
	*row = copy;
	return model_last(m->births.n);
}

int lockdag_model_add_lock(struct lockdag_model *m, const struct lockdag_lock *l)
{
	struct lockdag_lock copy = *l;
	struct lockdag_lock *row;

	if (l->birth >= m->births.n || l->process >= m->processes.n)
		return -EINVAL;
	if (l->level && (l->of >= m->locks.n || m->locks.items[l->of].level ||
				m->locks.items[l->of].birth != l->birth))
		return -EINVAL;
	if (!lockdag_arena_string(m->arena, l->name, &copy.name) ||
		!lockdag_arena_string(m->arena, l->key, &copy.key) ||
		!lockdag_arena_string(m->arena, l->class_name, &copy.class_name) ||
		!lockdag_arena_string(m->arena, l->where, &copy.where))
		return -ENOMEM;
	row = lockdag_vec_push(&m->locks);
	if (!row)
		return -ENOMEM;
	*row = copy;
	return model_last(m->locks.n);
}

static bool model_held_ok(
	const struct lockdag_model *m, const struct lockdag_held *held, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++) {
		if (held[i].lock >= m->locks.n || (unsigned)held[i].mode >= LOCKDAG_N_MODES ||
			!model_stack_ok(m, held[i].stack))
			return false;
	}
	return true;
}

static bool model_is_handler(const struct lockdag_model *m, uint32_t lock)
{
	return m->births.items[m->locks.items[lock].birth].type == LOCKDAG_LOCK_HANDLER;
}

static bool model_acquire_ok(const struct lockdag_model *m, const struct lockdag_acquire *a,
	const struct lockdag_held *held)
{
	return a->thread < m->threads.n && a->lock < m->locks.n &&
	       (unsigned)a->mode < LOCKDAG_N_MODES && a->first_phase <= a->last_phase &&
	       model_stack_ok(m, a->stack) &&
	       (!(a->flags & LOCKDAG_ACQUIRE_WAIT) || a->monitor == LOCKDAG_NONE ||
		       a->monitor < m->locks.n) &&
	       (!(a->flags & LOCKDAG_ACQUIRE_HANDLER) ||
		       (a->handler < m->locks.n && model_is_handler(m, a->handler))) &&
	       model_held_ok(m, held, a->n_held);
}

/* Appends n held rows; the first one's index goes to *ret_first. */
static int model_add_held(
	struct lockdag_model *m, const struct lockdag_held *held, uint32_t n, uint32_t *ret_first)
{
	size_t first = m->held.n;

	if (first + n >= LOCKDAG_NONE)
		return -ENOMEM;
	for (uint32_t i = 0; i < n; i++) {
		struct lockdag_held *h = lockdag_vec_push(&m->held);

		if (!h) {
			m->held.n = first;
			return -ENOMEM;
		}
		*h = held[i];
	}
	*ret_first = (uint32_t)first;
	return 0;
}

int lockdag_model_add_acquire(
	struct lockdag_model *m, const struct lockdag_acquire *a, const struct lockdag_held *held)
{
	struct lockdag_acquire copy = *a, *row;
	int r;

	if (!model_acquire_ok(m, a, held))
		return -EINVAL;
	if (!(a->flags & LOCKDAG_ACQUIRE_WAIT))
		copy.monitor = LOCKDAG_NONE;
	if (!(a->flags & LOCKDAG_ACQUIRE_HANDLER))
		copy.handler = LOCKDAG_NONE;
	r = model_add_held(m, held, a->n_held, &copy.held);
	if (r)
		return r;
	row = lockdag_vec_push(&m->acquires);
	if (!row) {
		m->held.n = copy.held;
		return -ENOMEM;
	}
	*row = copy;
	return model_last(m->acquires.n);
}

int lockdag_model_add_discharge(
	struct lockdag_model *m, const struct lockdag_discharge *d, const struct lockdag_held *rows)
{
	struct lockdag_discharge copy = *d, *row;
	int r;

	if (d->thread >= m->threads.n || d->lock >= m->locks.n || d->first_phase > d->last_phase ||
		!model_stack_ok(m, d->stack) || !model_stack_ok(m, d->began) ||
		!model_held_ok(m, rows, d->n_held))
		return -EINVAL;
	r = model_add_held(m, rows, d->n_held, &copy.held);
	if (r)
		return r;
	row = lockdag_vec_push(&m->discharges);
	if (!row) {
		m->held.n = copy.held;
		return -ENOMEM;
	}
	*row = copy;
	return model_last(m->discharges.n);
}

int lockdag_model_add_order(struct lockdag_model *m, const struct lockdag_order *o)
{
	struct lockdag_order *row;

	if (o->from_thread >= m->threads.n || o->to_thread >= m->threads.n ||
		o->from_first > o->from_last)
		return -EINVAL;
	row = lockdag_vec_push(&m->orders);
	if (!row)
		return -ENOMEM;
	*row = *o;
	return model_last(m->orders.n);
}

int lockdag_model_add_guard(struct lockdag_model *m, uint32_t thread, uint32_t lock,
	uint64_t serial, enum lockdag_mode mode)
{
	struct lockdag_guard *row;

	if (thread >= m->threads.n || lock >= m->locks.n || (unsigned)mode >= LOCKDAG_N_MODES)
		return -EINVAL;
	row = lockdag_vec_push(&m->guards);
	if (!row)
		return -ENOMEM;
	*row = (struct lockdag_guard){thread, lock, serial, mode};
	return model_last(m->guards.n);
}

int lockdag_model_add_blocked(struct lockdag_model *m, uint32_t thread, uint32_t acquire)
{
	struct lockdag_blocked *row;

	if (thread >= m->threads.n || acquire >= m->acquires.n)
		return -EINVAL;
	row = lockdag_vec_push(&m->blocked);
	if (!row)
		return -ENOMEM;
	row->thread = thread;
	row->acquire = acquire;
	return model_last(m->blocked.n);
}

int lockdag_model_add_ended(struct lockdag_model *m, uint32_t acquire, uint32_t discharge)
{
	struct lockdag_ended *row;

	if (acquire >= m->acquires.n || discharge >= m->discharges.n ||
		!(m->acquires.items[acquire].flags & LOCKDAG_ACQUIRE_WAIT))
		return -EINVAL;
	row = lockdag_vec_push(&m->ended);
	if (!row)
		return -ENOMEM;
	*row = (struct lockdag_ended){acquire, discharge};
	return model_last(m->ended.n);
}

static bool model_may_be(uint32_t row, size_t n)
{
	return row == LOCKDAG_NONE || row < n;
}

int lockdag_model_add_misuse(struct lockdag_model *m, const struct lockdag_misuse *x)
{
	struct lockdag_misuse *row;

	if (x->thread >= m->threads.n || (unsigned)x->rule >= LOCKDAG_N_MISUSES ||
		x->lock >= m->locks.n || !model_may_be(x->with, m->locks.n) ||
		!model_may_be(x->other_with, m->locks.n) ||
		!model_may_be(x->other_thread, m->threads.n) || !model_stack_ok(m, x->stack) ||
		!model_stack_ok(m, x->other_stack))
		return -EINVAL;
	row = lockdag_vec_push(&m->misuses);
	if (!row)
		return -ENOMEM;
	*row = *x;
	return model_last(m->misuses.n);
}

int lockdag_model_add_fork(
	struct lockdag_model *m, const struct lockdag_fork *f, const struct lockdag_held *held)
{
	struct lockdag_fork copy = *f, *row;
	int r;

	if (f->process >= m->processes.n || f->thread >= m->threads.n ||
		m->threads.items[f->thread].process == f->process || !model_stack_ok(m, f->stack) ||
		!model_held_ok(m, held, f->n_held))
		return -EINVAL;
	r = model_add_held(m, held, f->n_held, &copy.held);
	if (r)
		return r;
	row = lockdag_vec_push(&m->forks);
	if (!row) {
		m->held.n = copy.held;
		return -ENOMEM;
	}
	*row = copy;
	return model_last(m->forks.n);
}

int lockdag_model_add_declared(struct lockdag_model *m, const char *before, const char *after)
{
	struct lockdag_declared copy, *row;

	if (!before || !after || !*before || !*after || !strcmp(before, after))
		return -EINVAL;
	for (size_t i = 0; i < m->declared.n; i++)
		if (!strcmp(m->declared.items[i].before, before) &&
			!strcmp(m->declared.items[i].after, after))
			return (int)i;
	if (!lockdag_arena_string(m->arena, before, &copy.before) ||
		!lockdag_arena_string(m->arena, after, &copy.after))
		return -ENOMEM;
	row = lockdag_vec_push(&m->declared);
	if (!row)
		return -ENOMEM;
	*row = copy;
	return model_last(m->declared.n);
}

/* Copies s into *field, where NULL leaves the field as it is. */
static bool model_rename(struct lockdag_model *m, const char *s, const char **field)
{
	return !s || lockdag_arena_string(m->arena, s, field);
}

int lockdag_model_name_birth(struct lockdag_model *m, uint32_t birth, const char *name,
	const char *key, const char *where)
{
	struct lockdag_birth copy;

	if (birth >= m->births.n)
		return -EINVAL;
	copy = m->births.items[birth];
	if (!model_rename(m, name, &copy.name) || !model_rename(m, key, &copy.key) ||
		!model_rename(m, where, &copy.where))
		return -ENOMEM;
	m->births.items[birth] = copy;
	return 0;
}

int lockdag_model_name_lock(struct lockdag_model *m, uint32_t lock, const char *name,
	const char *key, const char *class_name, const char *where)
{
	struct lockdag_lock copy;

	if (lock >= m->locks.n)
		return -EINVAL;
	copy = m->locks.items[lock];
	if (!model_rename(m, name, &copy.name) || !model_rename(m, key, &copy.key) ||
		!model_rename(m, class_name, &copy.class_name) ||
		!model_rename(m, where, &copy.where))
		return -ENOMEM;
	m->locks.items[lock] = copy;
	return 0;
}

int lockdag_model_describe_stack(
	struct lockdag_model *m, uint32_t stack, const struct lockdag_frame *frames, size_t n)
{
	struct lockdag_frame *copy = NULL;

	if (stack >= m->stacks.n)
		return -EINVAL;
	if (n > SIZE_MAX / 2 / sizeof(*copy))
		return -ENOMEM;
	if (n) {
		copy = lockdag_arena_alloc(m->arena, n * sizeof(*copy));
		if (!copy)
			return -ENOMEM;
		memcpy(copy, frames, n * sizeof(*copy));
	}
	for (size_t i = 0; i < n; i++) {
		if (!lockdag_arena_string(m->arena, frames[i].function, &copy[i].function) ||
			!lockdag_arena_string(m->arena, frames[i].file, &copy[i].file) ||
			!lockdag_arena_string(m->arena, frames[i].module, &copy[i].module))
			return -ENOMEM;
	}
	m->stacks.items[stack].frames = copy;
	m->stacks.items[stack].n_frames = n;
	return 0;
}

const char *lockdag_model_lock_name(
	const struct lockdag_model *m, uint32_t lock, char *buffer, size_t size)
{
	const struct lockdag_lock *l = lock < m->locks.n ? &m->locks.items[lock] : NULL;
	const struct lockdag_birth *b = l ? &m->births.items[l->birth] : NULL;

	if (l && l->name)
		snprintf(buffer, size, "%s", l->name);
	else if (b && b->name)
		snprintf(buffer, size, "%s", b->name);
	else
		snprintf(buffer, size, "%s #%u",
			lockdag_lock_type_word(b ? b->type : LOCKDAG_N_LOCK_TYPES),
			b ? l->birth : lock);
	return buffer;
}

const char *lockdag_model_thread_name(
	const struct lockdag_model *m, uint32_t thread, char *buffer, size_t size)
{
	const struct lockdag_thread *t = thread < m->threads.n ? &m->threads.items[thread] : NULL;

	if (t && t->name && *t->name)
		snprintf(buffer, size, "%s (%d)", t->name, t->tid);
	else
		snprintf(buffer, size, "thread %d", t ? t->tid : -1);
	return buffer;
}
