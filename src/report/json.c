/* SPDX-License-Identifier: MIT
 *
 * The report for programs: docs/report-json.md, held to docs/report.schema.json by a test.
 */
#include "report/render.h"
#include "report/values.h"

#include <errno.h>
#include <jansson.h>
#include <stdlib.h>

#define JSON_VERSION 1 /* of the format: changes when a reader of the old one would be misled */

json_t *report_json_frame(const struct lockdag_frame *frame, int *err)
{
	json_t *o = json_object();

	report_json_put(o, "function", report_json_text(frame->function), err);
	report_json_put(o, "file", report_json_text(frame->file), err);
	report_json_put(o, "line", frame->line ? report_json_count(frame->line) : json_null(), err);
	report_json_put(o, "module", report_json_text(frame->module), err);
	report_json_put(o, "offset", frame->offset ? report_json_count(frame->offset) : json_null(), err);
	report_json_put(o, "inlined", json_boolean(frame->inlined), err);
	return o;
}

static json_t *json_stack(const struct lockdag_stack *stack, int *err)
{
	json_t *a = json_array();

	for (size_t i = 0; stack && i < stack->n_frames; i++)
		report_json_push(a, report_json_frame(&stack->frames[i], err), err);
	return a;
}

static json_t *json_mode(enum lockdag_mode mode)
{
	static const char *const words[LOCKDAG_N_MODES] = {
		[LOCKDAG_EXCLUSIVE] = "exclusive",
		[LOCKDAG_READ_RECURSIVE] = "read_recursive",
		[LOCKDAG_READ] = "read",
	};

	return (unsigned)mode < LOCKDAG_N_MODES ? json_string(words[mode]) : json_null();
}

static void json_thread(const struct lockdag_model *m, uint32_t thread, json_t *o, int *err)
{
	const struct lockdag_thread *t = report_thread(m, thread);
	char buffer[REPORT_NAME_SIZE];
	bool known = t && t->process < m->processes.n;

	report_json_put(o, "thread",
		t ? report_json_text(lockdag_model_thread_name(m, thread, buffer, sizeof(buffer)))
		  : json_null(),
		err);
	report_json_put(o, "tid", t ? json_integer(t->tid) : json_null(), err);
	report_json_put(o, "pid", known ? json_integer(m->processes.items[t->process].pid) : json_null(),
		err);
}

static json_t *json_lock_name(const struct lockdag_model *m, uint32_t lock)
{
	char buffer[REPORT_NAME_SIZE];

	if (lock >= m->locks.n)
		return json_null();
	return report_json_text(lockdag_model_lock_name(m, lock, buffer, sizeof(buffer)));
}

/* Names of the locks held besides the link's own. */
static json_t *json_also_held(
	const struct lockdag_model *m, const struct report_seen *seen, int *err)
{
	json_t *names = json_array();

	for (uint32_t i = 0; i < seen->n_held; i++) {
		const struct lockdag_held *h = &m->held.items[seen->acquire->held + i];

		if (h != seen->held && h->lock < m->locks.n)
			report_json_push(names, json_lock_name(m, h->lock), err);
	}
	return names;
}

/* The handler, and where it was seen; or the fork, and who holds the lock over it. */
static json_t *json_through(
	const struct lockdag_model *m, const struct report_seen *seen, int *err)
{
	bool fork = seen->through == LOCKDAG_THROUGH_FORK;
	json_t *o = json_object();

	report_json_put(o, "kind", json_string(fork ? "fork" : "handler"), err);
	if (fork)
		report_json_put(o, "fork_at", json_stack(seen->fork_at, err), err);
	else
		report_json_put(o, "name", json_lock_name(m, seen->by), err);
	json_thread(m, seen->other, o, err);
	return o;
}

