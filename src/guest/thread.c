/* SPDX-License-Identifier: MIT
 *
 * Threads and forks: rows, blocks, who created, joined and forked whom.
 */
#include "guest/attach.h"

#include <unistd.h>

#include "guest/descriptor.h"
#include "guest/misuse.h"
#include "guest/signals.h"
#include "guest/text.h"
#include "guest/unwind.h"

static struct lockdag_block *thread_new_block(uint32_t row)
{
	struct lockdag_writer *w = &guest_process.writer;
	uint64_t offset = lockdag_write_block(w);
	struct lockdag_block *t = (struct lockdag_block *)(w->base + offset);

	if (!offset)
		return NULL;
	t->stack = t->held = t->top = t->held_inline;
	t->held_offset = offset + offsetof(struct lockdag_block, held_inline);
	t->end = t->held + LOCKDAG_INLINE_HELD - 1;
	t->thread = row;
	t->process = guest_process.row;
	t->sentinel.chain = GUEST_CHAIN_BASE;
	t->monitor = LOCKDAG_KEY_NONE;
	t->context = guest_process.orphan ? LOCKDAG_CONTEXT_ORPHAN : 0;
	return t;
}

static struct lockdag_block *thread_new_thread(uint32_t parent, uint32_t create_phase,
	uint32_t flags)
{
	uint32_t row;
	struct lockdag_session_thread *thread = lockdag_write_thread(&guest_process.writer, &row);
	struct lockdag_block *t = thread ? thread_new_block(row) : NULL;

	if (!t)
		return NULL;
	thread->process = guest_process.row;
	thread->parent = parent;
	thread->create_phase = create_phase;
	thread->joiner = LOCKDAG_NONE;
	thread->first_fork = lockdag_load_relaxed(&guest_process_row(guest_process.row)->n_forks) + 1;
	thread->flags = flags;
	thread->block = (uint64_t)((char *)t - guest_process.writer.base);
	return t;
}

/* What libc knows this thread by, read from a mutex that it takes: where gettid would be, a program
 * that filters its system calls would be ended for a call that it never makes itself. */
static int32_t thread_tid(void)
{
	pthread_mutex_t m = PTHREAD_MUTEX_INITIALIZER;
	int32_t tid = 0;

	if (!guest_real.pthread_mutex_lock(&m)) {
		tid = m.__data.__owner;
		guest_real.pthread_mutex_unlock(&m);
	}
	return tid > 0 ? tid : gettid();
}

static void thread_commit_thread(struct lockdag_block *t, int32_t tid)
{
	struct lockdag_session_thread *row = guest_thread_row(t->thread);
	bool is_new;
	struct lockdag_hash_entry *e;

	t->tid = tid;
	row->tid = t->tid;
	row->handle = (uint64_t)pthread_self();
	lockdag_add_relaxed(&guest_process_row(guest_process.row)->n_live, 1);
	guest_signals_rebase(t);
	lockdag_store_release(&row->state, 1); /* pairs with: lockdag_session_thread */
	e = lockdag_write_set(&guest_process.shadow, 0, row->handle | 1, &is_new);
	if (e)
		lockdag_store_release(&e->a, t->thread + 1); /* pairs with: guest_thread_by_handle */
	lockdag_write_news(&guest_process.writer);
}

uint32_t guest_thread_by_handle(pthread_t handle)
{
	bool is_new;
	struct lockdag_hash_entry *e =
		lockdag_write_set(&guest_process.shadow, 0, (uint64_t)handle | 1, &is_new);
	/* pairs with: thread_commit_thread */
	uint32_t row = e ? lockdag_load_acquire(&e->a) : 0;

	return row ? row - 1 : LOCKDAG_NONE;
}

/* Destructor of the thread's key: comes back until other keys' destructors had their rounds, since
 * those may take locks. */
void guest_thread_end(void *block)
{
	struct lockdag_block *t = block;

	if (!guest_wipe->alive || guest_tls.block != t)
		return;
	if (++t->key_destructor_rounds < 4 && !pthread_setspecific(guest_process.end_key, t))
		return;
	guest_misuse_thread_end(t);
	guest_tls.ended = 1;
	guest_tls.block = NULL;
	guest_memory_thread(NULL);
	guest_thread_row(t->thread)->last_fork =
		lockdag_load_relaxed(&guest_process_row(guest_process.row)->n_forks);
	lockdag_add_relaxed(&guest_process_row(guest_process.row)->n_live, -1u);
	lockdag_or_relaxed(&guest_thread_row(t->thread)->flags, LOCKDAG_THREAD_ENDED);
	lockdag_store_release(&guest_thread_row(t->thread)->block, 0); /* pairs with: _live */
	lockdag_write_free_block(
		&guest_process.writer, (uint64_t)((char *)t - guest_process.writer.base));
}

