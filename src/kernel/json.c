/* SPDX-License-Identifier: MIT
 *
 * A record for programs: docs/kernel-json.md, held to docs/kernel.schema.json by a test.
 */
#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "kernel/lines.h"

/* Adds what it is given or fails; *err latches. Takes value. */
static void put(json_t *object, const char *key, json_t *value, int *err)
{
	if (json_object_set_new(object, key, value) != 0)
		*err = -ENOMEM;
}

static void push(json_t *array, json_t *value, int *err)
{
	if (json_array_append_new(array, value) != 0)
		*err = -ENOMEM;
}

/* NULL becomes null; names of files may be no UTF-8. */
static json_t *text(const char *s)
{
	char *copy;
	json_t *value;

	if (!s)
		return json_null();
	copy = strdup(s);
	if (!copy)
		return NULL;
	copy[line_plain(copy, strlen(copy))] = 0;
	value = json_string(copy);
	free(copy);
	return value;
}

static json_t *count(uint64_t n)
{
	return json_integer(n > INT64_MAX ? INT64_MAX : (json_int_t)n);
}

static json_t *frame(const struct lockdag_kframe *f, int *err)
{
	json_t *o;

	if (!f->function && !f->address)
		return json_null();
	o = json_object();
	put(o, "function", text(f->function), err);
	put(o, "module", text(f->module), err);
	put(o, "offset", f->offset || f->size ? count(f->offset) : json_null(), err);
	put(o, "size", f->size ? count(f->size) : json_null(), err);
	put(o, "file", text(f->file), err);
	put(o, "line", f->line ? count(f->line) : json_null(), err);
	put(o, "unreliable", json_boolean(f->unreliable), err);
	put(o, "inlined", json_boolean(f->inlined), err);
	return o;
}

static json_t *stack(const struct lockdag_kstack *s, int *err)
{
	json_t *a = json_array();

	for (size_t i = 0; i < s->n; i++)
		push(a, frame(&s->frames[i], err), err);
	return a;
}

