/* SPDX-License-Identifier: MIT
 *
 * A model as text (docs/model.md): what parse.c reads back into an equal model.
 */
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "base/text.h"
#include "core/core.h"
#include "core/text_form.h"

static void print_quoted(struct lockdag_text *t, const char *s)
{
	lockdag_text_add(t, "\"");
	for (; *s; s++) {
		unsigned char c = (unsigned char)*s;

		if (c == '"' || c == '\\')
			lockdag_text_addf(t, "\\%c", c);
		else if (c < 0x20 || c == 0x7f)
			lockdag_text_addf(t, "\\x%02x", c);
		else
			lockdag_text_add_n(t, s, 1);
	}
	lockdag_text_add(t, "\"");
}

/* A field whose default is NULL: left out when it is. */
static void print_string(struct lockdag_text *t, const char *key, const char *s)
{
	if (!s)
		return;
	lockdag_text_addf(t, " %s=", key);
	print_quoted(t, s);
}

/* A field whose default is the row's label: NULL is written as a dash. */
static void print_name(struct lockdag_text *t, const char *key, const char *s)
{
	if (s)
		print_string(t, key, s);
	else
		lockdag_text_addf(t, " %s=-", key);
}

/* The words of the bits, each after one separator; bits without a word in hexadecimal. */
static void print_bits(
	struct lockdag_text *t, uint32_t bits, const char *const *words, const char *separator)
{
	const char *before = "";

	for (unsigned i = 0; words[i]; i++) {
		if (bits & (1u << i)) {
			lockdag_text_addf(t, "%s%s", before, words[i]);
			before = separator;
		}
		bits &= ~(1u << i);
	}
	if (bits)
		lockdag_text_addf(t, "%s0x%" PRIx32, before, bits);
}

static void print_flags(
	struct lockdag_text *t, const char *key, uint32_t bits, const char *const *words)
{
	if (!bits)
		return;
	lockdag_text_addf(t, " %s=", key);
	print_bits(t, bits, words, ",");
}

static void print_number(struct lockdag_text *t, const char *key, uint32_t n, uint32_t standard)
{
	if (n != standard)
		lockdag_text_addf(t, " %s=%" PRIu32, key, n);
}

static void print_row(struct lockdag_text *t, const char *key, char kind, uint32_t row)
{
	if (row != LOCKDAG_NONE)
		lockdag_text_addf(t, " %s=%c%" PRIu32, key, kind, row);
}

static void print_stack_ref(struct lockdag_text *t, const char *before, uint32_t stack)
{
	if (stack != LOCKDAG_NONE)
		lockdag_text_addf(t, "%ss%" PRIu32, before, stack);
}

static void print_thread_ref(
	struct lockdag_text *t, const char *key, const struct lockdag_model *m, uint32_t thread)
{
	if (thread != LOCKDAG_NONE)
		lockdag_text_addf(
			t, " %s=%s%" PRIu32, key, thread < m->threads.n ? "t" : "", thread);
}

static void print_world(struct lockdag_text *t, const struct lockdag_model *m)
{
	for (size_t i = 0; i < m->runs.n; i++) {
		lockdag_text_addf(t, "run r%zu", i);
		print_name(t, "label", m->runs.items[i].label);
		lockdag_text_add(t, "\n");
	}
	for (size_t i = 0; i < m->processes.n; i++) {
		const struct lockdag_process *p = &m->processes.items[i];

		lockdag_text_addf(
			t, "process p%zu run=r%" PRIu32 " pid=%" PRId32, i, p->run, p->pid);
		print_name(t, "name", p->name);
		lockdag_text_add(t, "\n");
	}
	for (size_t i = 0; i < m->threads.n; i++) {
		const struct lockdag_thread *h = &m->threads.items[i];

		lockdag_text_addf(
			t, "thread t%zu process=p%" PRIu32 " tid=%" PRId32, i, h->process, h->tid);
		print_name(t, "name", h->name);
		print_string(t, "role", h->role);
		print_thread_ref(t, "parent", m, h->parent);
		print_number(t, "create", h->create_phase, 0);
		print_thread_ref(t, "joiner", m, h->joiner);
		print_number(t, "join", h->join_phase, 0);
		print_number(t, "first-fork", h->first_fork, 0);
		print_number(t, "last-fork", h->last_fork, LOCKDAG_NONE);
		lockdag_text_add(t, "\n");
	}
}

static void print_frames(struct lockdag_text *t, const struct lockdag_stack *s)
{
	for (size_t i = 0; i < s->n_frames; i++) {
		const struct lockdag_frame *f = &s->frames[i];

		lockdag_text_add(t, "frame");
		print_string(t, "function", f->function);
		print_string(t, "file", f->file);
		print_number(t, "line", f->line, 0);
		print_string(t, "module", f->module);
		if (f->offset)
			lockdag_text_addf(t, " offset=0x%" PRIx64, f->offset);
		lockdag_text_add(t, f->inlined ? " inlined\n" : "\n");
	}
}

