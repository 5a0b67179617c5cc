/* SPDX-License-Identifier: MIT
 *
 * What a record says as a whole: how each lock is taken, and whether all is there.
 */
#include "kernel/parse.h"

#include <stdlib.h>
#include <string.h>

/* ------------------------------------------------------------------ modes */

/* Functions that take a lock, by the start of their names; the innermost one that is here decides.
 */
static const struct {
	const char *name;
	enum lockdag_mode mode;
} takers[] = {
	{"down_read", LOCKDAG_READ},
	{"__down_read", LOCKDAG_READ},
	{"_raw_read_lock", LOCKDAG_READ_RECURSIVE},
	{"_read_lock", LOCKDAG_READ_RECURSIVE},
	{"__raw_read_lock", LOCKDAG_READ_RECURSIVE},
	{"queued_read_lock", LOCKDAG_READ_RECURSIVE},
	{"rcu_read_lock", LOCKDAG_READ_RECURSIVE},
	{"srcu_read_lock", LOCKDAG_READ_RECURSIVE},
	{"percpu_down_read", LOCKDAG_READ},
	{"__percpu_down_read", LOCKDAG_READ},
	{"cpus_read_lock", LOCKDAG_READ},
	{"get_online_cpus", LOCKDAG_READ},
	{"mmap_read_lock", LOCKDAG_READ},
	{"__might_fault", LOCKDAG_READ},
	{"might_fault", LOCKDAG_READ},
	{"__sb_start_write", LOCKDAG_READ},
	{"sb_start_write", LOCKDAG_READ},
	{"mnt_want_write", LOCKDAG_READ},
	{"file_start_write", LOCKDAG_READ},
	{"blk_queue_enter", LOCKDAG_READ},
	{"down_write", LOCKDAG_EXCLUSIVE},
	{"__down_write", LOCKDAG_EXCLUSIVE},
	{"percpu_down_write", LOCKDAG_EXCLUSIVE},
	{"cpus_write_lock", LOCKDAG_EXCLUSIVE},
	{"mutex_lock", LOCKDAG_EXCLUSIVE},
	{"__mutex_lock", LOCKDAG_EXCLUSIVE},
	{"ww_mutex_lock", LOCKDAG_EXCLUSIVE},
	{"rt_mutex_lock", LOCKDAG_EXCLUSIVE},
	{"_raw_spin_lock", LOCKDAG_EXCLUSIVE},
	{"_spin_lock", LOCKDAG_EXCLUSIVE},
	{"_raw_write_lock", LOCKDAG_EXCLUSIVE},
	{"_write_lock", LOCKDAG_EXCLUSIVE},
	{"lock_sock", LOCKDAG_EXCLUSIVE},
	{"wait_for_completion", LOCKDAG_EXCLUSIVE},
	{"wait_for_common", LOCKDAG_EXCLUSIVE},
	{"__flush_work", LOCKDAG_EXCLUSIVE},
	{"flush_work", LOCKDAG_EXCLUSIVE},
};

static bool mode_of_function(const char *function, enum lockdag_mode *ret_mode)
{
	for (size_t i = 0; function && i < LOCKDAG_ARRAY_SIZE(takers); i++) {
		if (text_starts(function, takers[i].name)) {
			*ret_mode = takers[i].mode;
			return true;
		}
	}
	return false;
}

#define TAKER_DEEPEST 8 /* frames below lockdep's own in which a lock's function can be */

static void mode_from_stack(struct lockdag_klock *lock, const struct lockdag_kstack *stack)
{
	for (size_t i = 0; i < stack->n && i < TAKER_DEEPEST; i++) {
		if (mode_of_function(stack->frames[i].function, &lock->mode)) {
			lock->mode_known = true;
			return;
		}
	}
}

static void mode_from_place(struct lockdag_klock *lock)
{
	if (!lock->mode_known && mode_of_function(lock->at.function, &lock->mode))
		lock->mode_known = true;
}

/* "rlock(X)" is what kernels since 6.4 know better than function names. */
static void mode_from_steps(const struct lockdag_splat *s, struct lockdag_klock *lock)
{
	for (size_t i = 0; i < s->n_steps; i++) {
		const struct lockdag_kstep *step = &s->steps[i];

		if (step->class && step->what && lock->class.name &&
			!strcmp(step->class, lock->class.name) && !strcmp(step->what, "rlock")) {
			if (!lock->mode_known || lock->mode == LOCKDAG_EXCLUSIVE)
				lock->mode = LOCKDAG_READ;
			lock->mode_known = true;
		}
	}
}

