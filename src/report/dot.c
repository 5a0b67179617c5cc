/* SPDX-License-Identifier: MIT
 *
 * Graphviz's language: a finding as a drawn cycle, all findings, the whole graph. Names go through
 * report_escape() and then through dot_label(), so that nothing in them ends a string, is taken for
 * an escape of Graphviz's, or for an entity of its HTML.
 */
#include "report/render.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

void report_dot_text(struct lockdag_text *t, const char *escaped)
{
	for (; *escaped; escaped++) {
		if (*escaped == '\n')
			lockdag_text_add(t, "\\n");
		else if (*escaped == '\\' || *escaped == '"')
			lockdag_text_addf(t, "\\%c", *escaped);
		else if (*escaped == '&')
			lockdag_text_add(t, "&amp;");
		else
			lockdag_text_add_n(t, escaped, 1);
	}
}

static void dot_attribute(struct lockdag_text *t, const char *name, const char *escaped)
{
	lockdag_text_addf(t, " %s=\"", name);
	report_dot_text(t, escaped);
	lockdag_text_add(t, "\"");
}

/* The lines of a label; the caller frees them. */
static char *dot_lock_label(const struct lockdag_finding_lock *lock, const char *name)
{
	struct lockdag_text t = {0};

	lockdag_text_addf(&t, "%s\n%s", name, lockdag_lock_type_word(lock->type));
	if (lock->where) {
		lockdag_text_add(&t, ", ");
		report_escape(&t, lock->where);
	}
	return lockdag_text_take(&t);
}

static void dot_place_line(struct report *r, struct lockdag_text *t, const char *words,
	const struct lockdag_stack *stack)
{
	struct lockdag_text place = {0};
	struct lockdag_frame frame;
	char *whole, *brief;

	if (!report_place(stack))
		return;
	frame = *report_place(stack);
	if (frame.file)
		frame.file = report_path(r, frame.file);
	report_add_place(&place, &frame);
	whole = lockdag_text_take(&place);
	brief = whole ? report_brief(whole) : NULL;
	if (brief)
		lockdag_text_addf(t, "\n %s %s ", words, brief); /* blanks keep it off the line */
	else
		t->failed = true;
	free(whole);
	free(brief);
}

static char *dot_link_label(struct report *r, const struct lockdag_finding *f, size_t i)
{
	struct report_seen seen = report_seen(r->m, &f->links[i], 0);
	char *who = report_thread_name(r->m, seen.thread);
	struct lockdag_text t = {0};

	if (!who)
		return NULL;
	lockdag_text_add(&t, who);
	free(who);
	dot_place_line(r, &t, "holds since", seen.held_at);
	if (seen.under == REPORT_ENDS)
		lockdag_text_add(&t, "\nhas to end for that");
	dot_place_line(r, &t, report_is_wait(&seen) ? "waits at" : "asks at", seen.wait_at);
	if (seen.under == REPORT_SIGNALS)
		dot_place_line(r, &t, "is to signal at", seen.signal_at);
	return lockdag_text_take(&t);
}

static void dot_node(struct report *r, size_t finding, size_t i, const char *style, char *label)
{
	if (!label) {
		r->out->failed = true;
		return;
	}
	lockdag_text_addf(r->out, "    f%zun%zu [id=\"f%zun%zu\"%s", finding, i, finding, i, style);
	dot_attribute(r->out, "label", label);
	lockdag_text_add(r->out, "];\n");
	free(label);
}

static void dot_links(struct report *r, const struct lockdag_finding *f, size_t finding)
{
	for (size_t i = 0; f->links && i < f->n_locks; i++) {
		char *label = dot_link_label(r, f, i);

		if (!label) {
			r->out->failed = true;
			return;
		}
		lockdag_text_addf(r->out, "    f%zun%zu -> f%zun%zu [id=\"f%zue%zu\" class=\"%s\"",
			finding, i, finding, (i + 1) % f->n_locks, finding, i,
			f->links[i].back ? "back" : "link");
		if (f->links[i].back)
			lockdag_text_add(r->out, " color=\"#c2410c\" penwidth=2");
		dot_attribute(r->out, "label", label);
		lockdag_text_add(r->out, "];\n");
		free(label);
	}
}