static json_t *json_exemplar(
	const struct lockdag_model *m, const struct report_seen *seen, int *err)
{
	json_t *o = json_object();

	json_thread(m, seen->thread, o, err);
	report_json_put(o, "held_at", json_stack(seen->held_at, err), err);
	report_json_put(o, "wait_at", json_stack(seen->wait_at, err), err);
	if (seen->under == REPORT_SIGNALS)
		report_json_put(o, "discharge_at", json_stack(seen->signal_at, err), err);
	if (seen->began_at)
		report_json_put(o, "began_at", json_stack(seen->began_at, err), err);
	report_json_put(o, "held_mode",
		report_held(seen) ? json_mode(report_held(seen)->mode) : json_null(), err);
	report_json_put(o, "wait_mode", seen->known ? json_mode(seen->asked.mode) : json_null(), err);
	if (seen->asked.flags & LOCKDAG_ACQUIRE_TIMED)
		report_json_put(o, "timeout_ms", report_json_count(seen->timeout_ms), err);
	report_json_put(o, "also_held", json_also_held(m, seen, err), err);
	if (seen->through)
		report_json_put(o, "through", json_through(m, seen, err), err);
	return o;
}

static json_t *json_name(const struct lockdag_model *m, const struct lockdag_finding_lock *lock)
{
	json_t *name;

	if (lock->name)
		return report_json_text(lock->name);
	name = json_lock_name(m, lock->lock);
	return json_is_null(name) ? report_json_text(lockdag_lock_type_word(lock->type)) : name;
}

static json_t *json_edge(
	const struct lockdag_model *m, const struct lockdag_finding *f, size_t i, int *err)
{
	const struct lockdag_link *link = &f->links[i];
	json_t *o = json_object(), *exemplars = json_array();
	size_t to = (i + 1) % f->n_locks;

	report_json_put(o, "from", json_name(m, &f->locks[i]), err);
	report_json_put(o, "to", json_name(m, &f->locks[to]), err);
	report_json_put(o, "from_index", report_json_count(i), err);
	report_json_put(o, "to_index", report_json_count(to), err);
	for (size_t e = 0; e < report_n_exemplars(link); e++) {
		struct report_seen seen = report_seen(m, link, e);

		report_json_push(exemplars, json_exemplar(m, &seen, err), err);
	}
	report_json_put(o, "exemplars", exemplars, err);
	report_json_put(o, "back", json_boolean(link->back), err);
	return o;
}

/* usages: NULL where the finding is not about signal handlers. */
static json_t *json_lock(const struct lockdag_model *m, const struct lockdag_finding_lock *lock,
	const struct report_usages *usages, int *err)
{
	unsigned usage = usages ? report_usage(usages, m, lock->lock) : 0;
	json_t *o = json_object();
	char mask[5];

	report_json_put(o, "name", json_name(m, lock), err);
	report_json_put(o, "type", json_string(lockdag_lock_type_word(lock->type)), err);
	report_json_put(o, "where", report_json_text(lock->where), err);
	report_json_put(o, "key", report_json_text(lock->key), err);
	if (usages) {
		report_json_put(o, "usage", json_string(report_usage_mask(usages, usage, mask)), err);
		report_json_put(o, "used", report_json_text(report_usage_words(usage)), err);
	}
	return o;
}

static json_t *json_writer(const struct lockdag_model *m, const struct lockdag_acquire *w, int *err)
{
	json_t *o = json_object();

	json_thread(m, w->thread, o, err);
	report_json_put(o, "lock", json_lock_name(m, w->lock), err);
	report_json_put(o, "wait_at", json_stack(report_stack(m, w->stack), err), err);
	return o;
}

static json_t *json_places(
	const struct lockdag_model *m, const struct lockdag_finding *f, int *err)
{
	json_t *places = json_array();

	for (size_t i = 0; i < f->n_places; i++) {
		json_t *o = json_object();

		report_json_put(o, "what", json_string(f->places[i].what), err);
		json_thread(m, f->places[i].thread, o, err);
		report_json_put(o, "at", json_stack(report_stack(m, f->places[i].stack), err), err);
		report_json_push(places, o, err);
	}
	return places;
}

static json_t *json_cut_places(const struct lockdag_cut *cut, int *err)
{
	json_t *places = json_array();

	for (size_t i = 0; i < cut->n_named; i++) {
		const struct lockdag_cut_place *p = &cut->places[i];
		json_t *o = json_object();

		report_json_put(o, "held", p->held ? report_json_frame(p->held, err) : json_null(), err);
		report_json_put(o, "asked", p->asked ? report_json_frame(p->asked, err) : json_null(), err);
		report_json_put(o, "calls", report_json_text(p->callee ? p->callee->function : NULL), err);
		report_json_push(places, o, err);
	}
	return places;
}

