/* SPDX-License-Identifier: MIT
 *
 * A finding for people: what, who, why; then its links and its scenario.
 */
#include "report/render.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* A line of the paragraph stays in one piece, for grep and for the eye, as long as a wide terminal
 * shows it, or as the caller said; beyond that it goes over two. */
#define TEXT_PARAGRAPH 140

#define TEXT_RED "\033[1;31m"
#define TEXT_DIM "\033[2m"
#define TEXT_BOLD "\033[1m"
#define TEXT_END "\033[0m"

static void text_colored(struct report *r, const char *color, const char *words)
{
	if (r->options->color)
		lockdag_text_add(r->out, color);
	lockdag_text_add(r->out, words);
	if (r->options->color)
		lockdag_text_add(r->out, TEXT_END);
}

void report_heading(struct report *r, const char *words)
{
	lockdag_text_add(r->out, "\n  ");
	text_colored(r, TEXT_BOLD, words);
	lockdag_text_add(r->out, "\n");
}

/* The finding's own title where it has one, else one made of its names. */
static char *text_title(const struct lockdag_finding *f, const struct report_names *names)
{
	struct lockdag_text t = {0};

	if (f->title) {
		report_escape(&t, f->title);
		return lockdag_text_take(&t);
	}
	for (size_t i = 0; i <= f->n_locks && f->n_locks; i++) {
		lockdag_text_add(&t, i ? " -> " : "");
		lockdag_text_add(&t, names->full[i % f->n_locks]);
	}
	return lockdag_text_take(&t);
}

static void text_grade(struct report *r, enum lockdag_grade grade, char *ret_word, size_t size)
{
	const char *word = lockdag_grade_word(grade);
	size_t n = 0;

	for (; word[n] && n + 1 < size; n++)
		ret_word[n] = (char)toupper((unsigned char)word[n]);
	ret_word[n] = 0;
	text_colored(r, grade == LOCKDAG_UNLIKELY ? TEXT_DIM : TEXT_RED, ret_word);
}

/* "POSSIBLE  a -> b -> a            id 0123456789abcdef". A long title goes over several lines,
 * torn at its arrows. */
static int text_head(
	struct report *r, const struct lockdag_finding *f, const struct report_names *n)
{
	char grade[32], *title = text_title(f, n), *s, *arrow;
	size_t indent, column;

	if (!title)
		return -ENOMEM;
	text_grade(r, f->grade, grade, sizeof(grade));
	lockdag_text_add(r->out, "  ");
	indent = column = strlen(grade) + 2;
	for (s = title; s; s = arrow) {
		char after;
		size_t width;

		arrow = strstr(s + 1, " -> ");
		after = arrow ? *arrow : 0;
		if (arrow)
			*arrow = 0;
		width = report_width(s);
		if (column > indent && column + width > report_columns(r)) {
			lockdag_text_add(r->out, "\n");
			report_pad(r->out, 0, indent - 1);
			column = indent - 1;
		}
		text_colored(r, TEXT_BOLD, s);
		column += width;
		if (arrow)
			*arrow = after;
	}
	if (column + 21 > report_columns(r)) {
		lockdag_text_add(r->out, "\n");
		column = 0;
	}
	report_pad(r->out, column, report_columns(r) - 19);
	lockdag_text_addf(r->out, "id %016llx\n", (unsigned long long)f->id);
	free(title);
	return 0;
}

static void text_lead(struct report *r, const struct lockdag_finding *f)
{
	if (f->kind == LOCKDAG_FINDING_MISUSE)
		return;
	if (f->grade == LOCKDAG_HAPPENED && report_leads_through(f, LOCKDAG_THROUGH_FORK))
		lockdag_text_add(r->out, "  deadlock: this child of a fork waits for what nobody "
					 "in it can release\n");
	else if (f->grade == LOCKDAG_HAPPENED && f->n_locks == 1)
		lockdag_text_add(
			r->out, "  deadlock: this thread waits for what it holds itself\n");
	else if (f->grade == LOCKDAG_HAPPENED)
		lockdag_text_add(r->out, "  deadlock: these threads wait for each other now\n");
	else if (f->grade == LOCKDAG_UNLIKELY)
		lockdag_text_add(r->out, "  a cycle, but ruled out: see why\n");
	else if (f->n_locks > 1)
		lockdag_text_add(r->out,
			"  seen apart so far; when they meet, each waits for the next for ever\n");
}

/* Joins what is said about a place in brackets: " (read, taken at ...)". */
static void text_add_aside(struct lockdag_text *t, size_t *n, const char *words)
{
	lockdag_text_add(t, (*n)++ ? ", " : " (");
	lockdag_text_add(t, words);
}

