/* SPDX-License-Identifier: MIT
 *
 * A finding in the layout of the Linux kernel's lockdep (as 4.14 prints it), so that people and
 * tools that know that layout can read it: -> #k says where class k was taken while #k-1 was held;
 * the new edge, #n -> #0, is the link that was learned last.
 *
 * Where user space differs: the number after a function's name is an offset in its module (the
 * return address), a frame ends with file:line where that is known, signal handlers are what
 * soft interrupts are to the kernel, and the places of the usage mask that tell of hard ones are as
 * with interrupts on.
 */
#include "report/render.h"

#include <errno.h>
#include <stdlib.h>

#define KERNEL_STACK_INDENT "       "

struct kernel {
	struct report *r;
	struct lockdag_text *out;
	const struct lockdag_finding *f;
	size_t n;            /* locks */
	size_t first;        /* the finding's lock that is #0 */
	struct report_usages usages;
	struct report_names names;
	struct report_seen closing; /* the new edge */
};

/* The finding's index of -> #k. */
static size_t kernel_at(const struct kernel *k, size_t number)
{
	return (k->first + number) % k->n;
}

/* The link learned last is the one whose earliest exemplar is the latest in the model; one under an
 * event is not, for its task holds no lock of the chain. */
static size_t kernel_new_link(const struct lockdag_finding *f)
{
	size_t newest = f->n_locks - 1;
	uint32_t latest = 0;

	for (size_t i = 0; i < f->n_locks; i++) {
		uint32_t first = UINT32_MAX;

		for (size_t e = 0; e < report_n_exemplars(&f->links[i]); e++) {
			if (f->links[i].exemplars[e].held != LOCKDAG_NONE &&
				f->links[i].exemplars[e].acquire < first)
				first = f->links[i].exemplars[e].acquire;
		}
		if (first != UINT32_MAX && first >= latest) {
			latest = first;
			newest = i;
		}
	}
	return newest;
}

static void kernel_mask(struct kernel *k, uint32_t lock)
{
	char mask[5];

	lockdag_text_addf(k->out, "{%s}",
		report_usage_mask(&k->usages, report_usage(&k->usages, k->r->m, lock), mask));
}

/* "(name){+.+.}" */
static void kernel_class(struct kernel *k, size_t lock)
{
	lockdag_text_addf(k->out, "(%s)", k->names.full[lock]);
	kernel_mask(k, k->f->locks[lock].lock);
}

/* "move+0x126f [bank] bank.c:41" */
static void kernel_frame(struct lockdag_text *t, const struct lockdag_frame *frame)
{
	if (frame->function) {
		report_escape(t, frame->function);
		lockdag_text_add(t, "+");
	}
	lockdag_text_addf(t, "0x%llx", (unsigned long long)frame->offset);
	if (frame->module) {
		lockdag_text_add(t, " [");
		report_escape(t, frame->module);
		lockdag_text_add(t, "]");
	}
	if (frame->file) {
		lockdag_text_add(t, " ");
		report_escape(t, frame->file);
		if (frame->line)
			lockdag_text_addf(t, ":%u", frame->line);
	}
	if (frame->inlined)
		lockdag_text_add(t, " (inlined)");
	lockdag_text_add(t, "\n");
}

void report_kernel_stack(
	struct lockdag_text *t, const char *indent, const struct lockdag_stack *stack)
{
	if (!stack)
		lockdag_text_addf(t, "%s(no stack)\n", indent);
	for (size_t i = 0; stack && i < stack->n_frames; i++) {
		lockdag_text_add(t, indent);
		kernel_frame(t, &stack->frames[i]);
	}
}

/* The rest of a line after a lock: ", at: move+0x126f [bank] bank.c:41". */
static void kernel_taken_at(struct kernel *k, const struct lockdag_stack *stack)
{
	lockdag_text_add(k->out, ", at: ");
	if (report_place(stack))
		kernel_frame(k->out, report_place(stack));
	else
		lockdag_text_add(k->out, "(no stack)\n");
}