/* What was done to the lock: a note for each place. */
static void dot_places(struct report *r, const struct lockdag_finding *f, size_t finding)
{
	for (size_t i = 0; i < f->n_places; i++) {
		const struct lockdag_finding_place *p = &f->places[i];
		struct lockdag_text t = {0};
		char *who = p->thread == LOCKDAG_NONE ? NULL : report_thread_name(r->m, p->thread);

		lockdag_text_addf(&t, "%s%s", p->what ? p->what : "used", who ? " by " : "");
		lockdag_text_add(&t, who ? who : "");
		dot_place_line(r, &t, "at", report_stack(r->m, p->stack));
		free(who);
		dot_node(r, finding, f->n_locks + i, " shape=note", lockdag_text_take(&t));
		if (f->n_locks)
			lockdag_text_addf(r->out, "    f%zun%zu -> f%zun0 [id=\"f%zup%zu\"];\n",
				finding, f->n_locks + i, finding, finding, i);
	}
}

static void dot_head(struct report *r)
{
	lockdag_text_add(r->out,
		"digraph lockdag {\n"
		"  graph [fontname=\"Courier\" fontsize=11 nodesep=0.4 ranksep=0.5 pad=0.1];\n"
		"  node [fontname=\"Courier\" fontsize=10 shape=box style=\"rounded\" "
		"margin=\"0.15,0.08\"];\n"
		"  edge [fontname=\"Courier\" fontsize=9];\n");
}

static int dot_body(struct report *r, const struct lockdag_finding *f, size_t number)
{
	struct report_names names = {0};
	int err = report_names_init(&names, r->m, f);

	if (err)
		return err;
	/* Of a misuse the lock alone: what was given with it is in its words. */
	for (size_t i = 0; i < (f->kind == LOCKDAG_FINDING_MISUSE && f->n_locks ? 1 : f->n_locks); i++)
		dot_node(r, number, i, "", dot_lock_label(&f->locks[i], names.brief[i]));
	if (f->kind == LOCKDAG_FINDING_CYCLE)
		dot_links(r, f, number);
	dot_places(r, f, number);
	report_names_done(&names);
	return 0;
}

int report_dot_finding(struct report *r, const struct lockdag_finding *f, size_t number)
{
	int err;

	dot_head(r);
	err = dot_body(r, f, number);
	lockdag_text_add(r->out, "}\n");
	return err;
}

int report_dot(struct report *r, const struct lockdag_findings *f)
{
	int err = 0;

	dot_head(r);
	for (size_t i = 0; i < f->n && !err; i++) {
		const struct lockdag_finding *finding = &f->items[i];
		struct lockdag_text label = {0};
		char *words;

		if (!report_shows(r, finding))
			continue;
		report_finding_line(&label, finding);
		words = lockdag_text_take(&label);
		if (!words)
			return -ENOMEM;
		lockdag_text_addf(r->out, "  subgraph cluster_f%zu {\n    style=\"%s\";\n   ", i,
			finding->grade == LOCKDAG_UNLIKELY ? "rounded,dashed" : "rounded");
		dot_attribute(r->out, "label", words);
		lockdag_text_add(r->out, ";\n");
		free(words);
		err = dot_body(r, finding, i);
		lockdag_text_add(r->out, "  }\n");
	}
	lockdag_text_add(r->out, "}\n");
	return err;
}

/* ------------------------------------------------------------------ the whole graph */

static void dot_class(struct report *r, const struct lockdag_graph_class *c, size_t number)
{
	struct lockdag_text label = {0};
	char *words;

	report_escape(&label, c->name);
	lockdag_text_addf(&label, "\n%s", lockdag_lock_type_word(c->type));
	words = lockdag_text_take(&label);
	if (!words) {
		r->out->failed = true;
		return;
	}
	lockdag_text_addf(r->out, "  c%zu [id=\"c%zu\"", number, number);
	dot_attribute(r->out, "label", words);
	lockdag_text_add(r->out, "];\n");
	free(words);
}

/* Classes without an edge say nothing, and are left out. */
int report_dot_graph(struct report *r, const struct lockdag_class_graph *g)
{
	bool *linked = calloc(g->n_classes + 1, sizeof(*linked));

	if (!linked)
		return -ENOMEM;
	for (size_t i = 0; i < g->n_edges; i++)
		linked[g->edges[i].from] = linked[g->edges[i].to] = true;
	dot_head(r);
	for (size_t i = 0; i < g->n_classes; i++)
		if (linked[i])
			dot_class(r, &g->classes[i], i);
	free(linked);
	for (size_t i = 0; i < g->n_edges; i++) {
		const struct lockdag_graph_edge *e = &g->edges[i];

		lockdag_text_addf(r->out, "  c%u -> c%u [id=\"e%zu\"%s];\n", e->from, e->to, i,
			e->back ? " color=\"#c2410c\" penwidth=2 constraint=false" : "");
	}
	lockdag_text_add(r->out, "}\n");
	return 0;
}
