/* SPDX-License-Identifier: MIT
 *
 * Where to cut: a line for each finding, and one for all of them together.
 */
#include "report/render.h"

#include <stdlib.h>

/* "a -> b, one place: in f(), take b first (f.c:8). Clears 1 of 1." */
static char *cut_line(
	const struct lockdag_finding *f, const struct lockdag_cut *cut, size_t n_findings)
{
	struct lockdag_text t = {0};

	lockdag_text_addf(&t, "%s -> %s, ", f->locks[cut->from].name, f->locks[cut->to].name);
	if (cut->n_places == 1)
		lockdag_text_add(&t, "one place");
	else
		lockdag_text_addf(&t, "%zu places", cut->n_places);
	lockdag_text_addf(&t, ": %s. Clears %zu of %zu.", cut->advice, cut->n_clears, n_findings);
	if (f->n_locks > 2 && cut->order)
		lockdag_text_addf(&t, " The order is then %s.", cut->order);
	if (cut->meets)
		lockdag_text_addf(&t,
			" But %s before %s would meet %s, which was seen too.",
			f->locks[cut->to].name, f->locks[cut->from].name, cut->meets);
	return lockdag_text_take(&t);
}

static bool cut_is_whole(const struct lockdag_finding *f)
{
	return f->cut && f->cut->from < f->n_locks && f->cut->to < f->n_locks && f->cut->advice &&
	       f->locks[f->cut->from].name && f->locks[f->cut->to].name;
}

bool report_cut_line(const struct lockdag_finding *f, char **ret_line)
{
	*ret_line = NULL;
	if (!cut_is_whole(f))
		return false;
	*ret_line = cut_line(f, f->cut, f->cut->n_findings ? f->cut->n_findings : 1);
	return true;
}

void report_cut(struct report *r, const struct lockdag_finding *f)
{
	char *line;

	if (!report_cut_line(f, &line))
		return;
	if (line)
		report_wrap(r, "  cut: ", line);
	else
		r->out->failed = true;
	free(line);
}

/* "cut: 2 changes clear all 3; at least 2 are needed". Of one finding its own line says it. */
void report_cut_plan(struct report *r, const struct lockdag_findings *f)
{
	const struct lockdag_cut_plan *p = f->plan;

	if (!p || p->n_findings < 2 || !p->n)
		return;
	lockdag_text_addf(r->out, "\ncut: %zu change%s clear%s all %zu", p->n_changes,
		p->n_changes == 1 ? "" : "s", p->n_changes == 1 ? "s" : "", p->n_findings);
	if (p->n_changes > 1)
		lockdag_text_addf(r->out, "; at least %zu %s needed", p->at_least,
			p->at_least == 1 ? "is" : "are");
	lockdag_text_add(r->out, "\n");
	for (size_t i = 0; i < p->n; i++) {
		const struct lockdag_finding *finding =
			p->items[i] < f->n ? &f->items[p->items[i]] : NULL;
		char *line = finding && cut_is_whole(finding)
				     ? cut_line(finding, finding->cut, p->n_findings)
				     : NULL;

		if (line)
			report_wrap(r, "  - ", line);
		free(line);
	}
}
