/* SPDX-License-Identifier: MIT
 *
 * The page: one file that needs no other and no network. Findings are plain HTML, so that they can
 * be read without scripts; page/page.js adds the whole graph, search and cuts from the data at its
 * end (page_data.c).
 *
 * Nothing of the input becomes markup: all of it goes through page_text() (escaped as on a
 * terminal, then as XML), or into the data as JSON without < > and &. Besides, the page's policy
 * lets only the script and style run whose hashes it names.
 */
#include "report/page.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "report_page.h" /* REPORT_PAGE_CSS, REPORT_PAGE_JS, and their hashes: made by the build */

#define PAGE_MAX_PICTURES 300 /* findings that are drawn */
#define PAGE_MAX_SOURCES 8    /* frames of a stack that show their source */
#define PAGE_AROUND 2         /* lines of source before and after the one meant */

void page_text(struct lockdag_text *t, const char *s)
{
	struct lockdag_text plain = {0};
	char *text;

	report_escape(&plain, s);
	text = lockdag_text_take(&plain);
	if (text)
		report_xml(t, text);
	else
		t->failed = true;
	free(text);
}

/* An element with one text in it. */
static void page_element(
	struct lockdag_text *t, const char *open, const char *text, const char *close)
{
	lockdag_text_add(t, open);
	page_text(t, text);
	lockdag_text_add(t, close);
}

/* ------------------------------------------------------------------ stacks */

static void page_source_line(struct report *r, const struct lockdag_frame *frame, unsigned line)
{
	const struct lockdag_report_tree *tree = r->options->tree;
	const char *mark = line == frame->line ? "<mark>" : "", *end = *mark ? "</mark>" : "";
	const char *s;
	char *copy;
	size_t n;

	s = tree->line(tree->context, frame->file, line, &n);
	if (!s)
		return;
	lockdag_text_addf(r->out, "%s%5u  ", mark, line);
	copy = strndup(s, n);
	for (char *at = copy, *tab; at; at = tab ? tab + 1 : NULL) { /* a tab is no control here */
		tab = strchr(at, '\t');
		if (tab)
			*tab = 0;
		page_text(r->out, at);
		if (tab)
			lockdag_text_add(r->out, "\t");
	}
	if (!copy)
		r->out->failed = true;
	free(copy);
	lockdag_text_addf(r->out, "%s\n", end);
}

static void page_source(struct report *r, const struct lockdag_frame *frame)
{
	const struct lockdag_report_tree *tree = r->options->tree;
	unsigned first = frame->line > PAGE_AROUND ? frame->line - PAGE_AROUND : 1;
	size_t n;

	if (!tree || !tree->line || !frame->file || !frame->line ||
		!tree->line(tree->context, frame->file, frame->line, &n))
		return;
	lockdag_text_add(r->out, "<pre class=\"source\">");
	for (unsigned line = first; line <= frame->line + PAGE_AROUND; line++)
		page_source_line(r, frame, line);
	lockdag_text_add(r->out, "</pre>");
}

static void page_frame(struct report *r, const struct lockdag_frame *frame, bool source)
{
	struct lockdag_frame shown = *frame;
	struct lockdag_text place = {0};
	char *words;

	if (shown.file)
		shown.file = report_path(r, shown.file);
	lockdag_text_add(r->out, "<div class=\"frame\"><div class=\"mono\">");
	page_element(r->out, "<b>", frame->function ? frame->function : "?", "</b> ");
	shown.function = NULL;
	if (shown.file || shown.module)
		report_add_place(&place, &shown);
	words = lockdag_text_take(&place);
	if (words)
		report_xml(r->out, words);
	else
		r->out->failed = true;
	free(words);
	lockdag_text_add(
		r->out, frame->inlined ? " <span class=\"soft\">inlined</span></div>" : "</div>");
	if (source)
		page_source(r, frame);
	lockdag_text_add(r->out, "</div>");
}