static void finish_modes(struct lockdag_splat *s)
{
	for (size_t i = 0; i < s->n_chain; i++) {
		mode_from_stack(&s->chain[i].lock, &s->chain[i].stack);
		mode_from_steps(s, &s->chain[i].lock);
	}
	for (size_t i = 0; i < s->n_holders; i++)
		for (size_t k = 0; k < s->holders[i].n; k++)
			mode_from_place(&s->holders[i].held[k]);
	mode_from_place(&s->acquiring);
	mode_from_place(&s->holding);
	if (s->n_chain > 0 && s->acquiring.class.name && s->chain[0].lock.mode_known &&
		!s->acquiring.mode_known) {
		s->acquiring.mode = s->chain[0].lock.mode;
		s->acquiring.mode_known = true;
	}
}

/* ------------------------------------------------------------------ what only the scenario says */

#define ROWS 4 /* that a table has with a lock in them */

static size_t scenario_rows(const struct lockdag_splat *s, const char *rows[ROWS])
{
	size_t n = 0;

	for (size_t i = 0; i < s->n_steps; i++) {
		const char *class = s->steps[i].class;

		if (!class || !*class)
			continue;
		if (n < ROWS)
			rows[n] = class;
		n++;
	}
	return n;
}

static void scenario_class(struct lockdag_splat *s, struct lockdag_kclass *class, const char *name)
{
	if (!class->name)
		class_name(s->memory, name, strlen(name), class);
}

/* Two locks: the chain is no longer than the table. */
static void scenario_chain(struct lockdag_splat *s)
{
	if (s->n_chain)
		return;
	for (unsigned i = 0; i < 2; i++) {
		struct lockdag_klink *link = RECORD_PUSH(s->memory, s->chain, s->n_chain);

		if (!link)
			return;
		link->index = i;
		link->lock.class = i ? s->holding.class : s->acquiring.class;
	}
}

/* CPU0 holds the first lock of the table and asks for the last; CPU1 holds one on the way to the
 * first. In the interrupt's table the last is what the interrupt asks for. */
static void finish_scenario(struct lockdag_splat *s)
{
	const char *rows[ROWS] = {0};
	size_t n = scenario_rows(s, rows);

	switch (s->kind) {
	case LOCKDAG_SPLAT_CIRCULAR:
		if (n != ROWS || strcmp(rows[0], rows[2]))
			return;
		scenario_class(s, &s->holding.class, rows[0]);
		scenario_class(s, &s->acquiring.class, rows[3]);
		if (!strcmp(rows[1], rows[3]) && !strcmp(s->holding.class.name, rows[0]) &&
			!strcmp(s->acquiring.class.name, rows[3]))
			scenario_chain(s);
		return;
	case LOCKDAG_SPLAT_RECURSIVE:
		if (n != 2 || strcmp(rows[0], rows[1]))
			return;
		scenario_class(s, &s->holding.class, rows[0]);
		scenario_class(s, &s->acquiring.class, rows[1]);
		return;
	case LOCKDAG_SPLAT_INCONSISTENT:
		if (n == 2 && !strcmp(rows[0], rows[1]))
			scenario_class(s, &s->acquiring.class, rows[0]);
		return;
	case LOCKDAG_SPLAT_SAFE_UNSAFE:
	case LOCKDAG_SPLAT_INVERSION:
		/* of an inversion the text names only the other lock, and which it is */
		if (n != ROWS || strcmp(rows[1], rows[3]) || s->acquiring.class.name)
			return;
		scenario_class(s, &s->unsafe, rows[0]);
		scenario_class(s, &s->safe, rows[1]);
		return;
	default:
		return;
	}
}

/* ------------------------------------------------------------------ wholeness */

static int link_order(const void *a, const void *b)
{
	const struct lockdag_klink *x = a, *y = b;

	return x->index < y->index ? -1 : x->index > y->index;
}

static bool held_is_whole(const struct lockdag_splat *s)
{
	for (size_t i = 0; i < s->n_holders; i++)
		if (s->holders[i].printed < 0 || s->holders[i].n != (size_t)s->holders[i].printed)
			return false;
	return s->n_holders > 0;
}

static bool same_class(const struct lockdag_kclass *a, const struct lockdag_kclass *b)
{
	return a->name && b->name && !strcmp(a->name, b->name);
}

static bool held_has(const struct lockdag_kholder *holder, const struct lockdag_kclass *class)
{
	for (size_t i = 0; i < holder->n; i++)
		if (same_class(&holder->held[i].class, class))
			return true;
	return false;
}

/* Without a gap, and its ends are the lock asked for and the one held, where the report says which
 * those are: a chain whose first lines were cut off looks whole by itself. */
