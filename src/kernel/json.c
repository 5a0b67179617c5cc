/* SPDX-License-Identifier: MIT
 *
 * A record for programs: docs/kernel-json.md, held to docs/kernel.schema.json by a test.
 */
#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "kernel/lines.h"
#include "kernel/values.h"

static json_t *frame(const struct lockdag_kframe *f, int *err)
{
	json_t *o;

	if (!f->function && !f->address)
		return json_null();
	o = json_object();
	value_put(o, "function", value_text(f->function), err);
	value_put(o, "module", value_text(f->module), err);
	value_put(o, "offset", f->offset || f->size ? value_number(f->offset) : json_null(), err);
	value_put(o, "size", f->size ? value_number(f->size) : json_null(), err);
	value_put(o, "file", value_text(f->file), err);
	value_put(o, "line", f->line ? value_number(f->line) : json_null(), err);
	value_put(o, "unreliable", json_boolean(f->unreliable), err);
	value_put(o, "inlined", json_boolean(f->inlined), err);
	return o;
}

static json_t *stack(const struct lockdag_kstack *s, int *err)
{
	json_t *a = json_array();

	for (size_t i = 0; i < s->n; i++)
		value_push(a, frame(&s->frames[i], err), err);
	return a;
}

static void class(
	json_t *o, const struct lockdag_splat *s, const struct lockdag_kclass *c, int *err)
{
	struct lockdag_text words = {0};

	value_put(o, "class", value_text(c->name), err);
	value_put(o, "base", value_text(c->base), err);
	value_put(o, "version", c->version ? value_number(c->version) : json_null(), err);
	value_put(o, "subclass", value_number(c->subclass), err);
	value_put(o, "usage", value_text(c->usage), err);
	lockdag_splat_usage_words(s, c, &words);
	value_put(
		o, "usage_words", c->usage ? value_text(words.n ? words.s : "") : json_null(), err);
	if (words.failed)
		*err = -ENOMEM;
	lockdag_text_clear(&words);
	value_put(o, "wait_type",
		c->wait_outer >= 0 ? json_sprintf("%d:%d", c->wait_outer, c->wait_inner)
				   : json_null(),
		err);
}

static json_t *lock(const struct lockdag_splat *s, const struct lockdag_klock *l, int *err)
{
	static const char *const modes[] = {"exclusive", "read_recursive", "read"};
	json_t *o;

	if (!l->class.name)
		return json_null();
	o = json_object();
	class(o, s, &l->class, err);
	value_put(o, "instance", value_text(l->instance), err);
	value_put(o, "mode", l->mode_known ? json_string(modes[l->mode]) : json_null(), err);
	value_put(o, "at", frame(&l->at, err), err);
	return o;
}

static json_t *chain_names(const struct lockdag_splat *s, int *err)
{
	json_t *a = json_array();

	for (size_t i = 0; i < s->n_chain; i++)
		value_push(a, value_text(s->chain[i].lock.class.name), err);
	return a;
}

static json_t *links(const struct lockdag_splat *s, int *err)
{
	json_t *a = json_array();

	for (size_t i = 0; i < s->n_chain; i++) {
		json_t *o = lock(s, &s->chain[i].lock, err);

		value_put(o, "index", value_number(s->chain[i].index), err);
		value_put(o, "stack", stack(&s->chain[i].stack, err), err);
		value_push(a, o, err);
	}
	return a;
}

static json_t *task(const char *comm, long pid, int *err)
{
	json_t *o;

	if (!comm)
		return json_null();
	o = json_object();
	value_put(o, "comm", value_text(comm), err);
	value_put(o, "pid", pid >= 0 ? json_integer(pid) : json_null(), err);
	return o;
}

/* Of the report's own task; in a list of all locks, of the task that it ends with. */
static const struct lockdag_kholder *own_holder(const struct lockdag_splat *s)
{
	if (s->n_holders == 0)
		return NULL;
	return &s->holders[s->kind == LOCKDAG_SPLAT_ALL_LOCKS ? s->n_holders - 1 : 0];
}