static void page_stack(struct report *r, const char *heading, const struct lockdag_stack *stack)
{
	lockdag_text_addf(r->out, "<div><h4>%s</h4>", heading);
	for (size_t i = 0; stack && i < stack->n_frames; i++)
		page_frame(r, &stack->frames[i], i < PAGE_MAX_SOURCES);
	if (!stack)
		lockdag_text_add(r->out, "<p class=\"soft\">no stack</p>");
	lockdag_text_add(r->out, "</div>");
}

/* ------------------------------------------------------------------ links and places */

static void page_link_stacks(struct report *r, const struct report_seen *seen)
{
	lockdag_text_add(r->out, "<div class=\"stacks\">");
	if (seen->under == REPORT_HOLDS)
		page_stack(r, "held since", seen->held_at);
	if (seen->began_at)
		page_stack(r, "began at", seen->began_at);
	page_stack(r, report_is_wait(seen) ? "waits at" : "asked at", seen->wait_at);
	if (seen->under == REPORT_SIGNALS)
		page_stack(r, "is to signal at", seen->signal_at);
	lockdag_text_add(r->out, "</div>");
}

static int page_link(struct report *r, const struct lockdag_finding *f,
	const struct report_names *names, size_t number, size_t i)
{
	const struct report_seen seen = report_seen(r->m, &f->links[i], 0);
	const size_t to = (i + 1) % f->n_locks;
	char *words =
		report_link_words(&seen, i + 1, &f->locks[i], names->full[i], names->full[to]);
	char *who = report_thread_name(r->m, seen.thread);

	if (!words || !who) {
		free(words);
		free(who);
		return -ENOMEM;
	}
	lockdag_text_addf(r->out, "<details id=\"d-f%zue%zu\" data-edge=\"%u,%u\"><summary>",
		number, i, f->locks[i].class_id, f->locks[to].class_id);
	report_xml(r->out, words);
	lockdag_text_add(r->out, " <span class=\"soft\">by ");
	report_xml(r->out, who);
	lockdag_text_addf(r->out, "%s</span></summary>",
		f->links[i].back ? ", against the learned order" : "");
	page_link_stacks(r, &seen);
	if (report_n_exemplars(&f->links[i]) > 1)
		lockdag_text_addf(r->out,
			"<p class=\"soft\">seen in %zu observations that are kept</p>",
			report_n_exemplars(&f->links[i]));
	lockdag_text_addf(r->out, "<p><button data-cut=\"%u,%u\" data-words=\"",
		f->locks[i].class_id, f->locks[to].class_id);
	report_xml(r->out, names->full[i]);
	lockdag_text_add(r->out, " → ");
	report_xml(r->out, names->full[to]);
	lockdag_text_add(r->out, "\">what if cut?</button></p></details>\n");
	free(words);
	free(who);
	return 0;
}

static int page_place(struct report *r, const struct lockdag_finding *f, size_t number, size_t i)
{
	const struct lockdag_finding_place *place = &f->places[i];
	char *who = place->thread == LOCKDAG_NONE ? strdup("")
						  : report_thread_name(r->m, place->thread);

	if (!who)
		return -ENOMEM;
	lockdag_text_addf(r->out, "<details id=\"d-f%zup%zu\"><summary>", number, i);
	page_text(r->out, place->what ? place->what : "used");
	lockdag_text_add(r->out, *who ? " <span class=\"soft\">by " : "<span>");
	report_xml(r->out, who);
	lockdag_text_add(r->out, "</span></summary>");
	page_stack(r, "at", report_stack(r->m, place->stack));
	lockdag_text_add(r->out, "</details>\n");
	free(who);
	return 0;
}

/* ------------------------------------------------------------------ a finding */

static int page_story(
	struct report *r, const struct lockdag_finding *f, const struct report_names *names)
{
	struct report_part *parts;
	size_t n;
	char *cut;
	int err = report_parts(r, f, names, &parts, &n);

