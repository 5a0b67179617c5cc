/* SPDX-License-Identifier: MIT
 *
 * What was done wrong with a lock: the two places, for people and in lockdep's manner.
 */
#include "report/render.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static void misuse_stack(struct lockdag_text *t, const struct lockdag_stack *stack)
{
	for (size_t i = 0; i < stack->n_frames; i++) {
		lockdag_text_add(t, "    ");
		report_add_place(t, &stack->frames[i]);
		lockdag_text_add(t, stack->frames[i].inlined ? " (inlined)\n" : "\n");
	}
}

/* "  thread thief (12):  released at m.c:12 thief()" */
static int misuse_line(
	struct report *r, const char *indent, const struct lockdag_finding_place *place)
{
	const struct lockdag_stack *stack = report_stack(r->m, place->stack);
	char *name = place->thread == LOCKDAG_NONE ? NULL : report_thread_name(r->m, place->thread);

	if (place->thread != LOCKDAG_NONE && !name)
		return -ENOMEM;
	lockdag_text_addf(r->out, "%s%s%s%s%s", indent,
		name && strncmp(name, "thread ", 7) != 0 ? "thread " : "", name ? name : "",
		name ? ": " : "", place->what);
	if (report_place(stack)) {
		lockdag_text_add(r->out, " at ");
		report_add_place(r->out, report_place(stack));
	}
	lockdag_text_add(r->out, "\n");
	free(name);
	return 0;
}

int report_misuse_lines(struct report *r, const char *indent, const struct lockdag_finding *f)
{
	int err = 0;

	for (size_t i = 0; i < f->n_places && !err; i++)
		err = misuse_line(r, indent, &f->places[i]);
	return err;
}

void report_misuse_stacks(struct report *r, const struct lockdag_finding *f)
{
	for (size_t i = 0; i < f->n_places; i++) {
		const struct lockdag_stack *stack = report_stack(r->m, f->places[i].stack);

		if (!stack || !stack->n_frames)
			continue;
		report_heading(r, f->places[i].what);
		misuse_stack(r->out, stack);
	}
}

/* "transfer/4121" */
static void misuse_comm(struct report *r, uint32_t thread)
{
	const struct lockdag_thread *t = report_thread(r->m, thread);

	if (t && t->name)
		report_escape(r->out, t->name);
	else
		lockdag_text_add(r->out, "thread");
	lockdag_text_addf(r->out, "/%d", t ? t->tid : 0);
}

int report_kernel_misuse(struct report *r, const struct lockdag_finding *f)
{
	struct report_names names = {0};
	int err = report_names_init(&names, r->m, f);

	if (err)
		return err;
	lockdag_text_addf(r->out, "=====================================\nWARNING: %s\n",
		lockdag_misuse_headline(f->rule));
	lockdag_text_addf(r->out, "lockdag %s %s, id %016llx\n",
		lockdag_finding_kind_word(f->kind), lockdag_misuse_word(f->rule),
		(unsigned long long)f->id);
	lockdag_text_add(r->out, "-------------------------------------\n");
	report_wrap(r, "", f->reason);
	for (size_t i = 0; i < f->n_locks; i++)
		lockdag_text_addf(r->out, " (%s)\n", names.full[i]);
	for (size_t i = 0; i < f->n_places; i++) {
		lockdag_text_addf(r->out, "\n%s by ", f->places[i].what);
		misuse_comm(r, f->places[i].thread);
		lockdag_text_add(r->out, ":\n");
		report_kernel_stack(r->out, "       ", report_stack(r->m, f->places[i].stack));
	}
	report_names_done(&names);
	return 0;
}