static json_t *held_names(const struct lockdag_kholder *holder, int *err)
{
	json_t *a;

	if (!holder)
		return json_null();
	a = json_array();
	for (size_t i = 0; i < holder->n; i++)
		value_push(a, value_text(holder->held[i].class.name), err);
	return a;
}

static json_t *holders(const struct lockdag_splat *s, int *err)
{
	json_t *a = json_array();

	for (size_t i = 0; i < s->n_holders; i++) {
		const struct lockdag_kholder *h = &s->holders[i];
		json_t *o = json_object(), *held = json_array();

		value_put(o, "task", task(h->comm, h->pid, err), err);
		value_put(o, "printed",
			h->printed >= 0 ? value_number((uint64_t)h->printed) : json_null(), err);
		for (size_t k = 0; k < h->n; k++)
			value_push(held, lock(s, &h->held[k], err), err);
		value_put(o, "held", held, err);
		value_push(a, o, err);
	}
	return a;
}

static json_t *scenario(const struct lockdag_splat *s, int *err)
{
	json_t *a = json_array();

	for (size_t i = 0; i < s->n_steps; i++) {
		json_t *o = json_object();

		value_put(o, "cpu", value_number(s->steps[i].cpu), err);
		value_put(o, "what", value_text(s->steps[i].what), err);
		value_put(o, "class", value_text(s->steps[i].class), err);
		value_put(o, "in_interrupt", json_boolean(s->steps[i].in_interrupt), err);
		value_push(a, o, err);
	}
	return a;
}

static json_t *usages(const struct lockdag_kusage *items, size_t n, int *err)
{
	json_t *a = json_array();

	for (size_t i = 0; i < n; i++) {
		json_t *o = json_object();

		value_put(o, "state", value_text(items[i].state), err);
		value_put(o, "stack", stack(&items[i].stack, err), err);
		value_push(a, o, err);
	}
	return a;
}

static json_t *dependencies(const struct lockdag_splat *s, int *err)
{
	json_t *a = json_array();

	for (size_t i = 0; i < s->n_deps; i++) {
		const struct lockdag_kdeps *deps = &s->deps[i];
		json_t *o = json_object(), *items = json_array();

		value_put(o, "title", value_text(deps->title), err);
		for (size_t k = 0; k < deps->n; k++) {
			const struct lockdag_kdep *dep = &deps->items[k];
			json_t *item = json_object();

			class(item, s, &dep->class, err);
			value_put(
				item, "ops", dep->ops ? value_number(dep->ops) : json_null(), err);
			value_put(item, "usages", usages(dep->usages, dep->n_usages, err), err);
			value_put(item, "acquired", stack(&dep->acquired, err), err);
			value_push(items, item, err);
		}
		value_put(o, "classes", items, err);
		value_push(a, o, err);
	}
	return a;
}

static json_t *contexts(const struct lockdag_splat *s, int *err)
{
	json_t *a = json_array();

	for (size_t i = 0; i < s->n_contexts; i++) {
		const struct lockdag_kdept *c = &s->contexts[i];
		json_t *o = json_object();

		value_put(o, "name", value_text(c->name), err);
		value_put(o, "start", value_text(c->start), err);
		value_put(o, "wait", value_text(c->wait), err);
		value_put(o, "event", value_text(c->event), err);
		value_put(o, "start_stack", stack(&c->start_stack, err), err);
		value_put(o, "wait_stack", stack(&c->wait_stack, err), err);
		value_put(o, "event_stack", stack(&c->event_stack, err), err);
		value_push(a, o, err);
	}
	return a;
}

static json_t *note(const struct lockdag_splat_note *n, int *err)
{
	json_t *o = json_object();

	value_put(o, "kind", json_string(lockdag_splat_note_word(n->kind)), err);
	value_put(o, "title", value_text(n->title), err);
	value_put(o, "file", value_text(n->file), err);
	value_put(o, "line", value_number(n->line), err);
	return o;
}

static json_t *notes(const struct lockdag_splat *s, int *err)
{
	json_t *a = json_array();

	for (size_t i = 0; i < s->n_notes; i++)
		value_push(a, note(&s->notes[i], err), err);
	return a;
}

