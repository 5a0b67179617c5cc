/* SPDX-License-Identifier: MIT
 *
 * Which parts a report of each kind has, in lockdep's order.
 */
#include "kernel/print.h"

#include <errno.h>
#include <string.h>

static const char other_info[] = "other info that might help us debug this:\n";
static const char backtrace[] = "stack backtrace:";

static const char *const all_facts[] = {"", NULL};
static const char *const irq_facts[] = {"irq event stamp", "hardirqs last", "softirqs last", NULL};

static void print_asks(struct lockdag_text *t, const struct lockdag_splat *s, const char *words)
{
	if (!s->acquiring.class.name)
		return;
	print_task(t, s);
	if (s->context)
		lockdag_text_addf(t, " [%s]", s->context);
	lockdag_text_addf(t, " %s\n", words);
	print_lock(t, &s->acquiring);
}

static void print_holds(struct lockdag_text *t, const struct lockdag_splat *s, const char *words)
{
	if (!s->holding.class.name)
		return;
	lockdag_text_addf(t, "\n%s\n", words);
	print_lock(t, &s->holding);
}

static void print_circular(struct lockdag_text *t, const struct lockdag_splat *s)
{
	print_header(t, s);
	print_asks(t, s, "is trying to acquire lock:");
	print_holds(t, s, "but task is already holding lock:");
	if (s->kind == LOCKDAG_SPLAT_CIRCULAR)
		lockdag_text_add(t, "\nwhich lock already depends on the new lock.\n\n");
	print_chain(t, s);
	lockdag_text_add(t, other_info);
	lockdag_text_add(t, "\n");
	print_sketch(t, s);
	print_scenario(t, s);
	if (s->kind == LOCKDAG_SPLAT_RECURSIVE)
		lockdag_text_add(t, " May be due to missing lock nesting notation\n\n");
	print_holders(t, s);
	print_backtrace(t, s, backtrace);
}

static void print_question(
	struct lockdag_text *t, const char *words, const struct lockdag_kclass *class)
{
	if (!class->name)
		return;
	lockdag_text_addf(t, "%s\n ", words);
	print_class(t, class);
	lockdag_text_add(t, "\n");
}

static void print_safe_unsafe(struct lockdag_text *t, const struct lockdag_splat *s)
{
	print_header(t, s);
	print_asks(t, s, "is trying to acquire:");
	print_holds(t, s, "and this task is already holding:");
	if (s->holding.class.name && s->acquiring.class.name) {
		lockdag_text_add(t, "which would create a new lock dependency:\n ");
		print_class(t, &s->holding.class);
		lockdag_text_add(t, " -> ");
		print_class(t, &s->acquiring.class);
		lockdag_text_add(t, "\n");
	}
	for (size_t i = 0; i < 2; i++) {
		struct lockdag_splat one = *s;

		print_question(t,
			i == 0 ? "\nbut this new dependency connects a HARDIRQ-irq-safe lock:"
			       : "\nto a HARDIRQ-irq-unsafe lock:",
			i == 0 ? &s->safe : &s->unsafe);
		one.usages = s->n_usages > i ? &s->usages[i] : NULL;
		one.n_usages = s->n_usages > i ? (i == 0 ? 1 : s->n_usages - 1) : 0;
		print_usages(t, &one);
	}
	lockdag_text_addf(t, "\n%s\n", other_info);
	print_sketch(t, s);
	print_scenario(t, s);
	print_holders(t, s);
	print_deps(t, s);
	print_backtrace(t, s, backtrace);
}

static void print_inversion(struct lockdag_text *t, const struct lockdag_splat *s)
{
	print_header(t, s);
	print_asks(t, s, "just changed the state of lock:");
	print_question(
		t, "but this lock took another, HARDIRQ-unsafe lock in the past:", &s->unsafe);
	print_question(
		t, "but this lock was taken by another, HARDIRQ-safe lock in the past:", &s->safe);
	lockdag_text_add(
		t, "\n\nand interrupts could create inverse lock ordering between them.\n\n\n");
	lockdag_text_add(t, other_info);
	print_sketch(t, s);
	print_scenario(t, s);
	print_facts(t, s, irq_facts);
	print_holders(t, s);
	print_deps(t, s);
	print_backtrace(t, s, backtrace);
}

static void print_inconsistent(struct lockdag_text *t, const struct lockdag_splat *s)
{
	print_header(t, s);
	if (s->usage_was)
		lockdag_text_addf(
			t, "inconsistent {%s} -> {%s} usage.\n", s->usage_was, s->usage_now);
	print_asks(t, s, "takes:");
	print_usages(t, s);
	print_facts(t, s, irq_facts);
	lockdag_text_addf(t, "\n%s", other_info);
	print_scenario(t, s);
	print_holders(t, s);
	print_backtrace(t, s, backtrace);
}

static void print_unlock(struct lockdag_text *t, const struct lockdag_splat *s)
{
	bool contend = s->kind == LOCKDAG_SPLAT_BAD_CONTENTION;
	const struct lockdag_kstack place = {(struct lockdag_kframe *)&s->acquiring.at,
		s->acquiring.at.function || s->acquiring.at.address};

	print_header(t, s);
	if (s->acquiring.class.name) {
		print_task(t, s);
		lockdag_text_addf(t, " is trying to %s lock (%s) at:\n",
			contend ? "contend" : "release", s->acquiring.class.name);
		print_frames(t, &place, 0);
	}
	print_facts(t, s, all_facts);
	lockdag_text_addf(t, "\n%s", other_info);
	print_holders(t, s);
	print_backtrace(t, s, backtrace);
}