static void thread_adopt(struct lockdag_block *t)
{
	guest_tls.block = t;
	guest_memory_thread(t);
	if (guest_process.has_end_key)
		pthread_setspecific(guest_process.end_key, t);
}

struct lockdag_block *guest_thread_attach(void)
{
	int32_t tid = gettid();
	bool main_thread = tid == getpid();
	struct lockdag_block *t = thread_new_thread(
		LOCKDAG_NONE, 0, main_thread ? LOCKDAG_THREAD_MAIN : 0);

	if (!t) {
		guest_tls.ended = 1;
		return NULL;
	}
	if (main_thread) {
		t->stack_low = guest_process.main_low;
		t->stack_high = guest_process.main_high;
	}
	t->mask = guest_mask_now();
	thread_commit_thread(t, tid);
	thread_adopt(t);
	return t;
}

/* ------------------------------------------------------------------ creating and joining */

static uint64_t thread_stack_size(const pthread_attr_t *attributes)
{
	pthread_attr_t standard;
	size_t size = 0;

	if (attributes)
		return pthread_attr_getstacksize(attributes, &size) ? 0 : size;
	if (pthread_getattr_default_np(&standard))
		return 0;
	pthread_attr_getstacksize(&standard, &size);
	pthread_attr_destroy(&standard);
	return size;
}

/* A new thread has its creator's mask, unless it is given another one. */
static uint64_t thread_mask(const struct lockdag_block *parent, const pthread_attr_t *attributes)
{
	sigset_t given;

	if (attributes && guest_real.pthread_attr_getsigmask_np &&
		!guest_real.pthread_attr_getsigmask_np(attributes, &given))
		return guest_signal_word(&given);
	return parent->mask;
}

/* Notes what the creator holds: it guards the whole life of the new thread, if it is still the same
 * acquisition when the creator has joined it. A slot's stamp tells one acquisition from the next. */
static uint64_t thread_guards(struct lockdag_block *parent)
{
	uint32_t n = guest_depth(parent);
	struct lockdag_session_guards *guards;
	uint64_t offset;

	if (n > LOCKDAG_MAX_GUARDS)
		n = LOCKDAG_MAX_GUARDS;
	offset = n ? lockdag_write_heap(&guest_process.writer,
			     sizeof(*guards) + n * sizeof(guards->guards[0]), 16)
		   : 0;
	if (!offset)
		return 0;
	guards = (struct lockdag_session_guards *)(guest_process.writer.base + offset);
	for (uint32_t i = 0; i < n; i++) {
		struct lockdag_held_slot *held = &parent->held[i];
		uint32_t key = LOCKDAG_META_KEY(held->meta);

		if (!LOCKDAG_SLOT_HAS_SERIAL(held) && !held->extra) /* one of many is never a gate */
			held->extra = (uint32_t)++parent->stamps;
		guards->guards[i] = (struct lockdag_session_guard){
			.serial = LOCKDAG_SLOT_SERIAL(held),
			.key = LOCKDAG_KEY_ROW(key),
			.stamp = LOCKDAG_SLOT_HAS_SERIAL(held) ? 0 : held->extra,
			.mode = LOCKDAG_META_MODE(held->meta),
		};
	}
	guards->n = n;
	return offset;
}

static void thread_confirm_guards(
	const struct lockdag_block *t, const struct lockdag_session_thread *row)
{
	struct lockdag_session_guards *guards =
		(struct lockdag_session_guards *)(guest_process.writer.base + row->guards);

	if (!row->guards || row->parent != t->thread)
		return;
	for (uint32_t i = 0; i < guards->n; i++)
		for (const struct lockdag_held_slot *held = t->held; held < t->top; held++)
			if (guards->guards[i].stamp && !LOCKDAG_SLOT_HAS_SERIAL(held) &&
				held->extra == guards->guards[i].stamp)
				lockdag_store_relaxed(&guards->guards[i].confirmed, 1);
}

static uint64_t thread_create_caller(const struct lockdag_block *t)
{
	struct guest_stack_frame frames[2];
	bool cut;

	return guest_unwind(t->stack_low, t->stack_high, frames, 2, NULL, &cut) == 2
		? guest_frame(frames[1].ip)
		: 0;
}