static bool chain_is_whole(const struct lockdag_splat *s)
{
	const struct lockdag_kclass *first, *last;

	for (size_t i = 0; i < s->n_chain; i++)
		if (s->chain[i].index != i)
			return false;
	if (s->n_chain < 2)
		return false;
	first = &s->chain[0].lock.class;
	last = &s->chain[s->n_chain - 1].lock.class;
	if (s->acquiring.class.name && !same_class(first, &s->acquiring.class))
		return false;
	if (s->holding.class.name)
		return same_class(last, &s->holding.class);
	if (held_is_whole(s) && !held_has(&s->holders[0], last))
		return false;
	return s->n_sketch < 2 || !strcmp(s->sketch[s->n_sketch - 1], last->name);
}

static bool chain_fits(const struct lockdag_splat *s)
{
	return s->chain_whole && s->acquiring.class.name && s->holding.class.name;
}

static bool is_complete(const struct lockdag_splat *s, bool ended)
{
	bool stack = s->stack.n > 0, held = held_is_whole(s),
	     lock = s->acquiring.class.name != NULL;

	switch (s->kind) {
	case LOCKDAG_SPLAT_CIRCULAR:
		return stack && held && chain_fits(s);
	case LOCKDAG_SPLAT_RECURSIVE:
		return stack && held && lock && s->holding.class.name;
	case LOCKDAG_SPLAT_SAFE_UNSAFE:
		return stack && held && lock && s->holding.class.name && s->n_deps > 0;
	case LOCKDAG_SPLAT_INVERSION:
		return stack && held && lock && s->n_deps > 0;
	case LOCKDAG_SPLAT_INCONSISTENT:
		return stack && held && lock && s->usage_now && s->n_usages > 0;
	case LOCKDAG_SPLAT_USER_RETURN:
		return held;
	case LOCKDAG_SPLAT_ALL_LOCKS:
		return held && ended;
	case LOCKDAG_SPLAT_BAD_UNLOCK:
	case LOCKDAG_SPLAT_BAD_CONTENTION:
	case LOCKDAG_SPLAT_HELD_FREED:
	case LOCKDAG_SPLAT_NESTED_NOT_TAKEN:
	case LOCKDAG_SPLAT_WAIT_CONTEXT:
		return stack && held && lock;
	case LOCKDAG_SPLAT_EXIT_HELD:
	case LOCKDAG_SPLAT_RCU:
		return stack && held;
	case LOCKDAG_SPLAT_DEPT:
		return s->n_contexts >= 2 && s->contexts[0].wait && s->contexts[0].event &&
		       s->contexts[s->n_contexts - 1].wait_stack.n > 0;
	default:
		return stack;
	}
}

/* "INFO: task comm:pid blocked for ...", "comm/pid still has locks held!", "BUG: comm/pid, lock
 * held at", "BUG: workqueue leaked lock or atomic: comm/0x00000000/pid" */
static void title_task(struct lockdag_splat *s)
{
	const char *at = s->title, *end, *split;

	if (s->comm)
		return;
	at = strstr(at, ": ") ? strstr(at, ": ") + 2 : at;
	if (s->kind == LOCKDAG_SPLAT_HUNG_TASK && text_starts(at, "task ")) {
		at += strlen("task ");
		end = strstr(at, " blocked ");
		split = end ? memrchr(at, ':', (size_t)(end - at)) : NULL;
		if (!split)
			return;
		s->comm = record_text(s->memory, at, (size_t)(split - at));
		s->pid = strtol(split + 1, NULL, 10);
	} else if (s->kind == LOCKDAG_SPLAT_EXIT_HELD) {
		end = strstr(at, " still has");
		if (!end)
			end = strstr(at, ", lock held");
		if (end)
			task_parse(s->memory, at, (size_t)(end - at), &s->comm, &s->pid);
	} else if (s->kind == LOCKDAG_SPLAT_WORKQUEUE && (at = strstr(at, "atomic: "))) {
		at += strlen("atomic: ");
		end = strstr(at, "/0x");
		split = strrchr(at, '/');
		if (!end || !split)
			return;
		s->comm = record_text(s->memory, at, (size_t)(end - at));
		s->pid = strtol(split + 1, NULL, 10);
	}
}

static void holder_task(struct lockdag_splat *s)
{
	title_task(s);
	if (s->comm || s->n_holders == 0 || !s->holders[0].comm)
		return;
	s->comm = s->holders[0].comm;
	s->pid = s->holders[0].pid;
}

void parse_finish(struct lockdag_splat *s, bool ended)
{
	if (s->n_chain > 1)
		qsort(s->chain, s->n_chain, sizeof(*s->chain), link_order);
	finish_scenario(s);
	s->chain_whole = chain_is_whole(s);
	holder_task(s);
	finish_modes(s);
	s->complete = is_complete(s, ended);
}