	if (err)
		return err;
	lockdag_text_add(r->out, "<ol class=\"story\">");
	for (size_t i = 0; f->links && i < n; i++) {
		lockdag_text_add(r->out, "<li><b>");
		report_xml(r->out, parts[i].who);
		lockdag_text_add(r->out, "</b>");
		report_xml(r->out, parts[i].holds);
		lockdag_text_add(r->out, " ");
		report_xml(r->out, parts[i].waits);
		lockdag_text_add(r->out, "</li>");
	}
	report_parts_free(parts, n);
	lockdag_text_add(r->out, "</ol>");
	page_element(r->out, "<p><b>Why:</b> ", f->reason ? f->reason : "not said", "</p>");
	if (report_cut_line(f, &cut)) {
		page_element(r->out, "<p><b>Cut:</b> ", cut, "</p>");
		if (!cut)
			err = -ENOMEM;
		free(cut);
	}
	return err;
}

static void page_locks(
	struct report *r, const struct lockdag_finding *f, const struct report_names *names)
{
	lockdag_text_add(r->out, "<ul class=\"links mono\">");
	for (size_t i = 0; i < f->n_locks; i++) {
		lockdag_text_add(r->out, "<li>");
		report_xml(r->out, names->full[i]);
		lockdag_text_addf(r->out, " <span class=\"soft\">%s",
			lockdag_lock_type_word(f->locks[i].type));
		if (f->locks[i].where)
			page_element(r->out, ", ", f->locks[i].where, "");
		lockdag_text_add(r->out, "</span></li>");
	}
	lockdag_text_add(r->out, "</ul>");
}

static int page_inside(struct report *r, const struct lockdag_finding *f,
	const struct report_names *names, size_t number, bool draw)
{
	int err = 0;

	lockdag_text_add(r->out, "<div class=\"two\"><div class=\"picture\">");
	if (draw)
		err = report_svg_finding(r->out, r, f, number);
	if (err == -ENOSYS || err == -EIO) { /* the page tells the rest */
		lockdag_text_add(r->out,
			"<p class=\"soft\">no picture: Graphviz's library is not whole</p>");
		err = 0;
	}
	lockdag_text_add(r->out, "</div><div>");
	if (!err)
		err = page_story(r, f, names);
	page_locks(r, f, names);
	lockdag_text_add(r->out, "</div></div>\n");
	for (size_t i = 0; !err && f->links && f->kind != LOCKDAG_FINDING_MISUSE && i < f->n_locks;
		i++)
		err = page_link(r, f, names, number, i);
	for (size_t i = 0; !err && i < f->n_places; i++)
		err = page_place(r, f, number, i);
	return err;
}

static int page_finding(struct report *r, const struct lockdag_finding *f, size_t number, bool draw)
{
	struct report_names names = {0};
	int err = report_names_init(&names, r->m, f);

	if (err)
		return err;
	lockdag_text_addf(r->out,
		"<article class=\"card\" tabindex=\"-1\" id=\"f-%016llx\"><div class=\"head\">"
		"<span class=\"grade %s\">%s</span><h3 class=\"mono\">",
		(unsigned long long)f->id, lockdag_grade_word(f->grade),
		lockdag_grade_word(f->grade));
	page_text(r->out, f->title ? f->title : lockdag_finding_kind_word(f->kind));
	lockdag_text_addf(r->out,
		"</h3><span class=\"soft\">%s, <a class=\"mono\" "
		"href=\"#f-%016llx\">%016llx</a></span></div>\n",
		lockdag_finding_kind_word(f->kind), (unsigned long long)f->id,
		(unsigned long long)f->id);
	err = page_inside(r, f, &names, number, draw);
	lockdag_text_add(r->out, "</article>\n");
	report_names_done(&names);
	return err;
}

/* ------------------------------------------------------------------ the page */