static void text_add_place(
	struct lockdag_text *t, size_t *n, const char *word, const struct lockdag_stack *stack)
{
	if (!report_place(stack))
		return;
	text_add_aside(t, n, word);
	report_add_place(t, report_place(stack));
}

static void text_add_held(struct lockdag_text *t, const struct report_seen *seen,
	const struct lockdag_finding_lock *lock, const char *name)
{
	const struct lockdag_held *held = report_held(seen);
	const char *mode = held ? report_mode_word(lock->type, held->mode) : NULL;
	size_t n = 0;

	lockdag_text_add(t, name);
	if (mode)
		text_add_aside(t, &n, mode);
	if (held && held->flags & LOCKDAG_ACQUIRE_TRY &&
		lock->type != LOCKDAG_LOCK_WORK && lock->type != LOCKDAG_LOCK_POOL) /* work is run, not tried */
		text_add_aside(t, &n, "by a try-lock");
	text_add_place(t, &n, "taken at ", seen->held_at);
	lockdag_text_add(t, n ? ")," : ",");
}

/* What somebody waits for that the thread has to do. */
static char *text_owes(
	const struct report_seen *seen, const struct lockdag_finding_lock *lock, const char *name)
{
	static const char *const words[] = {"is to signal", "is to post", "is to arrive at"};
	struct lockdag_text t = {0};
	size_t n = 0;

	if (seen->under == REPORT_ENDS)
		return lockdag_textf("has to end for %s,", name);
	lockdag_text_addf(&t, "%s %s",
		words[lock->type == LOCKDAG_LOCK_SEMAPHORE   ? 1
			: lock->type == LOCKDAG_LOCK_BARRIER ? 2
							     : 0],
		name);
	text_add_place(&t, &n, "as at ", seen->signal_at);
	lockdag_text_add(&t, n ? ")," : ",");
	return lockdag_text_take(&t);
}

/* What the thread of links first .. last holds. */
static char *text_holds(const struct report *r, const struct lockdag_finding *f,
	const struct report_names *names, size_t first, size_t last)
{
	struct report_seen under = report_seen(r->m, &f->links[first], 0);
	struct lockdag_text t = {0};

	if (under.under != REPORT_HOLDS)
		return text_owes(&under, &f->locks[first], names->full[first]);
	lockdag_text_add(&t, "holds");
	for (size_t i = first; i <= last; i++) {
		struct report_seen seen = report_seen(r->m, &f->links[i], 0);

		lockdag_text_add(&t, " ");
		text_add_held(&t, &seen, &f->locks[i], names->full[i]);
	}
	return lockdag_text_take(&t);
}

static char *text_waits(const char *before, const struct report_seen *seen,
	const struct lockdag_finding_lock *lock, const char *name)
{
	const char *mode = seen->known ? report_mode_word(lock->type, seen->asked.mode) : NULL;
	struct lockdag_text t = {0};
	size_t n = 0;

	lockdag_text_addf(&t, "%swaits for %s", before, name);
	if (mode)
		text_add_aside(&t, &n, mode);
	text_add_place(&t, &n, "at ", seen->wait_at);
	if (seen->asked.flags & LOCKDAG_ACQUIRE_TIMED) {
		text_add_aside(&t, &n, "");
		lockdag_text_addf(&t, "for %u ms at the most", seen->timeout_ms);
	}
	if (seen->asked.flags & LOCKDAG_ACQUIRE_REWAIT)
		text_add_aside(&t, &n, "taking it back after a condition wait");
	lockdag_text_add(&t, n ? ")" : "");
	return lockdag_text_take(&t);
}

/* "thread transfer-1 (4121):"; core calls a nameless one "thread 4121" already. */
static char *text_who(const struct report *r, uint32_t thread)
{
	char *name = report_thread_name(r->m, thread), *who = NULL;
	bool plain = name && (strncmp(name, "thread ", 7) == 0 || !report_thread(r->m, thread));

	if (name)
		who = lockdag_textf("%s%s:", plain ? "" : "thread ", name);
	free(name);
	return who;
}

/* One thread's line: the nest of links first .. last. */
static struct report_part text_part(struct report *r, const struct lockdag_finding *f,
	const struct report_names *names, size_t first, size_t last)
{
	struct report_seen seen = report_seen(r->m, &f->links[last], 0);
	size_t to = (last + 1) % f->n_locks;
	char *handler = seen.through == LOCKDAG_THROUGH_HANDLER ? report_handler(r, seen.by) : NULL;
	char *before = handler ? lockdag_textf("and its %s ", handler) : NULL;
	struct report_part part = {
		.who = text_who(r, seen.thread),
		.holds = text_holds(r, f, names, first, last),
		.waits = text_waits(before ? before : "", &seen, &f->locks[to], names->full[to]),
	};

	free(handler);
	free(before);
	return part;
}