struct lockdag_block *guest_thread_prepare(struct lockdag_block *parent, uint64_t ip,
	uint64_t routine, const pthread_attr_t *attributes)
{
	struct lockdag_block *t = thread_new_thread(parent->thread, parent->phase, 0);
	struct lockdag_session_thread *row;

	if (!t)
		return NULL;
	row = guest_thread_row(t->thread);
	row->start_routine = guest_frame(routine);
	row->create_site = guest_frame(ip);
	row->create_caller = thread_create_caller(parent);
	row->guards = thread_guards(parent);
	t->mask = thread_mask(parent, attributes);
	t->stack_low = thread_stack_size(attributes); /* the size, until the thread knows its top */
	return t;
}

/* Who reads the new thread's handle where pthread_create has put it: the creator, unless the thread
 * runs already. It may free that place, so it waits while its creator reads (a few instructions). */
enum { THREAD_NEW, THREAD_BEING_READ, THREAD_READ, THREAD_RUNS };

void guest_thread_created(struct lockdag_block *parent, uint32_t child, const pthread_t *handle)
{
	uint32_t *start = &guest_thread_row(child)->start, expected = THREAD_NEW;
	struct lockdag_hash_entry *e;
	bool is_new;

	parent->phase++;
	if (!lockdag_cas_acq_rel(start, &expected, THREAD_BEING_READ)) {
		while (!lockdag_load_acquire(&guest_thread_row(child)->state)) /* it is about to say */
			__builtin_ia32_pause();
		return;
	}
	e = lockdag_write_set(&guest_process.shadow, 0, (uint64_t)*handle | 1, &is_new);
	if (e)
		lockdag_store_release(&e->a, child + 1); /* pairs with: guest_thread_by_handle */
	lockdag_store_release(start, THREAD_READ);	 /* pairs with: guest_thread_begin */
}

void guest_thread_not_created(struct lockdag_block *child)
{
	lockdag_store_release(&guest_thread_row(child->thread)->block, 0); /* pairs with: _live */
	lockdag_write_free_block(
		&guest_process.writer, (uint64_t)((char *)child - guest_process.writer.base));
}

#define THREAD_BEYOND_TOP 1024

void guest_thread_begin(struct lockdag_block *t, uint64_t stack_top)
{
	uint32_t *start = &guest_thread_row(t->thread)->start, expected = THREAD_NEW;
	uint64_t size = t->stack_low;

	if (!lockdag_cas_acq_rel(start, &expected, THREAD_RUNS))
		while (lockdag_load_acquire(start) == THREAD_BEING_READ) /* pairs with: _created */
			__builtin_ia32_pause();
	/* libc's own frames and the thread's descriptor come after it, on the same mapping. */
	t->stack_high = stack_top + THREAD_BEYOND_TOP;
	t->stack_low = size ? stack_top - size : stack_top;
	thread_commit_thread(t, thread_tid());
	thread_adopt(t);
}

void guest_thread_joined(struct lockdag_block *t, pthread_t handle)
{
	uint32_t row = guest_thread_by_handle(handle);

	t->phase++;
	if (row == LOCKDAG_NONE)
		return;
	thread_confirm_guards(t, guest_thread_row(row));
	if (guest_thread_row(row)->parent == t->thread &&
		guest_thread_row(row)->create_phase >= t->lived)
		t->lived = guest_thread_row(row)->create_phase + 1;
	guest_thread_row(row)->join_phase = t->phase;
	lockdag_store_release(&guest_thread_row(row)->joiner, t->thread); /* pairs with: _thread */
	lockdag_write_news(&guest_process.writer);
}

void guest_thread_named(pthread_t handle, const char *name)
{
	uint32_t row = guest_thread_by_handle(handle);

	if (row != LOCKDAG_NONE)
		guest_copy(guest_thread_row(row)->name, sizeof(guest_thread_row(row)->name), name);
}

/* ------------------------------------------------------------------ fork */

/* What the forking thread holds now; its stack is known. */
static void fork_snapshot(struct guest_fork *f)
{
	const struct lockdag_block *t = f->parent;

	f->phase = t->phase;
	f->mask = t->mask;
	f->depth = guest_depth(t) < GUEST_FORK_HELD ? guest_depth(t) : 0;
	for (uint32_t i = 0; i < f->depth; i++)
		f->held[i] = t->held[i];
}