/* The thread's name as lockdep prints a task's: comm/tid. */
static void kernel_comm(struct kernel *k)
{
	const struct lockdag_model *m = k->r->m;
	const struct lockdag_thread *t = report_thread(m, k->closing.thread);
	const char *name = t ? t->name : NULL;

	if (!name && t && t->process < m->processes.n)
		name = m->processes.items[t->process].name;
	report_escape(k->out, name ? name : "thread");
}

static int kernel_tid(const struct kernel *k)
{
	const struct lockdag_thread *t = report_thread(k->r->m, k->closing.thread);

	return t ? t->tid : 0;
}

static void kernel_rule(struct lockdag_text *t, char c, size_t n)
{
	for (; n; n--)
		lockdag_text_add_n(t, &c, 1);
	lockdag_text_add(t, "\n");
}

static void kernel_head(struct kernel *k, const char *what, size_t columns)
{
	size_t last = kernel_at(k, k->n - 1);

	kernel_rule(k->out, '=', columns);
	lockdag_text_addf(k->out, "WARNING: possible %s\n", what);
	lockdag_text_addf(k->out, "lockdag %s %s, id %016llx\n",
		lockdag_finding_kind_word(k->f->kind), lockdag_grade_word(k->f->grade),
		(unsigned long long)k->f->id);
	kernel_rule(k->out, '-', columns);
	kernel_comm(k);
	lockdag_text_addf(k->out, "/%d is trying to acquire lock:\n ", kernel_tid(k));
	kernel_class(k, k->first);
	kernel_taken_at(k, k->closing.wait_at);
	lockdag_text_add(k->out, "\nbut task is already holding lock:\n ");
	kernel_class(k, last);
	kernel_taken_at(k, k->closing.held_at);
}

static void kernel_chain(struct kernel *k)
{
	lockdag_text_add(k->out, "\nwhich lock already depends on the new lock.\n\n"
				 "the existing dependency chain (in reverse order) is:\n");
	for (size_t number = k->n; number-- > 0;) {
		size_t lock = kernel_at(k, number), link = kernel_at(k, number + k->n - 1);

		lockdag_text_addf(k->out, "\n-> #%zu ", number);
		kernel_class(k, lock);
		lockdag_text_add(k->out, ":\n");
		report_kernel_stack(k->out, KERNEL_STACK_INDENT,
			report_seen(k->r->m, &k->f->links[link], 0).wait_at);
	}
}

/* lockdep's table has two CPUs however long the chain is; the chain line says what is between. */
static void kernel_scenario(struct kernel *k)
{
	const char *source = k->names.full[k->first];
	const char *target = k->names.full[kernel_at(k, k->n - 1)];
	const char *parent = k->names.full[kernel_at(k, k->n - 2)];

	lockdag_text_add(k->out, "\nother info that might help us debug this:\n\n");
	if (k->n > 2)
		lockdag_text_addf(
			k->out, "Chain exists of:\n  %s --> %s --> %s\n\n", source, parent, target);
	lockdag_text_add(k->out, " Possible unsafe locking scenario:\n\n"
				 "       CPU0                    CPU1\n"
				 "       ----                    ----\n");
	lockdag_text_addf(k->out, "  lock(%s);\n", target);
	lockdag_text_addf(k->out, "%31slock(%s);\n", "", parent);
	lockdag_text_addf(k->out, "%31slock(%s);\n", "", target);
	lockdag_text_addf(k->out, "  lock(%s);\n", source);
	lockdag_text_add(k->out, "\n *** DEADLOCK ***\n\n");
}

static void kernel_scenario_recursive(struct kernel *k)
{
	lockdag_text_add(k->out, "\nother info that might help us debug this:\n"
				 " Possible unsafe locking scenario:\n\n"
				 "       CPU0\n"
				 "       ----\n");
	lockdag_text_addf(k->out, "  lock(%s);\n  lock(%s);\n", k->names.full[0], k->names.full[0]);
	lockdag_text_add(k->out, "\n *** DEADLOCK ***\n\n");
	if (k->f->grade != LOCKDAG_HAPPENED)
		lockdag_text_add(k->out, " May be due to missing lock nesting notation\n\n");
}