static void print_stacks(struct lockdag_text *t, const struct lockdag_model *m)
{
	for (size_t i = 0; i < m->modules.n; i++) {
		lockdag_text_addf(t, "module m%zu", i);
		print_name(t, "path", m->modules.items[i].path);
		print_string(t, "build-id", m->modules.items[i].build_id);
		lockdag_text_add(t, "\n");
	}
	for (size_t i = 0; i < m->stacks.n; i++) {
		const struct lockdag_stack *s = &m->stacks.items[i];

		lockdag_text_addf(t, "stack s%zu", i);
		for (size_t k = 0; k < s->n_raw; k++)
			lockdag_text_addf(t, "%s0x%" PRIx64, k ? "," : " raw=", s->raw[k]);
		lockdag_text_add(t, "\n");
		print_frames(t, s);
	}
}

static void print_births(struct lockdag_text *t, const struct lockdag_model *m)
{
	for (size_t i = 0; i < m->births.n; i++) {
		const struct lockdag_birth *b = &m->births.items[i];

		lockdag_text_addf(t, "birth b%zu type=%s", i, lockdag_words_types[b->type]);
		print_flags(t, "attributes", b->attributes, lockdag_words_attributes);
		lockdag_text_addf(t, " how=%s", lockdag_words_birth_how[b->how]);
		print_stack_ref(t, " stack=", b->stack);
		print_string(t, "name", b->name);
		print_string(t, "key", b->key);
		print_string(t, "where", b->where);
		lockdag_text_add(t, "\n");
	}
}

static void print_locks(struct lockdag_text *t, const struct lockdag_model *m)
{
	for (size_t i = 0; i < m->locks.n; i++) {
		const struct lockdag_lock *l = &m->locks.items[i];

		lockdag_text_addf(t, "lock l%zu", i);
		if (!l->level)
			lockdag_text_addf(t, " birth=b%" PRIu32, l->birth);
		lockdag_text_addf(t, " process=p%" PRIu32, l->process);
		if (l->address)
			lockdag_text_addf(t, " address=0x%" PRIx64, l->address);
		print_flags(t, "flags", l->flags, lockdag_words_lock_flags);
		if (l->value == LOCKDAG_NONE)
			lockdag_text_add(t, " value=unknown");
		else
			print_number(t, "value", l->value, 1);
		print_string(t, "name", l->name);
		print_string(t, "key", l->key);
		print_string(t, "class", l->class_name);
		print_string(t, "where", l->where);
		if (l->level)
			lockdag_text_addf(t, " of=l%" PRIu32 " level=%" PRIu32, l->of, l->level);
		lockdag_text_add(t, "\n");
	}
}

static void print_lock_ref(
	struct lockdag_text *t, uint32_t lock, uint64_t serial, enum lockdag_mode mode)
{
	lockdag_text_addf(t, " l%" PRIu32, lock);
	if (serial)
		lockdag_text_addf(t, "#%" PRIu64, serial);
	if (mode != LOCKDAG_EXCLUSIVE)
		lockdag_text_addf(t, ":%s", lockdag_words_modes[mode]);
}

static void print_held(struct lockdag_text *t, const char *word, const struct lockdag_model *m,
	uint32_t first, uint32_t n)
{
	if (n)
		lockdag_text_addf(t, " %s", word);
	for (uint32_t i = 0; i < n; i++) {
		const struct lockdag_held *h = &m->held.items[first + i];

		print_lock_ref(t, h->lock, h->serial, h->mode);
		if (h->flags) {
			lockdag_text_add(t, "!");
			print_bits(t, h->flags, lockdag_words_acquire_flags, "!");
		}
		print_stack_ref(t, "@", h->stack);
	}
}

static void print_phases(struct lockdag_text *t, uint32_t first, uint32_t last)
{
	if (last > first)
		lockdag_text_addf(t, " phase=%" PRIu32 "-%" PRIu32, first, last);
	else
		print_number(t, "phase", first, 0);
}

static void print_acquires(struct lockdag_text *t, const struct lockdag_model *m)
{
	for (size_t i = 0; i < m->acquires.n; i++) {
		const struct lockdag_acquire *a = &m->acquires.items[i];

		lockdag_text_addf(t, "acquire t%" PRIu32, a->thread);
		print_held(t, "holds", m, a->held, a->n_held);
		lockdag_text_add(t, " asks");
		print_lock_ref(t, a->lock, a->serial, a->mode);
		print_flags(t, "flags", a->flags & ~(uint32_t)LOCKDAG_ACQUIRE_HANDLER,
			lockdag_words_acquire_flags);
		print_row(t, "handler", 'l', a->handler);
		print_number(t, "timeout", a->timeout_ms, 0);
		if (a->monitor != LOCKDAG_NONE)
			lockdag_text_addf(t, " monitor=l%" PRIu32, a->monitor);
		print_phases(t, a->first_phase, a->last_phase);
		print_stack_ref(t, " stack=", a->stack);
		lockdag_text_add(t, "\n");
	}
}

