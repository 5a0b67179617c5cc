/* SPDX-License-Identifier: MIT
 *
 * What several renderers say in the same words.
 */
#include "report/render.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>

bool report_shows(const struct report *r, const struct lockdag_finding *f)
{
	return f->grade != LOCKDAG_UNLIKELY || r->options->show_unlikely;
}

void report_add_title(struct lockdag_text *t, const struct lockdag_finding *f)
{
	report_escape(t, f->title ? f->title : lockdag_finding_kind_word(f->kind));
}

void report_finding_line(struct lockdag_text *t, const struct lockdag_finding *f)
{
	for (const char *word = lockdag_grade_word(f->grade); *word; word++)
		lockdag_text_addf(t, "%c", toupper((unsigned char)*word));
	lockdag_text_add(t, "  ");
	report_add_title(t, f);
	lockdag_text_addf(t, "  id %016llx", (unsigned long long)f->id);
}

static int story_parts(struct report *r, const struct lockdag_finding *f, struct lockdag_text *t)
{
	struct report_names names = {0};
	struct report_part *parts = NULL;
	size_t n = 0;
	int err = report_names_init(&names, r->m, f);

	if (!err)
		err = report_parts(r, f, &names, &parts, &n);
	for (size_t i = 0; !err && i < n; i++)
		lockdag_text_addf(t, "%s %s %s\n", parts[i].who, parts[i].holds, parts[i].waits);
	if (!err)
		report_parts_free(parts, n);
	report_names_done(&names);
	return err;
}

static int story_places(struct report *r, const struct lockdag_finding *f, struct lockdag_text *t)
{
	struct report into = *r;

	into.out = t;
	return report_misuse_lines(&into, "", f);
}

int report_add_story(struct report *r, const struct lockdag_finding *f, struct lockdag_text *t)
{
	char *cut;
	int err = 0;

	if (f->kind == LOCKDAG_FINDING_CYCLE)
		err = story_parts(r, f, t);
	if (!err && f->n_places)
		err = story_places(r, f, t);
	lockdag_text_add(t, "why: ");
	report_escape(t, f->reason ? f->reason : "not said");
	if (!err && report_cut_line(f, &cut)) {
		err = cut ? 0 : -ENOMEM;
		lockdag_text_add(t, "\ncut: ");
		report_escape(t, cut);
		free(cut);
	}
	return err;
}

static const struct lockdag_stack *story_link_stack(
	const struct report *r, const struct lockdag_link *link)
{
	struct report_seen seen = report_seen(r->m, link, 0);

	if (seen.wait_at)
		return seen.wait_at;
	return seen.held_at ? seen.held_at : seen.signal_at;
}

const struct lockdag_stack *report_main_stack(
	const struct report *r, const struct lockdag_finding *f)
{
	const struct lockdag_stack *stack = NULL;

	for (size_t i = 0; !stack && i < f->n_places; i++)
		stack = report_stack(r->m, f->places[i].stack);
	for (size_t i = 0; !stack && f->links && i < f->n_locks; i++)
		if (f->links[i].back)
			stack = story_link_stack(r, &f->links[i]);
	for (size_t i = 0; !stack && f->links && i < f->n_locks; i++)
		stack = story_link_stack(r, &f->links[i]);
	return stack;
}

const char *report_path(const struct report *r, const char *file)
{
	const struct lockdag_report_tree *tree = r->options->tree;
	const char *found = tree && tree->find ? tree->find(tree->context, file) : NULL;

	return found ? found : file;
}