/* ------------------------------------------------------------------ signal handlers and forks */

static void kernel_title(struct kernel *k, const char *title, size_t columns)
{
	kernel_rule(k->out, '=', columns);
	lockdag_text_addf(k->out, "WARNING: %s\nlockdag %s %s, id %016llx\n", title,
		lockdag_finding_kind_word(k->f->kind), lockdag_grade_word(k->f->grade),
		(unsigned long long)k->f->id);
	kernel_rule(k->out, '-', columns);
}

/* A lock that is taken in a handler, and where the handler can come. */
static int kernel_inconsistent(struct kernel *k)
{
	const struct report_seen *seen = &k->closing;
	const struct lockdag_held *held = report_held(seen);
	char on = held && report_is_read(held->mode) ? 'R' : 'W';
	char in = report_is_read(seen->asked.mode) ? 'R' : 'W';
	char *signal = report_signal(k->r, seen->by);

	if (!signal)
		return -ENOMEM;
	kernel_title(k, "inconsistent lock state", 32);
	lockdag_text_addf(k->out, "inconsistent {%s-ON-%c} -> {IN-%s-%c} usage.\n", signal, on,
		signal, in);
	kernel_comm(k);
	lockdag_text_addf(k->out, "/%d [%s] takes:\n ", kernel_tid(k), signal);
	kernel_class(k, 0);
	kernel_taken_at(k, seen->wait_at);
	lockdag_text_addf(k->out, "{%s-ON-%c} state was registered at:\n", signal, on);
	report_kernel_stack(k->out, KERNEL_STACK_INDENT, seen->held_at);
	lockdag_text_addf(k->out,
		"\nother info that might help us debug this:\n"
		" Possible unsafe locking scenario:\n\n"
		"       CPU0\n"
		"       ----\n"
		"  lock(%s);\n  <Interrupt>\n    lock(%s);\n\n *** DEADLOCK ***\n\n",
		k->names.full[0], k->names.full[0]);
	free(signal);
	return 0;
}

/* The interrupted lock and the one that the handler asks for, on one CPU; the rest on the other. */
static void kernel_scenario_interrupt(struct kernel *k)
{
	size_t at = 0;
	const char *held, *asked;

	while (k->f->links[at].through != LOCKDAG_THROUGH_HANDLER)
		at++;
	held = k->names.full[at];
	asked = k->names.full[(at + 1) % k->n];
	lockdag_text_add(k->out, "\nother info that might help us debug this:\n\n");
	lockdag_text_add(k->out, " Possible interrupt unsafe locking scenario:\n\n"
				 "       CPU0                    CPU1\n"
				 "       ----                    ----\n");
	lockdag_text_addf(k->out, "  lock(%s);\n", held);
	lockdag_text_addf(k->out, "%31slock(%s);\n", "", asked);
	lockdag_text_addf(k->out, "%31slock(%s);\n", "", k->names.full[(at + 2) % k->n]);
	lockdag_text_addf(k->out, "  <Interrupt>\n    lock(%s);\n\n *** DEADLOCK ***\n\n", asked);
}

/* The kernel has no such thing: three places. */
static int kernel_fork(struct kernel *k)
{
	kernel_title(k, "possible lock held over fork", 38);
	report_wrap(k->r, "", k->f->reason ? k->f->reason : "");
	lockdag_text_add(k->out, " ");
	kernel_class(k, 0);
	lockdag_text_add(k->out, "\n\ntaken in the parent at:\n");
	report_kernel_stack(k->out, KERNEL_STACK_INDENT, k->closing.held_at);
	lockdag_text_add(k->out, "\nforked at:\n");
	report_kernel_stack(k->out, KERNEL_STACK_INDENT, k->closing.fork_at);
	lockdag_text_add(k->out, "\nasked for in the child by ");
	kernel_comm(k);
	lockdag_text_addf(k->out, "/%d at:\n", kernel_tid(k));
	report_kernel_stack(k->out, KERNEL_STACK_INDENT, k->closing.wait_at);
	return 0;
}