/* The fork is next. Only one among other threads leaves locks behind that nobody will release; and a
 * child of such a child has them still. */
static void fork_commit(struct guest_fork *f)
{
	struct lockdag_session_process *row = guest_process_row(guest_process.row);

	if (lockdag_load_relaxed(&row->n_live) < 2 && !guest_process.orphan)
		return;
	f->number = lockdag_add_relaxed(&row->n_forks, 1) + 1;
	f->item = guest_record_fork(f->parent, f);
}

/* Ours is the last prepare handler: what the others have locked for the child is held by now. */
static void fork_prepare(void)
{
	struct guest_fork *f = guest_tls.fork;

	if (!f || guest_tls.block != f->parent || f->item)
		return;
	fork_snapshot(f);
	fork_commit(f);
}

extern int __register_atfork(
	void (*prepare)(void), void (*parent)(void), void (*child)(void), void *library);

void guest_fork_register(void)
{
	static bool registered;

	if (!registered && guest_real.__register_atfork)
		guest_real.__register_atfork(fork_prepare, NULL, NULL, NULL);
	registered = true;
}

GUEST_EXPORT int __register_atfork(
	void (*prepare)(void), void (*parent)(void), void (*child)(void), void *library)
{
	guest_current();
	return guest_reals()->__register_atfork(prepare, parent, child, library);
}

void guest_fork_before(struct guest_fork *f, bool last)
{
	struct lockdag_block *t = guest_current();
	bool cut;

	f->parent = t;
	f->item = 0;
	if (!t)
		return;
	f->n_frames = (uint32_t)guest_unwind(
		t->stack_low, t->stack_high, f->frames, LOCKDAG_MAX_FRAMES, NULL, &cut);
	fork_snapshot(f);
	if (last)
		fork_commit(f);
	guest_tls.fork = f;
}

void guest_fork_parent(struct guest_fork *f)
{
	guest_tls.fork = NULL;
	if (!f->parent)
		return;
	f->parent->phase++;
	lockdag_add_relaxed(&guest_process_row(guest_process.row)->n_children, 1);
}

/* Of files and of what processes share there is one lock, and the forker has it; of all others the child
 * has its own copy, taken. */
static bool fork_stays_with_forker(const struct lockdag_held_slot *slot)
{
	const struct lockdag_session_key *key = guest_key_row(LOCKDAG_META_KEY(slot->meta));

	return slot->meta & LOCKDAG_KEY_OWNED ||
		guest_class_row(key->class_id)->attributes & LOCKDAG_LOCK_SHARED;
}

/* In the child: it has one thread, which goes on with its forker's role and locks. f: NULL when no
 * hook saw the fork; then nothing is known to be held. */
void guest_fork_child(struct guest_fork *f)
{
	struct lockdag_block *old = guest_tls.block, *t;
	uint32_t parent = guest_process.row;
	uint32_t forker = f && f->parent ? f->parent->thread : old ? old->thread : LOCKDAG_NONE;
	int32_t tid = f ? thread_tid() : 0; /* libc does not know of other ways to fork */

	if (guest_process.state != GUEST_READY)
		return;
	if (!f)
		lockdag_write_lost(&guest_process.writer, LOCKDAG_LOST_FORK);
	guest_tls.block = NULL;
	guest_tls.fork = NULL;
	guest_turns = (struct guest_turns){ 0 };
	guest_files_forked();
	lockdag_store_relaxed(&guest_wipe->alive, 1);
	if (!guest_process_row_new(LOCKDAG_PROCESS_FORK, parent, forker, tid)) {
		guest_process.state = GUEST_INERT;
		return;
	}
	guest_process.orphan = f && f->item;
	guest_process_row(guest_process.row)->fork = f ? f->item : 0;
	t = thread_new_thread(forker, f ? f->phase : 0, LOCKDAG_THREAD_FORKED);
	if (!t)
		return;
	t->mask = f ? f->mask : guest_mask_now();
	if (old) {
		t->stack_low = old->stack_low;
		t->stack_high = old->stack_high;
		t->forker_tid = (uint32_t)old->tid;
	}
	for (uint32_t i = 0; f && i < f->depth; i++) {
		if (fork_stays_with_forker(&f->held[i]))
			continue;
		*t->top = f->held[i];
		if (++t->top >= t->end)
			guest_grow(t);
	}
	t->inherited = guest_depth(t);
	thread_commit_thread(t, tid ? tid : gettid());
	thread_adopt(t);
}
