/* SPDX-License-Identifier: MIT
 *
 * Findings as text (docs/model.md): for fixtures and for comparing two runs.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#include "base/text.h"
#include "core/core.h"

static void findings_link(struct lockdag_text *t, const struct lockdag_model *m,
	const struct lockdag_finding *f, const struct lockdag_link *link)
{
	const struct lockdag_exemplar *e = &link->exemplars[0];
	static const char *const through[] = {"", "in a handler, acquire", "after a fork, acquire"};
	char name[256];
	bool signal = e->discharge != LOCKDAG_NONE;
	uint32_t thread = signal ? m->discharges.items[e->discharge].thread
				 : m->acquires.items[e->acquire].thread;

	lockdag_text_addf(t, "  link %s -> %s by %s, %s %" PRIu32 "%s, %zu kept%s\n",
		f->locks[link->from].name, f->locks[link->to].name,
		lockdag_model_thread_name(m, thread, name, sizeof(name)),
		signal ? "discharge" : link->through ? through[link->through] : "acquire",
		signal ? e->discharge : e->acquire,
		!signal && e->asked < m->acquires.items[e->acquire].n_held ? " before" : "",
		link->n_exemplars, link->back ? ", back" : "");
}

static void findings_one(
	struct lockdag_text *t, const struct lockdag_model *m, const struct lockdag_finding *f)
{
	char name[256];

	lockdag_text_addf(t, "%s", lockdag_grade_word(f->grade));
	if (f->grade == LOCKDAG_UNLIKELY)
		lockdag_text_addf(t, " %s", lockdag_ruled_word(f->ruled));
	lockdag_text_addf(
		t, " %s %016" PRIx64 " %s\n", lockdag_finding_kind_word(f->kind), f->id, f->title);
	lockdag_text_addf(t, "  why %s\n", f->reason);
	for (size_t i = 0; i < f->n_locks && f->links; i++)
		findings_link(t, m, f, &f->links[i]);
	if (f->cut)
		lockdag_text_addf(t, "  cut %s %s -> %s, %zu places, clears %zu of %zu\n",
			lockdag_cut_kind_word(f->cut->kind), f->locks[f->cut->from].name,
			f->locks[f->cut->to].name, f->cut->n_places, f->cut->n_clears,
			f->cut->n_findings);
	for (size_t i = 0; i < f->n_places; i++)
		lockdag_text_addf(t, "  place %s by %s\n", f->places[i].what,
			lockdag_model_thread_name(m, f->places[i].thread, name, sizeof(name)));
	if (f->writer != LOCKDAG_NONE)
		lockdag_text_addf(t, "  writer %s, acquire %" PRIu32 "\n",
			lockdag_model_thread_name(
				m, m->acquires.items[f->writer].thread, name, sizeof(name)),
			f->writer);
}

int lockdag_findings_print(
	const struct lockdag_model *m, const struct lockdag_findings *f, char **ret_text)
{
	struct lockdag_text t = {0};
	char *s;

	for (size_t i = 0; i < f->n; i++)
		findings_one(&t, m, &f->items[i]);
	lockdag_text_addf(&t, "total %zu findings, %zu classes, %zu edges%s\n", f->n, f->n_classes,
		f->n_edges, f->bounded ? ", bounded" : "");
	s = lockdag_text_take(&t);
	if (!s)
		return -ENOMEM;
	*ret_text = s;
	return 0;
}
