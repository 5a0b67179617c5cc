/* SPDX-License-Identifier: MIT
 *
 * Annotations of GitHub Actions: lines of workflow commands, which put each finding at its line in
 * the pull request. A command ends at the line's end; %, CR and LF are escaped in it, in its
 * properties also : and the comma (GitHub's documentation of workflow commands).
 */
#include "report/render.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static void github_escape(struct lockdag_text *t, const char *s, bool property)
{
	for (; *s; s++) {
		if (*s == '%' || *s == '\r' || *s == '\n' || (property && (*s == ':' || *s == ',')))
			lockdag_text_addf(t, "%%%02X", (unsigned char)*s);
		else
			lockdag_text_add_n(t, s, 1);
	}
}

/* Appends ",NAME=" and what is said in the text, which is taken. */
static void github_property(
	struct lockdag_text *t, const char *before, const char *name, struct lockdag_text *value)
{
	char *s = lockdag_text_take(value);

	if (!s) {
		t->failed = true;
		return;
	}
	lockdag_text_addf(t, "%s%s=", before, name);
	github_escape(t, s, true);
	free(s);
}

static const char *github_command(enum lockdag_grade grade)
{
	if (grade == LOCKDAG_UNLIKELY)
		return "notice";
	return grade == LOCKDAG_POSSIBLE ? "warning" : "error";
}

static int github_finding(struct report *r, const struct lockdag_finding *f)
{
	const struct lockdag_frame *place = report_place(report_main_stack(r, f));
	struct lockdag_text value = {0}, body = {0};
	const char *before = " ";
	char *message;
	int err;

	lockdag_text_addf(r->out, "::%s", github_command(f->grade));
	if (place && place->file) {
		report_escape(&value, report_path(r, place->file));
		github_property(r->out, before, "file", &value);
		before = ",";
		if (place->line)
			lockdag_text_addf(r->out, ",line=%u", place->line);
	}
	lockdag_text_addf(&value, "lockdag: %s ", lockdag_grade_word(f->grade));
	report_add_title(&value, f);
	github_property(r->out, before, "title", &value);
	lockdag_text_add(r->out, "::");
	err = report_add_story(r, f, &body);
	message = lockdag_text_take(&body);
	if (!err && !message)
		err = -ENOMEM;
	if (!err)
		github_escape(r->out, message, false);
	lockdag_text_add(r->out, "\n");
	free(message);
	return err;
}

int report_github(struct report *r, const struct lockdag_findings *f,
	const struct lockdag_report_facts *facts)
{
	struct lockdag_text summary = {0};
	struct report into = *r;
	char *words;
	int err = 0;

	for (size_t i = 0; i < f->n && !err; i++)
		if (report_shows(r, &f->items[i]))
			err = github_finding(r, &f->items[i]);
	into.out = &summary;
	report_summary(&into, f, facts);
	report_notes(&into, f, facts);
	words = lockdag_text_take(&summary);
	if (!words)
		return -ENOMEM;
	lockdag_text_add(r->out, "::notice title=lockdag::");
	for (size_t n = strlen(words); n && words[n - 1] == '\n'; n--)
		words[n - 1] = 0;
	github_escape(r->out, words, false);
	lockdag_text_add(r->out, "\n");
	free(words);
	return err;
}