static void print_discharges(struct lockdag_text *t, const struct lockdag_model *m)
{
	for (size_t i = 0; i < m->discharges.n; i++) {
		const struct lockdag_discharge *d = &m->discharges.items[i];

		lockdag_text_addf(t, "discharge t%" PRIu32, d->thread);
		print_held(t, "asked", m, d->held, d->n_held);
		lockdag_text_add(t, " signals");
		print_lock_ref(t, d->lock, d->serial, LOCKDAG_EXCLUSIVE);
		print_phases(t, d->first_phase, d->last_phase);
		print_stack_ref(t, " stack=", d->stack);
		print_stack_ref(t, " began=", d->began);
		lockdag_text_add(t, d->due ? " due\n" : "\n");
	}
}

static void print_orders(struct lockdag_text *t, const struct lockdag_model *m)
{
	for (size_t i = 0; i < m->orders.n; i++) {
		const struct lockdag_order *o = &m->orders.items[i];

		lockdag_text_addf(t, "order from=t%" PRIu32, o->from_thread);
		print_phases(t, o->from_first, o->from_last);
		lockdag_text_addf(t, " to=t%" PRIu32, o->to_thread);
		print_number(t, "since", o->to_phase, 0);
		lockdag_text_add(t, "\n");
	}
	for (size_t i = 0; i < m->guards.n; i++) {
		const struct lockdag_guard *g = &m->guards.items[i];

		lockdag_text_addf(t, "guard t%" PRIu32, g->thread);
		print_lock_ref(t, g->lock, g->serial, g->mode);
		lockdag_text_add(t, "\n");
	}
	for (size_t i = 0; i < m->blocked.n; i++)
		lockdag_text_addf(t, "blocked t%" PRIu32 " %" PRIu32 "\n",
			m->blocked.items[i].thread, m->blocked.items[i].acquire);
	for (size_t i = 0; i < m->ended.n; i++)
		lockdag_text_addf(t, "ended %" PRIu32 " %" PRIu32 "\n", m->ended.items[i].acquire,
			m->ended.items[i].discharge);
}

static void print_forks(struct lockdag_text *t, const struct lockdag_model *m)
{
	for (size_t i = 0; i < m->forks.n; i++) {
		const struct lockdag_fork *f = &m->forks.items[i];

		lockdag_text_addf(t, "fork t%" PRIu32, f->thread);
		print_held(t, "holds", m, f->held, f->n_held);
		lockdag_text_addf(t, " process=p%" PRIu32, f->process);
		print_number(t, "number", f->number, 1);
		print_number(t, "phase", f->phase, 0);
		print_stack_ref(t, " stack=", f->stack);
		lockdag_text_add(t, "\n");
	}
}

static void print_misuses(struct lockdag_text *t, const struct lockdag_model *m)
{
	for (size_t i = 0; i < m->misuses.n; i++) {
		const struct lockdag_misuse *x = &m->misuses.items[i];

		lockdag_text_addf(t, "misuse t%" PRIu32 " rule=%s lock=l%" PRIu32, x->thread,
			lockdag_words_misuses[x->rule], x->lock);
		print_row(t, "stack", 's', x->stack);
		print_row(t, "with", 'l', x->with);
		print_row(t, "other", 't', x->other_thread);
		print_row(t, "other-stack", 's', x->other_stack);
		print_row(t, "other-with", 'l', x->other_with);
		lockdag_text_add(t, x->reading ? " reading\n" : "\n");
	}
}

static void print_declared(struct lockdag_text *t, const struct lockdag_model *m)
{
	for (size_t i = 0; i < m->declared.n; i++) {
		lockdag_text_add(t, "declared");
		print_string(t, "before", m->declared.items[i].before);
		print_string(t, "after", m->declared.items[i].after);
		lockdag_text_add(t, "\n");
	}
}

int lockdag_model_print(const struct lockdag_model *m, char **ret_text)
{
	struct lockdag_text t = {0};
	char *s;

	print_world(&t, m);
	print_stacks(&t, m);
	print_births(&t, m);
	print_locks(&t, m);
	print_acquires(&t, m);
	print_discharges(&t, m);
	print_orders(&t, m);
	print_misuses(&t, m);
	print_forks(&t, m);
	print_declared(&t, m);
	s = lockdag_text_take(&t);
	if (!s)
		return -ENOMEM;
	*ret_text = s;
	return 0;
}