static void page_head(struct report *r)
{
	lockdag_text_add(r->out,
		"<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
		"<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
		"script-src 'sha256-" REPORT_PAGE_JS_HASH
		"'; style-src 'sha256-" REPORT_PAGE_CSS_HASH
		"'; base-uri 'none'; form-action 'none'\">\n"
		"<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
		"<meta name=\"referrer\" "
		"content=\"no-referrer\">\n<title>lockdag</title>\n<style>");
	lockdag_text_add_n(r->out, (const char *)REPORT_PAGE_CSS, sizeof(REPORT_PAGE_CSS));
	lockdag_text_add(r->out, "</style>\n</head>\n<body>\n");
}

/* The summary's own words: its first line is the heading. */
static void page_summary(struct report *r, const struct lockdag_findings *f,
	const struct lockdag_report_facts *facts)
{
	struct lockdag_text text = {0};
	struct report into = *r;
	char *words, *rest;

	into.out = &text;
	report_summary(&into, f, facts);
	words = lockdag_text_take(&text);
	if (!words) {
		r->out->failed = true;
		return;
	}
	rest = strchr(words, '\n');
	if (rest)
		*rest++ = 0;
	lockdag_text_add(r->out, "<header><h1>");
	report_xml(r->out, words);
	lockdag_text_add(r->out, "</h1><button id=\"theme\" title=\"t\">theme: auto</button>");
	if (rest && *rest) {
		lockdag_text_add(r->out, "<p class=\"soft\">");
		report_xml(r->out, rest);
		lockdag_text_add(r->out, "</p>");
	}
	lockdag_text_add(r->out, "</header>\n<main>\n");
	free(words);
}

static void page_sentences(
	struct report *r, const char *heading, const char *const *sentences, size_t n)
{
	if (!n)
		return;
	lockdag_text_addf(r->out, "<h2>%s</h2><ul>", heading);
	for (size_t i = 0; i < n; i++)
		page_element(r->out, "<li>", sentences[i] ? sentences[i] : "", "</li>");
	lockdag_text_add(r->out, "</ul>\n");
}

static void page_plan(struct report *r, const struct lockdag_findings *f)
{
	struct lockdag_text text = {0};
	struct report into = *r;
	char *words;

	into.out = &text;
	report_cut_plan(&into, f);
	words = lockdag_text_take(&text);
	if (!words) {
		r->out->failed = true;
		return;
	}
	if (*words) {
		lockdag_text_add(r->out, "<h2>Where to cut</h2><div class=\"card\"><pre>");
		report_xml(r->out, words + strspn(words, "\n"));
		lockdag_text_add(r->out, "</pre></div>\n");
	}
	free(words);
}

static void page_finding_bar(struct report *r)
{
	lockdag_text_add(r->out,
		"<h2>Findings</h2><div class=\"bar\"><input type=\"search\" id=\"finding-search\" "
		"aria-label=\"search in findings\" placeholder=\"search in findings\">"
		"<select id=\"finding-grade\" aria-label=\"grade\"><option value=\"\">any "
		"grade</option>");
	for (int grade = LOCKDAG_N_GRADES - 1; grade >= 0; grade--)
		lockdag_text_addf(r->out, "<option value=\"%s\">%s</option>",
			lockdag_grade_word((enum lockdag_grade)grade),
			lockdag_grade_word((enum lockdag_grade)grade));
	lockdag_text_add(r->out, "</select><span class=\"soft\" id=\"finding-count\" "
				 "role=\"status\"></span></div>\n");
}

static int page_findings(struct report *r, const struct lockdag_findings *f)
{
	size_t shown = 0;
	int err = 0;

	for (size_t i = 0; i < f->n; i++)
		shown += report_shows(r, &f->items[i]);
	if (!shown)
		return 0;
	page_finding_bar(r);
	shown = 0;
	for (size_t i = 0; i < f->n && !err; i++)
		if (report_shows(r, &f->items[i]))
			err = page_finding(r, &f->items[i], i, shown++ < PAGE_MAX_PICTURES);
	return err;
}