static json_t *json_cut(
	const struct lockdag_model *m, const struct lockdag_finding *f, int *err)
{
	const struct lockdag_cut *cut = f->cut;
	json_t *o;

	if (!cut || cut->from >= f->n_locks || cut->to >= f->n_locks)
		return json_null();
	o = json_object();
	report_json_put(o, "from", json_name(m, &f->locks[cut->from]), err);
	report_json_put(o, "to", json_name(m, &f->locks[cut->to]), err);
	report_json_put(o, "from_index", report_json_count(cut->from), err);
	report_json_put(o, "to_index", report_json_count(cut->to), err);
	report_json_put(o, "kind", json_string(lockdag_cut_kind_word(cut->kind)), err);
	report_json_put(o, "advice", report_json_text(cut->advice), err);
	report_json_put(o, "order", report_json_text(cut->order), err);
	report_json_put(o, "meets", report_json_text(cut->meets), err);
	report_json_put(o, "n_places", report_json_count(cut->n_places), err);
	report_json_put(o, "places", json_cut_places(cut, err), err);
	report_json_put(o, "cost", report_json_count(cut->cost), err);
	report_json_put(o, "clears", report_json_count(cut->n_clears), err);
	report_json_put(o, "of", report_json_count(cut->n_findings), err);
	return o;
}

static json_t *json_plan(
	const struct lockdag_model *m, const struct lockdag_findings *f, int *err)
{
	json_t *cuts = json_array();

	for (size_t i = 0; f->plan && i < f->plan->n; i++) {
		const struct lockdag_finding *finding;
		char id[17];
		json_t *o;

		if (f->plan->items[i] >= f->n)
			continue;
		finding = &f->items[f->plan->items[i]];
		o = json_cut(m, finding, err);
		snprintf(id, sizeof(id), "%016llx", (unsigned long long)finding->id);
		if (json_is_object(o))
			report_json_put(o, "finding", json_string(id), err);
		report_json_push(cuts, o, err);
	}
	return cuts;
}

static json_t *json_finding(
	const struct lockdag_model *m, const struct lockdag_finding *f, int *err)
{
	json_t *o = json_object(), *locks = json_array(), *edges = json_array();
	struct report_usages usages = {0};
	char id[17];

	if (report_leads_through(f, LOCKDAG_THROUGH_HANDLER) && report_usages_init(&usages, m))
		*err = -ENOMEM;

	snprintf(id, sizeof(id), "%016llx", (unsigned long long)f->id);
	report_json_put(o, "id", json_string(id), err);
	report_json_put(o, "kind", json_string(lockdag_finding_kind_word(f->kind)), err);
	report_json_put(o, "grade", json_string(lockdag_grade_word(f->grade)), err);
	report_json_put(o, "reason", report_json_text(f->reason ? f->reason : ""), err);
	report_json_put(o, "title", report_json_text(f->title ? f->title : ""), err);
	if (f->grade == LOCKDAG_UNLIKELY)
		report_json_put(o, "ruled_out_by", json_string(lockdag_ruled_word(f->ruled)), err);
	for (size_t i = 0; i < f->n_locks; i++) {
		report_json_push(locks,
			json_lock(m, &f->locks[i], usages.used ? &usages : NULL, err), err);
		if (f->kind == LOCKDAG_FINDING_CYCLE)
			report_json_push(edges, json_edge(m, f, i, err), err);
	}
	if (f->kind == LOCKDAG_FINDING_MISUSE) {
		report_json_put(o, "rule", json_string(lockdag_misuse_word(f->rule)), err);
		report_json_put(o, "places", json_places(m, f, err), err);
	}
	if (f->standstill)
		report_json_standstill(f->standstill, o, err);
	report_json_put(o, "locks", locks, err);
	report_json_put(o, "edges", edges, err);
	if (f->cut)
		report_json_put(o, "cut", json_cut(m, f, err), err);
	if (report_writer(m, f))
		report_json_put(o, "writer", json_writer(m, report_writer(m, f), err), err);
	report_usages_done(&usages);
	return o;
}