static json_t *facts(const struct lockdag_splat *s, int *err)
{
	json_t *a = json_array();

	for (size_t i = 0; i < s->n_facts; i++)
		value_push(a, value_text(s->facts[i]), err);
	return a;
}

/* Is the lock of the report's first sentence asked for, or only talked about? */
static bool asks(const struct lockdag_splat *s)
{
	return s->kind != LOCKDAG_SPLAT_INVERSION && s->kind != LOCKDAG_SPLAT_HELD_FREED &&
	       s->kind != LOCKDAG_SPLAT_BAD_CONTENTION;
}

static void splat_head(json_t *o, const struct lockdag_splat *s, int *err)
{
	bool release = s->kernel && s->kernel[0] >= '0' && s->kernel[0] <= '9';

	value_put(o, "kind", json_string(lockdag_splat_kind_word(s->kind)), err);
	value_put(o, "title", value_text(s->title), err);
	value_put(o, "task", task(s->comm, s->pid, err), err);
	value_put(o, "cpu", s->cpu >= 0 ? json_integer(s->cpu) : json_null(), err);
	value_put(o, "context", value_text(s->context), err);
	value_put(o, "kernel", release ? value_text(s->kernel) : json_null(), err);
	value_put(o, "build", value_text(s->build), err);
	value_put(o, "taint", value_text(s->taint), err);
	value_put(o, "hardware", value_text(s->hardware), err);
	value_put(o, "workqueue", value_text(s->workqueue), err);
	value_put(o, "acquiring", asks(s) ? value_text(s->acquiring.class.name) : json_null(), err);
	value_put(o, "holding", value_text(s->holding.class.name), err);
	value_put(o, "chain", chain_names(s, err), err);
	value_put(o, "held", held_names(own_holder(s), err), err);
	value_put(o, "file", value_text(s->file), err);
	value_put(o, "line", value_number(s->line), err);
	value_put(o, "last_line", value_number(s->last), err);
	value_put(o, "complete", json_boolean(s->complete), err);
}

static json_t *class_alone(const struct lockdag_splat *s, const struct lockdag_kclass *c, int *err)
{
	json_t *o;

	if (!c->name)
		return json_null();
	o = json_object();
	class(o, s, c, err);
	return o;
}

static void splat_details(json_t *o, const struct lockdag_splat *s, int *err)
{
	json_t *usage = json_null();

	value_put(o, "chain_whole", json_boolean(s->chain_whole), err);
	value_put(o, "lock", lock(s, &s->acquiring, err), err);
	value_put(o, "held_lock", lock(s, &s->holding, err), err);
	value_put(o, "links", links(s, err), err);
	value_put(o, "holders", holders(s, err), err);
	value_put(o, "scenario", scenario(s, err), err);
	if (s->usage_was) {
		usage = json_object();
		value_put(usage, "was", value_text(s->usage_was), err);
		value_put(usage, "now", value_text(s->usage_now), err);
	}
	value_put(o, "usage", usage, err);
	value_put(o, "safe", class_alone(s, &s->safe, err), err);
	value_put(o, "unsafe", class_alone(s, &s->unsafe, err), err);
	value_put(o, "usages", usages(s->usages, s->n_usages, err), err);
	value_put(o, "dependencies", dependencies(s, err), err);
	value_put(o, "contexts", contexts(s, err), err);
	value_put(o, "facts", facts(s, err), err);
	value_put(o, "stack", stack(&s->stack, err), err);
	value_put(o, "notes", notes(s, err), err);
}

int lockdag_splat_json(const struct lockdag_splat *splat, struct json_t **ret_json)
{
	json_t *o = json_object();
	int err = o ? 0 : -ENOMEM;

	if (err == 0) {
		splat_head(o, splat, &err);
		splat_details(o, splat, &err);
	}
	if (err < 0) {
		json_decref(o);
		return err;
	}
	*ret_json = o;
	return 0;
}

int lockdag_splat_note_json(const struct lockdag_splat_note *n, struct json_t **ret_json)
{
	int err = 0;
	json_t *o = note(n, &err);

	if (err < 0) {
		json_decref(o);
		return err;
	}
	*ret_json = o;
	return 0;
}
