/* SPDX-License-Identifier: MIT
 *
 * The links of a finding with both stacks of each: side by side when that fits, else one under
 * the other.
 */
#include "report/render.h"

#include <stdlib.h>

#define LINKS_LABEL 10 /* "asked at  " */
#define LINKS_INDENT 4
#define LINKS_GAP 3
#define LINKS_FUNCTION 36 /* the widest column of function names */

/* A stack as lines: "move          bank.c:41". */
struct links_block {
	LOCKDAG_VEC(char *) lines;
	size_t width;
};

static char *links_function(const struct lockdag_frame *frame)
{
	struct lockdag_text t = {0};

	if (frame->function)
		report_escape(&t, frame->function);
	else
		report_add_module_offset(&t, frame);
	return lockdag_text_take(&t);
}

static char *links_line(const struct lockdag_frame *frame, const char *function, size_t column)
{
	struct lockdag_text t = {0};

	lockdag_text_add(&t, function);
	if (frame->file || frame->function) {
		lockdag_text_add(&t, "  ");
		report_pad(&t, report_width(function), column);
	}
	if (frame->file) {
		report_escape(&t, frame->file);
		if (frame->line)
			lockdag_text_addf(&t, ":%u", frame->line);
	} else if (frame->function) {
		report_add_module_offset(&t, frame);
	}
	if (frame->inlined)
		lockdag_text_add(&t, " (inlined)");
	return lockdag_text_take(&t);
}

static void links_done(struct links_block *b)
{
	for (size_t i = 0; i < b->lines.n; i++)
		free(b->lines.items[i]);
	lockdag_vec_clear(&b->lines);
}

static void links_push(struct lockdag_text *t, struct links_block *b, char *line)
{
	char **slot = line ? lockdag_vec_push(&b->lines) : NULL;
	size_t width;

	if (!slot) {
		free(line);
		t->failed = true;
		return;
	}
	*slot = line;
	width = report_width(line);
	b->width = width > b->width ? width : b->width;
}

/* Latches t->failed when memory runs out. */
static void links_block(
	struct lockdag_text *t, const struct lockdag_stack *stack, struct links_block *b)
{
	size_t column = 0;

	if (!stack) {
		links_push(t, b, lockdag_textf("(no stack)"));
		return;
	}
	for (size_t i = 0; i < stack->n_frames; i++) {
		char *function = links_function(&stack->frames[i]);
		size_t width = function ? report_width(function) : 0;

		column = width > column && width <= LINKS_FUNCTION ? width : column;
		free(function);
	}
	for (size_t i = 0; i < stack->n_frames; i++) {
		char *function = links_function(&stack->frames[i]);

		links_push(t, b, function ? links_line(&stack->frames[i], function, column) : NULL);
		free(function);
	}
}

static void links_stacked(struct lockdag_text *t, const char *label, const struct links_block *b)
{
	for (size_t i = 0; i < b->lines.n; i++) {
		report_pad(t, 0, LINKS_INDENT);
		lockdag_text_addf(t, "%-*s%s\n", LINKS_LABEL, i ? "" : label, b->lines.items[i]);
	}
}

/* The labels of a link's two stacks. */
struct links_labels {
	const char *left, *right;
};

static void links_beside(struct lockdag_text *t, struct links_labels labels,
	const struct links_block *left, const struct links_block *right)
{
	for (size_t i = 0; i < left->lines.n || i < right->lines.n; i++) {
		const char *l = i < left->lines.n ? left->lines.items[i] : "";

		report_pad(t, 0, LINKS_INDENT);
		lockdag_text_addf(t, "%-*s%s", LINKS_LABEL, i ? "" : labels.left, l);
		if (i < right->lines.n) {
			report_pad(t, report_width(l), left->width + LINKS_GAP);
			lockdag_text_addf(t, "%-*s%s", LINKS_LABEL, i ? "" : labels.right,
				right->lines.items[i]);
		}
		lockdag_text_add(t, "\n");
	}
}

/* Held and asked; or asked and signalled. */
static void links_stacks(struct report *r, const struct report_seen *seen)
{
	struct lockdag_text *t = r->out;
	const char *asked = report_is_wait(seen) ? "waits at" : "asked at";
	struct links_labels labels = {"held at", asked};
	struct links_block left = {0}, right = {0};

	if (seen->under == REPORT_HOLDS) {
		links_block(t, seen->held_at, &left);
		links_block(t, seen->wait_at, &right);
	} else {
		labels = (struct links_labels){asked, "signal at"};
		links_block(t, seen->wait_at, &left);
		if (seen->under == REPORT_SIGNALS)
			links_block(t, seen->signal_at, &right);
	}
	if (LINKS_INDENT + 2 * LINKS_LABEL + LINKS_GAP + left.width + right.width <=
		report_columns(r)) {
		links_beside(t, labels, &left, &right);
	} else {
		links_stacked(t, labels.left, &left);
		links_stacked(t, labels.right, &right);
	}
	links_done(&left);
	links_done(&right);
}

