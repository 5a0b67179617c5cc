/* SPDX-License-Identifier: MIT
 *
 * JUnit's XML, as CI servers read it: one test case for each finding, failed unless it was ruled
 * out; one that passed when there is none.
 */
#include "report/render.h"

#include <errno.h>
#include <stdlib.h>

void report_xml(struct lockdag_text *t, const char *s)
{
	for (; *s; s++) {
		const char *entity = *s == '&'    ? "&amp;"
				     : *s == '<'  ? "&lt;"
				     : *s == '>'  ? "&gt;"
				     : *s == '"'  ? "&quot;"
				     : *s == '\'' ? "&#39;"
						  : NULL;

		if (entity)
			lockdag_text_add(t, entity);
		else
			lockdag_text_add_n(t, s, 1);
	}
}

/* Appends the text, which is taken, as XML. */
static void junit_take(struct lockdag_text *t, struct lockdag_text *text)
{
	char *s = lockdag_text_take(text);

	if (!s) {
		t->failed = true;
		return;
	}
	report_xml(t, s);
	free(s);
}

static int junit_finding(struct report *r, const struct lockdag_finding *f)
{
	const bool ruled_out = f->grade == LOCKDAG_UNLIKELY;
	const struct lockdag_report_options plain = {.columns = r->options->columns};
	struct lockdag_text text = {0};
	struct report into = {.out = &text, .m = r->m, .options = &plain};
	int err;

	lockdag_text_addf(r->out, "    <testcase classname=\"lockdag.%s\" name=\"",
		lockdag_finding_kind_word(f->kind));
	report_add_title(&text, f);
	junit_take(r->out, &text);
	lockdag_text_addf(r->out, " [%016llx]\">\n      <%s message=\"", (unsigned long long)f->id,
		ruled_out ? "skipped" : "failure");
	lockdag_text_addf(&text, "%s: ", lockdag_grade_word(f->grade));
	report_escape(&text, f->reason ? f->reason : "");
	junit_take(r->out, &text);
	lockdag_text_add(r->out, "\"");
	if (ruled_out) {
		lockdag_text_add(r->out, "/>\n    </testcase>\n");
		return 0;
	}
	lockdag_text_addf(r->out, " type=\"%s\">", lockdag_grade_word(f->grade));
	err = report_text_finding(&into, f);
	if (err)
		lockdag_text_clear(&text);
	else
		junit_take(r->out, &text);
	lockdag_text_add(r->out, "</failure>\n    </testcase>\n");
	return err;
}

int report_junit(struct report *r, const struct lockdag_findings *f,
	const struct lockdag_report_facts *facts)
{
	struct lockdag_text text = {0};
	struct report into = *r;
	size_t tests = 0, skipped = 0;
	int err = 0;

	for (size_t i = 0; i < f->n; i++) {
		tests += report_shows(r, &f->items[i]);
		skipped += report_shows(r, &f->items[i]) && f->items[i].grade == LOCKDAG_UNLIKELY;
	}
	lockdag_text_addf(r->out,
		"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n"
		"  <testsuite name=\"lockdag\" tests=\"%zu\" failures=\"%zu\" errors=\"0\" "
		"skipped=\"%zu\">\n",
		tests ? tests : 1, tests - skipped, skipped);
	for (size_t i = 0; i < f->n && !err; i++)
		if (report_shows(r, &f->items[i]))
			err = junit_finding(r, &f->items[i]);
	if (!tests)
		lockdag_text_add(r->out, "    <testcase classname=\"lockdag\" name=\"no "
					 "lock-order cycle found\"/>\n");
	into.out = &text;
	report_summary(&into, f, facts);
	report_notes(&into, f, facts);
	lockdag_text_add(r->out, "    <system-out>");
	junit_take(r->out, &text);
	lockdag_text_add(r->out, "</system-out>\n  </testsuite>\n</testsuites>\n");
	return err;
}