/* What page.js fills; hidden until then. */
static void page_graph(struct report *r)
{
	lockdag_text_add(r->out,
		"<section id=\"graph\" hidden><h2>The whole graph</h2><div class=\"bar\">"
		"<input type=\"search\" id=\"search\" aria-label=\"search classes\" "
		"placeholder=\"search: name, "
		"type, module, place\"><select id=\"module\" aria-label=\"module\"><option "
		"value=\"\">any "
		"module</option></select><select id=\"type\" aria-label=\"type\"><option "
		"value=\"\">any type"
		"</option></select><select id=\"grade\" aria-label=\"grade\"><option "
		"value=\"0\">any</option>"
		"<option value=\"1\">in a finding</option><option value=\"2\">possible or "
		"stronger</option>"
		"<option value=\"6\">happened</option></select><label><input type=\"checkbox\" "
		"id=\"lone\">"
		"also without edges</label><span class=\"soft\" id=\"matches\" "
		"role=\"status\"></span></div>"
		"<canvas id=\"map\" role=\"img\" aria-label=\"all classes: what is taken first is "
		"on the left\">"
		"</canvas><p class=\"soft\">Each dot is a class; what is taken first is on the "
		"left. Thick lines "
		"stand against the learned order.</p>"
		"<div class=\"two\"><ul id=\"classes\"></ul><div class=\"card\" id=\"class\" "
		"hidden>"
		"<h3 class=\"mono\" id=\"class-name\"></h3><p class=\"soft\" id=\"class-what\"></p>"
		"<ul id=\"of-findings\"></ul><svg id=\"near\" "
		"xmlns=\"http://www.w3.org/2000/svg\"></svg>"
		"<h4>held while it is asked "
		"for</h4><table><thead><tr><th>class</th><th>seen</th><th>held since"
		"</th><th>asked at</th><th></th></tr></thead><tbody id=\"before\"></tbody></table>"
		"<h4>asked for while it is "
		"held</h4><table><thead><tr><th>class</th><th>seen</th><th>held since"
		"</th><th>asked at</th><th></th></tr></thead><tbody id=\"after\"></tbody></table>"
		"</div></div></section>\n");
}

static void page_end(struct report *r)
{
	lockdag_text_add(r->out,
		"<div id=\"cuts\" hidden role=\"status\"><span id=\"cut-result\"></span> "
		"<span id=\"cut-list\"></span></div>\n"
		"<p class=\"soft\"><kbd>j</kbd> <kbd>k</kbd> next, previous finding; <kbd>/</kbd> "
		"search; "
		"<kbd>u</kbd> undo all cuts; <kbd>t</kbd> theme.");
	if (r->options->version)
		page_element(r->out, " lockdag ", r->options->version, "");
	lockdag_text_add(r->out, "</p>\n</main>\n");
}

int report_html(struct report *r, const struct lockdag_findings *f,
	const struct lockdag_report_facts *facts)
{
	static const char *const bounded[] = {REPORT_BOUNDED};
	int err;

	page_head(r);
	page_summary(r, f, facts);
	page_sentences(r, "Bounds", bounded, f->bounded);
	err = page_findings(r, f);
	page_plan(r, f);
	page_graph(r);
	page_sentences(r, "Notes", facts ? facts->notes : NULL, facts ? facts->n_notes : 0);
	page_sentences(r, "Not watched", facts ? facts->not_watched : NULL,
		facts ? facts->n_not_watched : 0);
	page_end(r);
	if (!err)
		err = page_data(r, f);
	lockdag_text_add(r->out, "<script>");
	lockdag_text_add_n(r->out, (const char *)REPORT_PAGE_JS, sizeof(REPORT_PAGE_JS));
	lockdag_text_add(r->out, "</script>\n</body>\n</html>\n");
	return err;
}
