/* SPDX-License-Identifier: MIT */
#include "kernel/print.h"

#include <inttypes.h>
#include <string.h>

/* ------------------------------------------------------------------ frames, classes, locks */

static void print_frame(struct lockdag_text *t, const struct lockdag_kframe *f)
{
	if (f->address)
		lockdag_text_addf(t,
			f->address > UINT32_MAX ? "[<%016" PRIx64 ">] " : "[<%08" PRIx64 ">] ",
			f->address);
	lockdag_text_add(t, f->unreliable ? "? " : "");
	if (f->function)
		lockdag_text_add(t, f->function);
	else
		lockdag_text_addf(t, "0x%" PRIx64, f->address);
	if (f->offset || f->size)
		lockdag_text_addf(t, "+0x%" PRIx64, f->offset);
	if (f->size)
		lockdag_text_addf(t, "/0x%" PRIx64, f->size);
	if (f->module)
		lockdag_text_addf(t, " [%s]", f->module);
	if (f->file)
		lockdag_text_addf(t, " %s:%u", f->file, f->line);
	lockdag_text_add(t, f->inlined ? " [inline]" : "");
}

void print_frames(struct lockdag_text *t, const struct lockdag_kstack *stack, unsigned indent)
{
	for (size_t i = 0; i < stack->n; i++) {
		lockdag_text_addf(t, "%*s", (int)indent, "");
		print_frame(t, &stack->frames[i]);
		lockdag_text_add(t, "\n");
	}
}

void print_class(struct lockdag_text *t, const struct lockdag_kclass *class)
{
	lockdag_text_addf(t, "(%s)", class->name);
	if (class->usage)
		lockdag_text_addf(t, "{%s}", class->usage);
	if (class->wait_outer >= 0)
		lockdag_text_addf(t, "-{%d:%d}", class->wait_outer, class->wait_inner);
}

void print_lock(struct lockdag_text *t, const struct lockdag_klock *lock)
{
	lockdag_text_addf(t, "%s ", lock->instance ? lock->instance : "");
	print_class(t, &lock->class);
	if (lock->at.function || lock->at.address) {
		lockdag_text_add(t, ", at: ");
		print_frame(t, &lock->at);
	}
	lockdag_text_add(t, "\n");
}

void print_task(struct lockdag_text *t, const struct lockdag_splat *s)
{
	lockdag_text_addf(t, "%s/%ld", s->comm ? s->comm : "?", s->pid);
}

/* ------------------------------------------------------------------ sections */

static void print_line(struct lockdag_text *t, char c, size_t n)
{
	for (size_t i = 0; i < n; i++)
		lockdag_text_add_n(t, &c, 1);
	lockdag_text_add(t, "\n");
}

void print_header(struct lockdag_text *t, const struct lockdag_splat *s)
{
	size_t n = strlen(s->title) + (s->bracketed ? 4 : 0);

	lockdag_text_add(t, "\n");
	print_line(t, '=', n);
	lockdag_text_addf(t, s->bracketed ? "[ %s ]\n" : "%s\n", s->title);
	if (s->kernel)
		lockdag_text_addf(t, "%s %s %s%s\n", s->kernel, s->build ? s->build : "",
			s->taint && strcmp(s->taint, "Not tainted") ? "Tainted: " : "",
			s->taint ? s->taint : "");
	print_line(t, '-', n);
}

void print_chain(struct lockdag_text *t, const struct lockdag_splat *s)
{
	if (s->n_chain == 0)
		return;
	lockdag_text_add(t, "\nthe existing dependency chain (in reverse order) is:\n");
	for (size_t i = s->n_chain; i-- > 0;) {
		lockdag_text_addf(t, "\n-> #%u ", s->chain[i].index);
		print_class(t, &s->chain[i].lock.class);
		lockdag_text_add(t, ":\n");
		print_frames(t, &s->chain[i].stack, 7);
	}
	lockdag_text_add(t, "\n");
}

void print_sketch(struct lockdag_text *t, const struct lockdag_splat *s)
{
	if (s->n_sketch == 0)
		return;
	lockdag_text_add(t, "Chain exists of:\n  ");
	for (size_t i = 0; i < s->n_sketch; i++)
		lockdag_text_addf(t, "%s%s", i ? " --> " : "", s->sketch[i]);
	lockdag_text_add(t, "\n\n");
}

static void print_step(struct lockdag_text *t, const struct lockdag_kstep *step)
{
	if (!step->what)
		return;
	lockdag_text_addf(
		t, "%*s%s", (step->cpu ? 31 : 2) + (step->in_interrupt ? 2 : 0), "", step->what);
	if (step->what[0] != '<')
		lockdag_text_addf(t, "(%s);", step->class ? step->class : "");
	lockdag_text_add(t, "\n");
}

void print_scenario(struct lockdag_text *t, const struct lockdag_splat *s)
{
	bool two = false;

	if (!s->scenario && s->n_steps == 0)
		return;
	for (size_t i = 0; i < s->n_steps; i++)
		two |= s->steps[i].cpu == 1;
	lockdag_text_addf(t, " %s:\n\n       CPU0%s\n       ----%s\n",
		s->scenario ? s->scenario : "Possible unsafe locking scenario",
		two ? "                    CPU1" : "", two ? "                    ----" : "");
	for (size_t i = 0; i < s->n_steps; i++)
		print_step(t, &s->steps[i]);
	lockdag_text_add(t, "\n *** DEADLOCK ***\n\n");
}