static void class(
	json_t *o, const struct lockdag_splat *s, const struct lockdag_kclass *c, int *err)
{
	struct lockdag_text words = {0};

	put(o, "class", text(c->name), err);
	put(o, "base", text(c->base), err);
	put(o, "version", c->version ? count(c->version) : json_null(), err);
	put(o, "subclass", count(c->subclass), err);
	put(o, "usage", text(c->usage), err);
	lockdag_splat_usage_words(s, c, &words);
	put(o, "usage_words", c->usage ? text(words.n ? words.s : "") : json_null(), err);
	if (words.failed)
		*err = -ENOMEM;
	lockdag_text_clear(&words);
	put(o, "wait_type",
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
	put(o, "instance", text(l->instance), err);
	put(o, "mode", l->mode_known ? json_string(modes[l->mode]) : json_null(), err);
	put(o, "at", frame(&l->at, err), err);
	return o;
}

static json_t *chain_names(const struct lockdag_splat *s, int *err)
{
	json_t *a = json_array();

	for (size_t i = 0; i < s->n_chain; i++)
		push(a, text(s->chain[i].lock.class.name), err);
	return a;
}

static json_t *links(const struct lockdag_splat *s, int *err)
{
	json_t *a = json_array();

	for (size_t i = 0; i < s->n_chain; i++) {
		json_t *o = lock(s, &s->chain[i].lock, err);

		put(o, "index", count(s->chain[i].index), err);
		put(o, "stack", stack(&s->chain[i].stack, err), err);
		push(a, o, err);
	}
	return a;
}

static json_t *task(const char *comm, long pid, int *err)
{
	json_t *o;

	if (!comm)
		return json_null();
	o = json_object();
	put(o, "comm", text(comm), err);
	put(o, "pid", pid >= 0 ? json_integer(pid) : json_null(), err);
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
		push(a, text(holder->held[i].class.name), err);
	return a;
}

static json_t *holders(const struct lockdag_splat *s, int *err)
{
	json_t *a = json_array();

	for (size_t i = 0; i < s->n_holders; i++) {
		const struct lockdag_kholder *h = &s->holders[i];
		json_t *o = json_object(), *held = json_array();

		put(o, "task", task(h->comm, h->pid, err), err);
		put(o, "printed", h->printed >= 0 ? count((uint64_t)h->printed) : json_null(), err);
		for (size_t k = 0; k < h->n; k++)
			push(held, lock(s, &h->held[k], err), err);
		put(o, "held", held, err);
		push(a, o, err);
	}
	return a;
}

static json_t *scenario(const struct lockdag_splat *s, int *err)
{
	json_t *a = json_array();

	for (size_t i = 0; i < s->n_steps; i++) {
		json_t *o = json_object();

		put(o, "cpu", count(s->steps[i].cpu), err);
		put(o, "what", text(s->steps[i].what), err);
		put(o, "class", text(s->steps[i].class), err);
		put(o, "in_interrupt", json_boolean(s->steps[i].in_interrupt), err);
		push(a, o, err);
	}
	return a;
}

static json_t *usages(const struct lockdag_kusage *items, size_t n, int *err)
{
	json_t *a = json_array();

	for (size_t i = 0; i < n; i++) {
		json_t *o = json_object();

		put(o, "state", text(items[i].state), err);
		put(o, "stack", stack(&items[i].stack, err), err);
		push(a, o, err);
	}
	return a;
}

static json_t *dependencies(const struct lockdag_splat *s, int *err)
{
	json_t *a = json_array();

	for (size_t i = 0; i < s->n_deps; i++) {
		const struct lockdag_kdeps *deps = &s->deps[i];
		json_t *o = json_object(), *items = json_array();

		put(o, "title", text(deps->title), err);
		for (size_t k = 0; k < deps->n; k++) {
			const struct lockdag_kdep *dep = &deps->items[k];
			json_t *item = json_object();

			class(item, s, &dep->class, err);
			put(item, "ops", dep->ops ? count(dep->ops) : json_null(), err);
			put(item, "usages", usages(dep->usages, dep->n_usages, err), err);
			put(item, "acquired", stack(&dep->acquired, err), err);
			push(items, item, err);
		}
		put(o, "classes", items, err);
		push(a, o, err);
	}
	return a;
}

static json_t *contexts(const struct lockdag_splat *s, int *err)
{
	json_t *a = json_array();

	for (size_t i = 0; i < s->n_contexts; i++) {
		const struct lockdag_kdept *c = &s->contexts[i];
		json_t *o = json_object();

		put(o, "name", text(c->name), err);
		put(o, "start", text(c->start), err);
		put(o, "wait", text(c->wait), err);
		put(o, "event", text(c->event), err);
		put(o, "start_stack", stack(&c->start_stack, err), err);
		put(o, "wait_stack", stack(&c->wait_stack, err), err);
		put(o, "event_stack", stack(&c->event_stack, err), err);
		push(a, o, err);
	}
	return a;
}

static json_t *note(const struct lockdag_splat_note *n, int *err)
{
	json_t *o = json_object();

	put(o, "kind", json_string(lockdag_splat_note_word(n->kind)), err);
	put(o, "title", text(n->title), err);
	put(o, "file", text(n->file), err);
	put(o, "line", count(n->line), err);
	return o;
}

static json_t *notes(const struct lockdag_splat *s, int *err)
{
	json_t *a = json_array();

	for (size_t i = 0; i < s->n_notes; i++)
		push(a, note(&s->notes[i], err), err);
	return a;
}

static json_t *facts(const struct lockdag_splat *s, int *err)
{
	json_t *a = json_array();

	for (size_t i = 0; i < s->n_facts; i++)
		push(a, text(s->facts[i]), err);
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

	put(o, "kind", json_string(lockdag_splat_kind_word(s->kind)), err);
	put(o, "title", text(s->title), err);
	put(o, "task", task(s->comm, s->pid, err), err);
	put(o, "cpu", s->cpu >= 0 ? json_integer(s->cpu) : json_null(), err);
	put(o, "context", text(s->context), err);
	put(o, "kernel", release ? text(s->kernel) : json_null(), err);
	put(o, "build", text(s->build), err);
	put(o, "taint", text(s->taint), err);
	put(o, "hardware", text(s->hardware), err);
	put(o, "workqueue", text(s->workqueue), err);
	put(o, "acquiring", asks(s) ? text(s->acquiring.class.name) : json_null(), err);
	put(o, "holding", text(s->holding.class.name), err);
	put(o, "chain", chain_names(s, err), err);
	put(o, "held", held_names(own_holder(s), err), err);
	put(o, "file", text(s->file), err);
	put(o, "line", count(s->line), err);
	put(o, "last_line", count(s->last), err);
	put(o, "complete", json_boolean(s->complete), err);
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

	put(o, "chain_whole", json_boolean(s->chain_whole), err);
	put(o, "lock", lock(s, &s->acquiring, err), err);
	put(o, "held_lock", lock(s, &s->holding, err), err);
	put(o, "links", links(s, err), err);
	put(o, "holders", holders(s, err), err);
	put(o, "scenario", scenario(s, err), err);
	if (s->usage_was) {
		usage = json_object();
		put(usage, "was", text(s->usage_was), err);
		put(usage, "now", text(s->usage_now), err);
	}
	put(o, "usage", usage, err);
	put(o, "safe", class_alone(s, &s->safe, err), err);
	put(o, "unsafe", class_alone(s, &s->unsafe, err), err);
	put(o, "usages", usages(s->usages, s->n_usages, err), err);
	put(o, "dependencies", dependencies(s, err), err);
	put(o, "contexts", contexts(s, err), err);
	put(o, "facts", facts(s, err), err);
	put(o, "stack", stack(&s->stack, err), err);
	put(o, "notes", notes(s, err), err);
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