/* Who holds the lock when another thread forks. */
static struct report_part text_forked(struct report *r, const struct lockdag_finding *f,
	const struct report_names *names)
{
	struct report_seen seen = report_seen(r->m, &f->links[0], 0);
	const struct lockdag_frame *place = report_place(seen.fork_at);
	struct lockdag_text t = {0};

	lockdag_text_add(&t, "and is not in the child of the fork");
	if (place) {
		lockdag_text_add(&t, " at ");
		report_add_place(&t, place);
	}
	return (struct report_part){
		.who = text_who(r, seen.other),
		.holds = text_holds(r, f, names, 0, 0),
		.waits = lockdag_text_take(&t),
	};
}

/* Who asks for it in the child. */
static struct report_part text_child(struct report *r, const struct lockdag_finding *f,
	const struct report_names *names)
{
	struct report_seen seen = report_seen(r->m, &f->links[0], 0);

	return (struct report_part){
		.who = text_who(r, seen.thread),
		.holds = lockdag_textf("runs in the child,"),
		.waits = text_waits("and ", &seen, &f->locks[0], names->full[0]),
	};
}

/* One line each when all of them fit, else two. */
static void text_print_parts(struct report *r, const struct report_part *parts, size_t n)
{
	const size_t most = r->options->columns ? report_columns(r) : TEXT_PARAGRAPH;
	size_t who = 0, widest = 0;

	for (size_t i = 0; i < n; i++) {
		size_t width = report_width(parts[i].who);

		who = width > who ? width : who;
	}
	for (size_t i = 0; i < n; i++) {
		size_t width = report_width(parts[i].holds) + report_width(parts[i].waits);

		widest = width > widest ? width : widest;
	}
	for (size_t i = 0; i < n; i++) {
		lockdag_text_addf(r->out, "  %s ", parts[i].who);
		report_pad(r->out, report_width(parts[i].who), who);
		lockdag_text_add(r->out, parts[i].holds);
		if (2 + who + 1 + widest + 1 > most) {
			lockdag_text_add(r->out, "\n");
			report_pad(r->out, 0, who + 3);
		} else {
			lockdag_text_add(r->out, " ");
		}
		lockdag_text_addf(r->out, "%s\n", parts[i].waits);
	}
}

/* The thread whose queued write lock makes readers wait. */
static struct report_part text_writer(struct report *r, const struct lockdag_acquire *w)
{
	const struct lockdag_frame *place = report_place(report_stack(r->m, w->stack));
	struct lockdag_text t = {0};
	char buffer[REPORT_NAME_SIZE];

	lockdag_text_add(&t, "waits to write ");
	report_escape(&t, w->lock < r->m->locks.n
				  ? lockdag_model_lock_name(r->m, w->lock, buffer, sizeof(buffer))
				  : NULL);
	if (place) {
		lockdag_text_add(&t, " (at ");
		report_add_place(&t, place);
		lockdag_text_add(&t, ")");
	}
	lockdag_text_add(&t, ",");
	return (struct report_part){
		.who = text_who(r, w->thread),
		.holds = lockdag_text_take(&t),
		.waits = lockdag_textf("and new readers queue behind it"),
	};
}

void report_parts_free(struct report_part *parts, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		free(parts[i].who);
		free(parts[i].holds);
		free(parts[i].waits);
	}
	free(parts);
}

int report_parts(struct report *r, const struct lockdag_finding *f,
	const struct report_names *names, struct report_part **ret_parts, size_t *ret_n)
{
	const struct lockdag_acquire *w = report_writer(r->m, f);
	struct report_part *parts = calloc(f->n_locks + 2, sizeof(*parts));
	bool complete = true, fork = report_leads_through(f, LOCKDAG_THROUGH_FORK);
	size_t n = 0;

	if (!parts)
		return -ENOMEM;
	if (fork) {
		parts[n++] = text_forked(r, f, names);
		parts[n++] = text_child(r, f, names);
	}
	for (size_t i = 0; !fork && f->links && i < f->n_locks; i = report_next_context(f, i))
		parts[n++] = text_part(r, f, names, i, report_next_context(f, i) - 1);
	if (w)
		parts[n++] = text_writer(r, w);
	for (size_t i = 0; i < n; i++)
		complete = complete && parts[i].who && parts[i].holds && parts[i].waits;
	if (!complete) {
		report_parts_free(parts, n);
		return -ENOMEM;
	}
	*ret_parts = parts;
	*ret_n = n;
	return 0;
}