static void print_holder(struct lockdag_text *t, const struct lockdag_kholder *h)
{
	if (h->printed == 0) {
		lockdag_text_addf(t, "no locks held by %s/%ld.\n", h->comm ? h->comm : "?", h->pid);
		return;
	}
	if (h->printed > 0)
		lockdag_text_addf(t, "%d lock%s held by %s/%ld:\n", h->printed,
			h->printed > 1 ? "s" : "", h->comm ? h->comm : "?", h->pid);
	for (size_t i = 0; i < h->n; i++) {
		lockdag_text_addf(t, " #%zu: ", i);
		print_lock(t, &h->held[i]);
	}
}

void print_holders(struct lockdag_text *t, const struct lockdag_splat *s)
{
	for (size_t i = 0; i < s->n_holders; i++)
		print_holder(t, &s->holders[i]);
}

void print_usages(struct lockdag_text *t, const struct lockdag_splat *s)
{
	for (size_t i = 0; i < s->n_usages; i++) {
		if (strstr(s->usages[i].state, "safe"))
			lockdag_text_addf(t, "\n... which became %s at:\n", s->usages[i].state);
		else
			lockdag_text_addf(t, "{%s} state was registered at:\n", s->usages[i].state);
		print_frames(t, &s->usages[i].stack, 2);
	}
}

static void print_dep(struct lockdag_text *t, const struct lockdag_kdep *dep)
{
	int indent = (int)dep->depth;

	lockdag_text_addf(t, "%*s-> ", indent, "");
	print_class(t, &dep->class);
	if (dep->ops)
		lockdag_text_addf(t, " ops: %" PRIu64, dep->ops);
	lockdag_text_add(t, " {\n");
	for (size_t i = 0; i < dep->n_usages; i++) {
		lockdag_text_addf(t, "%*s%s at:\n", indent + 3, "", dep->usages[i].state);
		print_frames(t, &dep->usages[i].stack, dep->depth + 20);
	}
	lockdag_text_addf(t, "%*s}\n", indent + 1, "");
	if (dep->key.function || dep->key.address) {
		lockdag_text_addf(t, "%*s... key      at: ", indent + 1, "");
		print_frame(t, &dep->key);
		lockdag_text_add(t, "\n");
	}
	if (dep->acquired.n) {
		lockdag_text_addf(t, "%*s... acquired at:\n", indent + 1, "");
		print_frames(t, &dep->acquired, dep->depth + 3);
	}
	lockdag_text_add(t, "\n");
}

void print_deps(struct lockdag_text *t, const struct lockdag_splat *s)
{
	for (size_t i = 0; i < s->n_deps; i++) {
		lockdag_text_addf(t, "\n%s:\n", s->deps[i].title);
		for (size_t k = 0; k < s->deps[i].n; k++)
			print_dep(t, &s->deps[i].items[k]);
	}
}

static void print_context_part(
	struct lockdag_text *t, char letter, const char *what, const struct lockdag_kstack *stack)
{
	if (!what)
		return;
	lockdag_text_addf(t, "\n[%c] %s:\n", letter, what);
	print_frames(t, stack, 6);
}

void print_contexts(struct lockdag_text *t, const struct lockdag_splat *s)
{
	lockdag_text_add(t, "summary\n");
	for (size_t i = 0; i < s->n_contexts; i++) {
		const struct lockdag_kdept *c = &s->contexts[i];

		lockdag_text_addf(t, "\ncontext %s\n", c->name);
		if (c->start)
			lockdag_text_addf(t, "    [S] %s\n", c->start);
		if (c->wait)
			lockdag_text_addf(t, "    [W] %s\n", c->wait);
		if (c->event)
			lockdag_text_addf(t, "    [E] %s\n", c->event);
	}
	for (size_t i = 0; i < s->n_contexts; i++) {
		const struct lockdag_kdept *c = &s->contexts[i];

		lockdag_text_addf(t, "\ncontext %s's detail\n", c->name);
		print_context_part(t, 'S', c->start, &c->start_stack);
		print_context_part(t, 'W', c->wait, &c->wait_stack);
		print_context_part(t, 'E', c->event, &c->event_stack);
	}
}

void print_backtrace(struct lockdag_text *t, const struct lockdag_splat *s, const char *title)
{
	size_t extra = 0;

	if (title)
		lockdag_text_addf(t, "\n%s\n", title);
	if (s->cpu_line)
		lockdag_text_addf(t, "%s\n", s->cpu_line);
	if (s->hardware)
		lockdag_text_addf(t, "Hardware name: %s\n", s->hardware);
	if (s->workqueue)
		lockdag_text_addf(t, "Workqueue: %s\n", s->workqueue);
	if (s->stack.n)
		lockdag_text_add(t, "Call Trace:\n");
	for (size_t i = 0; i <= s->stack.n; i++) {
		const struct lockdag_kstack one = {
			i < s->stack.n ? &s->stack.frames[i] : NULL, i < s->stack.n};

		for (; extra < s->n_extras && s->extras[extra].after <= i; extra++)
			lockdag_text_addf(t, "%s%s\n", s->extras[extra].text[0] == '<' ? " " : "",
				s->extras[extra].text);
		print_frames(t, &one, 1);
	}
}

void print_facts(struct lockdag_text *t, const struct lockdag_splat *s, const char *const *words)
{
	for (size_t i = 0; i < s->n_facts; i++)
		for (const char *const *word = words; *word; word++)
			if (!strncmp(s->facts[i], *word, strlen(*word))) {
				lockdag_text_addf(t, "%s\n", s->facts[i]);
				break;
			}
}
