/* SPDX-License-Identifier: MIT
 *
 * What the page's script needs, as JSON in an element that browsers do not run:
 *
 *	{ "findings": [{ "id", "grade", "rank", "title", "classes": [n...], "edges": ["from,to"...]
 *}], "graph": { "classes": [[name, type, module, where, position, key]...], "edges": [[from, to,
 *seen, back, place held, place asked]...], "strings": [...] } }
 *
 * Places are numbers of strings. < > and & are written as \u003c ..., so that nothing ends the
 *element.
 */
#include "report/page.h"
#include "report/values.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct page_strings {
	json_t *all;     /* array */
	json_t *numbers; /* object: string -> its number */
};

/* Text as it may be shown. */
static json_t *page_json_text(const char *s)
{
	struct lockdag_text t = {0};
	json_t *value;
	char *text;

	report_escape(&t, s ? s : "");
	text = lockdag_text_take(&t);
	value = text ? json_string(text) : NULL;
	free(text);
	return value;
}

static size_t page_string(struct page_strings *strings, const char *s, int *err)
{
	json_t *number = json_object_get(strings->numbers, s);
	size_t n;

	if (number)
		return (size_t)json_integer_value(number);
	n = json_array_size(strings->all);
	report_json_push(strings->all, json_string(s), err);
	report_json_put(strings->numbers, s, report_json_count(n), err);
	return n;
}

static size_t page_place_number(
	struct report *r, struct page_strings *strings, const struct lockdag_stack *stack, int *err)
{
	const struct lockdag_frame *place = report_place(stack);
	struct lockdag_text t = {0};
	struct lockdag_frame shown;
	size_t n = 0;
	char *words;

	if (place) {
		shown = *place;
		if (shown.file)
			shown.file = report_path(r, shown.file);
		report_add_place(&t, &shown);
	}
	words = lockdag_text_take(&t);
	if (words)
		n = page_string(strings, words, err);
	else
		*err = -ENOMEM;
	free(words);
	return n;
}

static json_t *page_class(const struct lockdag_graph_class *c, int *err)
{
	json_t *a = json_array();

	report_json_push(a, page_json_text(c->name), err);
	report_json_push(a, json_string(lockdag_lock_type_word(c->type)), err);
	report_json_push(a, page_json_text(c->module), err);
	report_json_push(a, page_json_text(c->where), err);
	report_json_push(a, report_json_count(c->position), err);
	report_json_push(a, page_json_text(c->key), err);
	return a;
}

static json_t *page_edge(struct report *r, const struct lockdag_graph_edge *e,
	struct page_strings *strings, int *err)
{
	struct lockdag_exemplar exemplar = e->exemplar;
	const struct lockdag_link link = {.n_exemplars = 1, .exemplars = &exemplar};
	const struct report_seen seen = report_seen(r->m, &link, 0);
	json_t *a = json_array();

	report_json_push(a, report_json_count(e->from), err);
	report_json_push(a, report_json_count(e->to), err);
	report_json_push(a, report_json_count(e->n), err);
	report_json_push(a, report_json_count(e->back), err);
	report_json_push(a,
		report_json_count(page_place_number(r, strings,
			seen.under == REPORT_SIGNALS ? seen.signal_at : seen.held_at, err)),
		err);
	report_json_push(
		a, report_json_count(page_place_number(r, strings, seen.wait_at, err)), err);
	return a;
}

static json_t *page_whole(struct report *r, const struct lockdag_class_graph *g, int *err)
{
	struct page_strings strings = {json_array(), json_object()};
	json_t *o = json_object(), *classes = json_array(), *edges = json_array();

	page_string(&strings, "", err);
	for (size_t i = 0; i < g->n_classes; i++)
		report_json_push(classes, page_class(&g->classes[i], err), err);
	for (size_t i = 0; i < g->n_edges; i++)
		report_json_push(edges, page_edge(r, &g->edges[i], &strings, err), err);
	report_json_put(o, "classes", classes, err);
	report_json_put(o, "edges", edges, err);
	report_json_put(o, "strings", strings.all, err);
	json_decref(strings.numbers);
	return o;
}

static json_t *page_finding_data(const struct lockdag_finding *f, int *err)
{
	json_t *o = json_object(), *classes = json_array(), *edges = json_array();

	report_json_put(o, "id", report_json_textf("%016llx", (unsigned long long)f->id), err);
	report_json_put(o, "grade", json_string(lockdag_grade_word(f->grade)), err);
	report_json_put(o, "rank", report_json_count((uint64_t)f->grade), err);
	report_json_put(o, "title", page_json_text(f->title), err);
	for (size_t i = 0; i < f->n_locks; i++) {
		report_json_push(classes, report_json_count(f->locks[i].class_id), err);
		if (f->links && f->kind != LOCKDAG_FINDING_MISUSE)
			report_json_push(edges,
				report_json_textf("%u,%u", f->locks[i].class_id,
					f->locks[(i + 1) % f->n_locks].class_id),
				err);
	}
	report_json_put(o, "classes", classes, err);
	report_json_put(o, "edges", edges, err);
	return o;
}

int page_data(struct report *r, const struct lockdag_findings *f)
{
	json_t *o = json_object(), *findings = json_array();
	struct lockdag_text json = {0};
	char *text;
	int err = 0;

	for (size_t i = 0; i < f->n; i++)
		if (report_shows(r, &f->items[i]))
			report_json_push(findings, page_finding_data(&f->items[i], &err), &err);
	report_json_put(o, "findings", findings, &err);
	if (r->options->graph)
		report_json_put(o, "graph", page_whole(r, r->options->graph, &err), &err);
	err = report_json_print(&json, o, JSON_COMPACT, err);
	text = lockdag_text_take(&json);
	if (!err && !text)
		err = -ENOMEM;
	lockdag_text_add(r->out, "<script type=\"application/json\" id=\"data\">");
	for (const char *s = err ? "" : text; *s;) {
		size_t n = strcspn(s, "<>&");

		lockdag_text_add_n(r->out, s, n);
		s += n;
		if (*s)
			lockdag_text_addf(r->out, "\\u%04x", (unsigned char)*s++);
	}
	lockdag_text_add(r->out, "</script>\n");
	free(text);
	return err;
}