/* The finding's lock that a held row is, or k->n. */
static size_t kernel_find(const struct kernel *k, const struct lockdag_held *h)
{
	size_t i = 0;

	if (h == k->closing.held)
		return kernel_at(k, k->n - 1);
	while (i < k->n && k->f->locks[i].lock != h->lock)
		i++;
	return i;
}

/* A held lock, under the finding's name where it is one of its locks. */
static void kernel_held_lock(struct kernel *k, const struct lockdag_held *h)
{
	const struct lockdag_model *m = k->r->m;
	char buffer[REPORT_NAME_SIZE];
	size_t lock = kernel_find(k, h);
	const char *name = NULL;

	if (lock < k->n) {
		kernel_class(k, lock);
	} else {
		if (h->lock < m->locks.n)
			name = lockdag_model_lock_name(m, h->lock, buffer, sizeof(buffer));
		lockdag_text_add(k->out, "(");
		report_escape(k->out, name);
		lockdag_text_add(k->out, ")");
		kernel_mask(k, h->lock);
	}
	kernel_taken_at(k, report_stack(m, h->stack));
}

static void kernel_held(struct kernel *k)
{
	const struct lockdag_model *m = k->r->m;
	const struct lockdag_acquire *a = k->closing.acquire;
	uint32_t n = k->closing.n_held;

	if (n)
		lockdag_text_addf(k->out, "%u lock%s held by ", n, n == 1 ? "" : "s");
	else
		lockdag_text_add(k->out, "no locks held by ");
	kernel_comm(k);
	lockdag_text_addf(k->out, "/%d%s\n", kernel_tid(k), n ? ":" : ".");
	for (uint32_t i = 0; i < n; i++) {
		lockdag_text_addf(k->out, " #%u:  ", i);
		kernel_held_lock(k, &m->held.items[a->held + i]);
	}
	lockdag_text_addf(k->out, "\nstack backtrace:\nPID: %d Comm: ", kernel_tid(k));
	kernel_comm(k);
	lockdag_text_add(k->out, "\nCall Trace:\n");
	report_kernel_stack(k->out, " ", k->closing.wait_at);
}

int report_kernel_finding(struct report *r, const struct lockdag_finding *f)
{
	struct kernel k = {.r = r, .out = r->out, .f = f, .n = f->n_locks};
	size_t closing;
	int err;

	if (f->kind == LOCKDAG_FINDING_MISUSE)
		return report_kernel_misuse(r, f);
	if (f->standstill)
		return report_standstill_text(r, f->standstill);
	if (!f->n_locks)
		return 0;
	err = report_usages_init(&k.usages, r->m);
	if (err)
		return err;
	err = report_names_init(&k.names, r->m, f);
	if (err)
		goto out;
	closing = kernel_new_link(f);
	k.first = (closing + 1) % f->n_locks;
	k.closing = report_seen(r->m, &f->links[closing], 0);
	if (f->n_locks == 1 && f->links[0].through == LOCKDAG_THROUGH_FORK) {
		err = kernel_fork(&k);
		goto out;
	}
	if (f->n_locks == 1 && f->links[0].through == LOCKDAG_THROUGH_HANDLER) {
		err = kernel_inconsistent(&k);
		if (err)
			goto out;
	} else if (report_leads_through(f, LOCKDAG_THROUGH_HANDLER)) {
		kernel_head(&k, "irq lock inversion dependency detected", 54);
		kernel_chain(&k);
		kernel_scenario_interrupt(&k);
	} else if (f->n_locks == 1) {
		kernel_head(&k, "recursive locking detected", 44);
		kernel_scenario_recursive(&k);
	} else {
		kernel_head(&k, "circular locking dependency detected", 54);
		kernel_chain(&k);
		kernel_scenario(&k);
	}
	kernel_held(&k);
out:
	report_names_done(&k.names);
	report_usages_done(&k.usages);
	return err;
}