/* A third stack: of the fork, or of the wait that the thread's iteration began with. */
static void links_third(struct lockdag_text *t, const char *label, const struct lockdag_stack *stack)
{
	struct links_block third = {0};

	links_block(t, stack, &third);
	links_stacked(t, label, &third);
	links_done(&third);
}

/* The other locks that the thread held: they are what makes a gate. */
static void links_also_held(struct report *r, const struct report_seen *seen)
{
	const char *before = "    also held  ";
	char buffer[REPORT_NAME_SIZE];

	for (uint32_t i = 0; i < seen->n_held; i++) {
		const struct lockdag_held *h = &r->m->held.items[seen->acquire->held + i];

		if (h == seen->held || h->lock >= r->m->locks.n)
			continue;
		lockdag_text_add(r->out, before);
		report_escape(
			r->out, lockdag_model_lock_name(r->m, h->lock, buffer, sizeof(buffer)));
		before = ", ";
	}
	lockdag_text_add(r->out, before[0] == ',' ? "\n" : "");
}

/* Counts the other exemplars: by other threads (each thread once), and by the same one again. */
static void links_seen_more(struct report *r, const struct lockdag_link *link)
{
	uint32_t threads[LOCKDAG_MAX_EXEMPLARS];
	size_t n_threads = 0, again = 0, n = report_n_exemplars(link);

	for (size_t i = 0; i < n; i++) {
		uint32_t thread = report_seen(r->m, link, i).thread;
		size_t k = 0;

		if (thread == LOCKDAG_NONE)
			continue;
		while (k < n_threads && threads[k] != thread)
			k++;
		if (k == n_threads)
			threads[n_threads++] = thread;
		else
			again += k == 0;
	}
	if (n_threads > 1)
		lockdag_text_addf(r->out, "    seen in %zu more thread%s:", n_threads - 1,
			n_threads == 2 ? "" : "s");
	for (size_t k = 1; k < n_threads; k++) {
		char *name = report_thread_name(r->m, threads[k]);

		if (name)
			lockdag_text_addf(r->out, "%s%s", k > 1 ? ", " : " ", name);
		else
			r->out->failed = true;
		free(name);
	}
	lockdag_text_add(r->out, n_threads > 1 ? "\n" : "");
	if (again)
		lockdag_text_addf(r->out, "    seen %zu more time%s in the same thread\n", again,
			again == 1 ? "" : "s");
}

/* "link 2  mu is asked for before cv is signalled" */
char *report_link_words(const struct report_seen *seen, size_t number,
	const struct lockdag_finding_lock *lock, const char *from, const char *to)
{
	const char *asked = report_is_wait(seen) ? "waited for" : "asked for";

	if (seen->through == LOCKDAG_THROUGH_HANDLER)
		return lockdag_textf("link %zu  %s is held where a signal can come, and %s is %s in "
				     "its handler",
			number, from, to, asked);
	if (seen->through == LOCKDAG_THROUGH_FORK)
		return lockdag_textf("link %zu  %s is held by another thread at the fork, and %s in "
				     "the child",
			number, from, asked);
	if (seen->under == REPORT_HOLDS)
		return lockdag_textf(
			"link %zu  %s is held while %s is %s", number, from, to, asked);
	if (seen->under == REPORT_ENDS)
		return lockdag_textf(
			"link %zu  %s is %s by the thread of %s", number, to, asked, from);
	if (seen->asked.flags & LOCKDAG_ACQUIRE_TURN)
		return lockdag_textf("link %zu  %s is %s in other turns of the loop that %s %s",
			number, to, asked, report_signal_word(lock->type), from);
	return lockdag_textf("link %zu  %s is %s before its thread %s %s", number, to, asked,
		report_signal_word(lock->type), from);
}

void report_links(struct report *r, const struct lockdag_finding *f, const struct report_names *n)
{
	for (size_t i = 0; i < f->n_locks; i++) {
		struct report_seen seen = report_seen(r->m, &f->links[i], 0);
		char *words = report_link_words(
			&seen, i + 1, &f->locks[i], n->full[i], n->full[(i + 1) % f->n_locks]);

		if (!words) {
			r->out->failed = true;
			return;
		}
		report_heading(r, words);
		free(words);
		if (seen.began_at)
			links_third(r->out, "began at", seen.began_at);
		links_stacks(r, &seen);
		if (seen.through == LOCKDAG_THROUGH_FORK)
			links_third(r->out, "forked at", seen.fork_at);
		links_also_held(r, &seen);
		links_seen_more(r, &f->links[i]);
	}
}