static json_t *json_hidden(const struct lockdag_findings *f, int *err)
{
	json_t *o = json_object();

	for (int i = LOCKDAG_RULED_NOT + 1; i < LOCKDAG_N_RULED; i++)
		report_json_put(o, lockdag_ruled_word((enum lockdag_ruled)i), report_json_count(f->hidden[i]),
			err);
	return o;
}

static json_t *json_sentences(const char *const *sentences, size_t n, int *err)
{
	json_t *a = json_array();

	for (size_t i = 0; i < n; i++)
		report_json_push(a, report_json_text(sentences[i] ? sentences[i] : ""), err);
	return a;
}

/* Without facts the model and the graph say what they can. */
static json_t *json_stats(const struct lockdag_model *m, const struct lockdag_findings *f,
	const struct lockdag_report_facts *facts, int *err)
{
	json_t *o = json_object();

	report_json_put(o, "processes", report_json_count(facts ? facts->processes : m->processes.n), err);
	report_json_put(o, "threads", report_json_count(facts ? facts->threads : m->threads.n), err);
	report_json_put(o, "classes", report_json_count(facts ? facts->classes : f->n_classes), err);
	report_json_put(o, "locks", report_json_count(facts ? facts->locks : m->locks.n), err);
	report_json_put(o, "edges", report_json_count(facts ? facts->edges : f->n_edges), err);
	report_json_put(o, "acquisitions", report_json_count(facts ? facts->acquisitions : m->acquires.n), err);
	report_json_put(o, "bounded", json_boolean(f->bounded), err);
	return o;
}

int report_json_finding(struct report *r, const struct lockdag_finding *f)
{
	int err = 0;
	json_t *o = json_finding(r->m, f, &err);

	return report_json_print(r->out, o, JSON_COMPACT, err);
}

static json_t *json_suppressions(const struct lockdag_report_facts *facts, int *err)
{
	json_t *a = json_array();

	for (size_t i = 0; i < facts->n_suppressions; i++) {
		const struct lockdag_report_suppression *x = &facts->suppressions[i];
		json_t *o = json_object();

		report_json_put(o, "name", report_json_text(x->name), err);
		report_json_put(o, "file", report_json_text(x->file), err);
		report_json_put(o, "line", report_json_count(x->line), err);
		report_json_put(o, "findings", report_json_count(x->n), err);
		report_json_push(a, o, err);
	}
	return a;
}

int report_json(struct report *r, const struct lockdag_findings *f,
	const struct lockdag_report_facts *facts)
{
	json_t *o = json_object(), *findings = json_array(), *notes;
	int err = 0;

	report_json_put(o, "version", json_integer(JSON_VERSION), &err);
	report_json_put(o, "command", report_json_text(facts ? facts->command : NULL), &err);
	for (size_t i = 0; i < f->n; i++) {
		if (f->items[i].grade != LOCKDAG_UNLIKELY || r->options->show_unlikely)
			report_json_push(findings, json_finding(r->m, &f->items[i], &err), &err);
	}
	report_json_put(o, "findings", findings, &err);
	if (f->plan) {
		report_json_put(o, "cuts", json_plan(r->m, f, &err), &err);
		report_json_put(o, "cut_changes", report_json_count(f->plan->n_changes), &err);
		report_json_put(o, "cut_at_least", report_json_count(f->plan->at_least), &err);
	}
	report_json_put(o, "hidden", json_hidden(f, &err), &err);
	notes = json_sentences(facts ? facts->notes : NULL, facts ? facts->n_notes : 0, &err);
	if (f->bounded)
		report_json_push(notes, json_string(REPORT_BOUNDED), &err);
	report_json_put(o, "notes", notes, &err);
	report_json_put(o, "not_watched",
		json_sentences(
			facts ? facts->not_watched : NULL, facts ? facts->n_not_watched : 0, &err),
		&err);
	if (facts && facts->n_suppressions) {
		report_json_put(o, "suppressed", report_json_count(report_n_suppressed(facts)), &err);
		report_json_put(o, "suppressions", json_suppressions(facts, &err), &err);
	}
	report_json_put(o, "stats", json_stats(r->m, f, facts, &err), &err);
	return report_json_print(r->out, o, JSON_INDENT(2), err);
}