static int text_paragraph(
	struct report *r, const struct lockdag_finding *f, const struct report_names *names)
{
	struct report_part *parts;
	size_t n;
	int err = report_parts(r, f, names, &parts, &n);

	if (err)
		return err;
	text_print_parts(r, parts, n);
	report_parts_free(parts, n);
	return 0;
}

/* What the place of a lock is: model rows say how it was born. */
static const char *text_where_words(const struct report *r, const struct lockdag_finding_lock *lock)
{
	static const char *const words[LOCKDAG_N_BIRTHS] = {
		[LOCKDAG_BIRTH_STATIC] = "declared at",
		[LOCKDAG_BIRTH_INIT] = "initialised at",
		[LOCKDAG_BIRTH_FIRST] = "first taken at",
		[LOCKDAG_BIRTH_NAMED] = "named at",
	};
	const struct lockdag_lock *l;
	unsigned how;

	if (lock->lock >= r->m->locks.n)
		return "at";
	l = &r->m->locks.items[lock->lock];
	if (l->where)
		return words[LOCKDAG_BIRTH_STATIC];
	if (l->birth >= r->m->births.n)
		return "at";
	how = (unsigned)r->m->births.items[l->birth].how;
	return how < LOCKDAG_N_BIRTHS ? words[how] : "at";
}

/* "{+.?.}: taken by a signal handler, and ..." where the finding is about that. */
static int text_usage(struct report *r, const struct lockdag_finding *f,
	const struct report_names *names)
{
	struct report_usages usages;
	int err;

	if (!report_leads_through(f, LOCKDAG_THROUGH_HANDLER))
		return 0;
	err = report_usages_init(&usages, r->m);
	for (size_t i = 0; !err && i < f->n_locks; i++) {
		unsigned usage = report_usage(&usages, r->m, f->locks[i].lock);
		const char *words = report_usage_words(usage);
		char mask[5];

		if (words)
			lockdag_text_addf(r->out, "  usage: %s{%s} is %s\n", names->full[i],
				report_usage_mask(&usages, usage, mask), words);
	}
	report_usages_done(&usages);
	return err;
}

static void text_where(
	struct report *r, const struct lockdag_finding *f, const struct report_names *names)
{
	size_t column = 0;

	for (size_t i = 0; i < f->n_locks; i++) {
		size_t width = report_width(names->full[i]);

		column = width > column && width <= 60 ? width : column;
	}
	for (size_t i = 0; i < f->n_locks; i++) {
		lockdag_text_addf(r->out, "  where: %s  ", names->full[i]);
		report_pad(r->out, report_width(names->full[i]), column);
		lockdag_text_add(r->out, lockdag_lock_type_word(f->locks[i].type));
		if (f->locks[i].where) {
			lockdag_text_addf(r->out, " %s ", text_where_words(r, &f->locks[i]));
			report_escape(r->out, f->locks[i].where);
		}
		lockdag_text_add(r->out, "\n");
	}
}

int report_text_told(struct report *r, const struct lockdag_finding *f)
{
	struct report_names names = {0};
	int err = report_names_init(&names, r->m, f);

	if (!err)
		err = text_head(r, f, &names);
	if (!err)
		lockdag_text_add(r->out, "  reported above, while the program ran\n");
	report_names_done(&names);
	return err;
}

int report_text_finding(struct report *r, const struct lockdag_finding *f)
{
	struct report_names names = {0};
	int err = report_names_init(&names, r->m, f);

	if (err)
		return err;
	err = text_head(r, f, &names);
	if (err)
		goto out;
	if (f->standstill) {
		err = report_standstill_text(r, f->standstill);
		goto out;
	}
	text_lead(r, f);
	err = f->kind == LOCKDAG_FINDING_MISUSE ? report_misuse_lines(r, "  ", f)
						: text_paragraph(r, f, &names);
	if (err)
		goto out;
	if (f->reason)
		report_wrap(r, "  why: ", f->reason);
	report_cut(r, f);
	text_where(r, f, &names);
	err = text_usage(r, f, &names);
	if (err)
		goto out;
	if (f->kind == LOCKDAG_FINDING_MISUSE) {
		report_misuse_stacks(r, f);
		goto out;
	}
	report_links(r, f, &names);
	if (f->grade != LOCKDAG_UNLIKELY)
		report_scenario(r, f, &names);
out:
	report_names_done(&names);
	return err;
}