static void print_freed(struct lockdag_text *t, const struct lockdag_splat *s)
{
	print_header(t, s);
	if (s->acquiring.class.name) {
		print_task(t, s);
		lockdag_text_addf(t, " %s\n", s->n_facts ? s->facts[0] : "is freeing memory ");
		print_lock(t, &s->acquiring);
	}
	print_holders(t, s);
	print_backtrace(t, s, backtrace);
}

static void print_leaving(struct lockdag_text *t, const struct lockdag_splat *s)
{
	print_header(t, s);
	if (s->kind == LOCKDAG_SPLAT_USER_RETURN) {
		print_task(t, s);
		lockdag_text_add(t, " is leaving the kernel with locks still held!\n");
	}
	print_holders(t, s);
	if (s->stack.n || s->cpu_line)
		print_backtrace(t, s, backtrace);
}

static void print_nested(struct lockdag_text *t, const struct lockdag_splat *s)
{
	print_header(t, s);
	print_asks(t, s, "is trying to lock:");
	if (s->n_facts)
		lockdag_text_addf(t, "\nbut this task is not holding:\n%s\n", s->facts[0]);
	lockdag_text_addf(t, "\n%s", other_info);
	print_holders(t, s);
	print_backtrace(t, s, backtrace);
}

static void print_wait(struct lockdag_text *t, const struct lockdag_splat *s)
{
	print_header(t, s);
	print_asks(t, s, "is trying to lock:");
	lockdag_text_add(t, other_info);
	print_facts(t, s, all_facts);
	print_holders(t, s);
	print_backtrace(t, s, backtrace);
}

static void print_rcu(struct lockdag_text *t, const struct lockdag_splat *s)
{
	static const char *const rest[] = {"rcu_scheduler_active", "RCU used illegally", NULL};

	print_header(t, s);
	if (s->n_facts && strncmp(s->facts[0], rest[0], strlen(rest[0])))
		lockdag_text_addf(t, "%s\n", s->facts[0]);
	lockdag_text_addf(t, "\n%s\n\n", other_info);
	print_facts(t, s, rest);
	print_holders(t, s);
	print_backtrace(t, s, backtrace);
}

static void print_all(struct lockdag_text *t, const struct lockdag_splat *s)
{
	lockdag_text_addf(t, "\n%s%s\n", s->title, strchr(s->title, ':') ? "" : ":");
	print_holders(t, s);
	if (s->complete)
		lockdag_text_add(t, "\n=============================================\n");
}

/* Those that open without a line of "=". */
static void print_plain(struct lockdag_text *t, const struct lockdag_splat *s)
{
	lockdag_text_addf(t, "%s\n", s->title);
	if (s->kind == LOCKDAG_SPLAT_HUNG_TASK && s->taint)
		lockdag_text_addf(t, "      %s%s %s %s\n",
			strcmp(s->taint, "Not tainted") ? "Tainted: " : "", s->taint,
			s->kernel ? s->kernel : "", s->build ? s->build : "");
	print_facts(t, s, all_facts);
	print_holders(t, s);
	print_backtrace(t, s, NULL);
}

static void print_dept(struct lockdag_text *t, const struct lockdag_splat *s)
{
	print_header(t, s);
	print_contexts(t, s);
	print_backtrace(t, s, backtrace);
}

int lockdag_splat_print(const struct lockdag_splat *splat, struct lockdag_text *text)
{
	static void (*const kinds[LOCKDAG_N_SPLAT_KINDS])(
		struct lockdag_text * t, const struct lockdag_splat *s) = {
		[LOCKDAG_SPLAT_CIRCULAR] = print_circular,
		[LOCKDAG_SPLAT_RECURSIVE] = print_circular,
		[LOCKDAG_SPLAT_INVERSION] = print_inversion,
		[LOCKDAG_SPLAT_SAFE_UNSAFE] = print_safe_unsafe,
		[LOCKDAG_SPLAT_INCONSISTENT] = print_inconsistent,
		[LOCKDAG_SPLAT_BAD_UNLOCK] = print_unlock,
		[LOCKDAG_SPLAT_BAD_CONTENTION] = print_unlock,
		[LOCKDAG_SPLAT_HELD_FREED] = print_freed,
		[LOCKDAG_SPLAT_EXIT_HELD] = print_leaving,
		[LOCKDAG_SPLAT_USER_RETURN] = print_leaving,
		[LOCKDAG_SPLAT_NESTED_NOT_TAKEN] = print_nested,
		[LOCKDAG_SPLAT_WAIT_CONTEXT] = print_wait,
		[LOCKDAG_SPLAT_RCU] = print_rcu,
		[LOCKDAG_SPLAT_ALL_LOCKS] = print_all,
		[LOCKDAG_SPLAT_DEPT] = print_dept,
	};

	if ((unsigned)splat->kind < LOCKDAG_N_SPLAT_KINDS && kinds[splat->kind])
		kinds[splat->kind](text, splat);
	else
		print_plain(text, splat);
	return text->failed ? -ENOMEM : 0;
}
