/* SPDX-License-Identifier: MIT
 *
 * SARIF 2.1.0 (OASIS, 2020): one run; a rule for each kind of finding and for each misuse; a result
 * for each finding with its places as physical locations, and a code flow with a thread flow for
 * each thread. Suppressed findings are results too, and say so: who shows them takes them for closed.
 */
#include "report/render.h"
#include "report/values.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define SARIF_SCHEMA                                                                               \
	"https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/"                      \
	"sarif-schema-2.1.0.json"
#define SARIF_ROOT "%SRCROOT%"

struct sarif {
	struct report *r;
	bool suppressing; /* there are suppressions */
	int err;
};

/* ------------------------------------------------------------------ places */

/* Percent-encodes what may not stand in a URI's path. */
static json_t *sarif_uri(const char *before, const char *path)
{
	static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				    "0123456789-._~/";
	struct lockdag_text t = {0};
	json_t *value;
	char *s;

	lockdag_text_add(&t, before);
	for (; *path; path++)
		lockdag_text_addf(&t, strchr(plain, *path) ? "%c" : "%%%02X", (unsigned char)*path);
	s = lockdag_text_take(&t);
	value = s ? json_string(s) : NULL;
	free(s);
	return value;
}

static json_t *sarif_message(struct sarif *s, json_t *text)
{
	json_t *o = json_object();

	report_json_put(o, "text", text, &s->err);
	return o;
}

static json_t *sarif_artifact(struct sarif *s, const struct lockdag_frame *frame)
{
	const struct lockdag_report_tree *tree = s->r->options->tree;
	json_t *o = json_object();
	const char *path;

	if (!frame->file) {
		report_json_put(o, "uri", sarif_uri("", frame->module ? frame->module : "unknown"),
			&s->err);
		return o;
	}
	path = report_path(s->r, frame->file);
	report_json_put(o, "uri", sarif_uri(*path == '/' ? "file://" : "", path), &s->err);
	if (*path != '/' && tree && tree->root)
		report_json_put(o, "uriBaseId", json_string(SARIF_ROOT), &s->err);
	return o;
}

static json_t *sarif_region(struct sarif *s, const struct lockdag_frame *frame)
{
	const struct lockdag_report_tree *tree = s->r->options->tree;
	json_t *o = json_object();
	const char *line = NULL;
	size_t n = 0;

	report_json_put(o, "startLine", report_json_count(frame->line), &s->err);
	if (tree && tree->line)
		line = tree->line(tree->context, frame->file, frame->line, &n);
	if (line)
		report_json_put(o, "snippet",
			sarif_message(
				s, report_json_textf("%.*s", (int)(n < 1000 ? n : 1000), line)),
			&s->err);
	return o;
}

static json_t *sarif_physical(struct sarif *s, const struct lockdag_frame *frame)
{
	json_t *o = json_object();

	report_json_put(o, "artifactLocation", sarif_artifact(s, frame), &s->err);
	if (frame->file && frame->line)
		report_json_put(o, "region", sarif_region(s, frame), &s->err);
	if (!frame->file && frame->offset) {
		json_t *address = json_object();

		report_json_put(
			address, "relativeAddress", report_json_count(frame->offset), &s->err);
		report_json_put(o, "address", address, &s->err);
	}
	return o;
}

/* message: text, which is taken, or NULL. */
static json_t *sarif_location(struct sarif *s, const struct lockdag_frame *frame, json_t *message)
{
	json_t *o = json_object();

	report_json_put(o, "physicalLocation", sarif_physical(s, frame), &s->err);
	if (frame->function) {
		json_t *names = json_array(), *name = json_object();

		report_json_put(
			name, "fullyQualifiedName", report_json_text(frame->function), &s->err);
		report_json_put(name, "kind", json_string("function"), &s->err);
		report_json_push(names, name, &s->err);
		report_json_put(o, "logicalLocations", names, &s->err);
	}
	if (message)
		report_json_put(o, "message", sarif_message(s, message), &s->err);
	return o;
}

static json_t *sarif_stack(struct sarif *s, const struct lockdag_stack *stack)
{
	json_t *o = json_object(), *frames = json_array();

	for (size_t i = 0; i < stack->n_frames; i++) {
		const bool inlined = stack->frames[i].inlined;
		json_t *frame = json_object(), *properties;

		report_json_put(frame, "location",
			sarif_location(s, &stack->frames[i],
				inlined ? json_string("inlined into the next") : NULL),
			&s->err);
		if (inlined) {
			properties = json_object();
			report_json_put(properties, "inlined", json_true(), &s->err);
			report_json_put(frame, "properties", properties, &s->err);
		}
		if (stack->frames[i].module)
			report_json_put(frame, "module", report_json_text(stack->frames[i].module),
				&s->err);
		report_json_push(frames, frame, &s->err);
	}
	report_json_put(o, "frames", frames, &s->err);
	return o;
}

/* ------------------------------------------------------------------ code flows */

/* Adds a place to a thread's flow. order: its turn in the scenario, from 1. words are taken. */
static void sarif_step(struct sarif *s, json_t *locations, const struct lockdag_stack *stack,
	size_t order, json_t *words)
{
	const struct lockdag_frame *place = report_place(stack);
	json_t *o;

	if (!place) {
		json_decref(words);
		return;
	}
	o = json_object();
	report_json_put(o, "location", sarif_location(s, place, words), &s->err);
	report_json_put(o, "stack", sarif_stack(s, stack), &s->err);
	report_json_put(o, "executionOrder", report_json_count(order), &s->err);
	report_json_push(locations, o, &s->err);
}

/* What the thread of links first .. last - 1 does: first all that it takes, then what it waits for.
 * In the scenario all threads take before any waits. */
static json_t *sarif_thread_flow(struct sarif *s, const struct lockdag_finding *f,
	const struct report_names *names, size_t first, size_t last)
{
	json_t *o = json_object(), *locations = json_array();
	struct report_seen seen = report_seen(s->r->m, &f->links[first], 0);
	char *who = report_thread_name(s->r->m, seen.thread);

	for (size_t i = first; i < last; i++) {
		seen = report_seen(s->r->m, &f->links[i], 0);
		sarif_step(s, locations, seen.held_at, i + 1,
			report_json_textf("takes %s", names->full[i]));
	}
	if (seen.began_at)
		sarif_step(s, locations, seen.began_at, first + 1,
			report_json_textf("begins with something new"));
	if (seen.through == LOCKDAG_THROUGH_FORK)
		sarif_step(s, locations, seen.fork_at, f->n_locks + last,
			report_json_textf("another thread forks meanwhile"));
	sarif_step(s, locations, seen.wait_at, f->n_locks + last,
		report_json_textf("waits for %s", names->full[last % f->n_locks]));
	if (seen.under == REPORT_SIGNALS)
		sarif_step(s, locations, seen.signal_at, 2 * f->n_locks + last,
			report_json_textf("%s %s, which it does not reach",
				report_signal_word(f->locks[first].type), names->full[first]));
	report_json_put(o, "id", report_json_text(who), &s->err);
	if (!who)
		s->err = -ENOMEM;
	free(who);
	report_json_put(o, "locations", locations, &s->err);
	if (json_array_size(locations) == 0) { /* the schema asks for one at least */
		json_decref(o);
		return NULL;
	}
	return o;
}

static json_t *sarif_place_flow(
	struct sarif *s, const struct lockdag_finding_place *place, size_t order)
{
	json_t *o, *locations;

	if (!report_place(report_stack(s->r->m, place->stack)))
		return NULL;
	o = json_object();
	locations = json_array();
	sarif_step(s, locations, report_stack(s->r->m, place->stack), order,
		report_json_text(place->what));
	if (place->thread != LOCKDAG_NONE) {
		char *who = report_thread_name(s->r->m, place->thread);

		report_json_put(o, "id", report_json_text(who), &s->err);
		free(who);
	}
	report_json_put(o, "locations", locations, &s->err);
	return o;
}

static void sarif_add_flow(struct sarif *s, json_t *flows, json_t *flow)
{
	if (flow)
		report_json_push(flows, flow, &s->err);
}

static void sarif_flows(struct sarif *s, const struct lockdag_finding *f,
	const struct report_names *names, json_t *result)
{
	json_t *flows = json_array(), *all, *one;

	for (size_t i = 0, next; f->links && i < f->n_locks; i = next) {
		next = report_next_context(f, i);
		sarif_add_flow(s, flows, sarif_thread_flow(s, f, names, i, next));
	}
	for (size_t i = f->n_places; i-- > 0;) /* the other place was before */
		sarif_add_flow(s, flows, sarif_place_flow(s, &f->places[i], f->n_places - i));
	if (json_array_size(flows) == 0) {
		json_decref(flows);
		return;
	}
	one = json_object();
	report_json_put(one, "threadFlows", flows, &s->err);
	all = json_array();
	report_json_push(all, one, &s->err);
	report_json_put(result, "codeFlows", all, &s->err);
}

/* ------------------------------------------------------------------ results */

/* In sarif_all_rules(): cycle, hang, the misuses. */
static size_t sarif_rule_index(const struct lockdag_finding *f)
{
	if (f->kind == LOCKDAG_FINDING_MISUSE)
		return 2 + (size_t)f->rule;
	return f->kind == LOCKDAG_FINDING_CYCLE ? 0 : 1;
}

static const char *sarif_level(enum lockdag_grade grade)
{
	if (grade == LOCKDAG_UNLIKELY)
		return "note";
	return grade == LOCKDAG_POSSIBLE ? "warning" : "error";
}

static json_t *sarif_story(struct sarif *s, const struct lockdag_finding *f)
{
	struct lockdag_text t = {0};
	json_t *value;
	char *text;
	int err;

	lockdag_text_addf(
		&t, "%s %s: ", lockdag_grade_word(f->grade), lockdag_finding_kind_word(f->kind));
	report_add_title(&t, f);
	lockdag_text_add(&t, "\n");
	err = report_add_story(s->r, f, &t);
	text = lockdag_text_take(&t);
	if (err || !text)
		s->err = err ? err : -ENOMEM;
	value = report_json_text(text ? text : "");
	free(text);
	return value;
}

static void sarif_locations(struct sarif *s, const struct lockdag_finding *f, json_t *result)
{
	static const struct lockdag_frame nowhere = {.module = "unknown"};
	const struct lockdag_frame *place = report_place(report_main_stack(s->r, f));
	json_t *locations = json_array();

	report_json_push(locations, sarif_location(s, place ? place : &nowhere, NULL), &s->err);
	report_json_put(result, "locations", locations, &s->err);
}

static json_t *sarif_properties(struct sarif *s, const struct lockdag_finding *f)
{
	json_t *o = json_object(), *locks = json_array();

	report_json_put(o, "grade", json_string(lockdag_grade_word(f->grade)), &s->err);
	report_json_put(o, "title", report_json_text(f->title ? f->title : ""), &s->err);
	for (size_t i = 0; i < f->n_locks; i++)
		report_json_push(locks, report_json_text(f->locks[i].key), &s->err);
	report_json_put(o, "lockKeys", locks, &s->err);
	if (f->grade == LOCKDAG_UNLIKELY)
		report_json_put(
			o, "ruledOutBy", json_string(lockdag_ruled_word(f->ruled)), &s->err);
	return o;
}

/* SARIF 3.27.23 and 3.35: somebody decided outside of the code, or nobody did; all results say which. */
static json_t *sarif_suppressions(struct sarif *s, const char *name)
{
	json_t *all = json_array(), *o;

	if (!name)
		return all;
	o = json_object();
	report_json_put(o, "kind", json_string("external"), &s->err);
	report_json_put(o, "status", json_string("accepted"), &s->err);
	report_json_put(o, "justification", report_json_text(name), &s->err);
	report_json_push(all, o, &s->err);
	return all;
}

static json_t *sarif_result(struct sarif *s, const struct lockdag_finding *f)
{
	json_t *o = json_object(), *prints = json_object();
	struct report_names names = {0};
	size_t rule = sarif_rule_index(f);

	if (f->kind == LOCKDAG_FINDING_MISUSE)
		report_json_put(o, "ruleId",
			report_json_textf("misuse/%s", lockdag_misuse_word(f->rule)), &s->err);
	else
		report_json_put(
			o, "ruleId", json_string(lockdag_finding_kind_word(f->kind)), &s->err);
	report_json_put(o, "ruleIndex", report_json_count(rule), &s->err);
	report_json_put(o, "level", json_string(sarif_level(f->grade)), &s->err);
	report_json_put(o, "message", sarif_message(s, sarif_story(s, f)), &s->err);
	sarif_locations(s, f, o);
	report_json_put(prints, "lockdagFinding/v1",
		report_json_textf("%016llx", (unsigned long long)f->id), &s->err);
	report_json_put(o, "partialFingerprints", prints, &s->err);
	if (report_names_init(&names, s->r->m, f))
		s->err = -ENOMEM;
	else
		sarif_flows(s, f, &names, o);
	report_names_done(&names);
	report_json_put(o, "properties", sarif_properties(s, f), &s->err);
	if (s->suppressing)
		report_json_put(o, "suppressions", sarif_suppressions(s, f->dropped_by), &s->err);
	return o;
}

/* ------------------------------------------------------------------ rules */

struct sarif_rule {
	const char *id, *name, *brief, *full, *help;
};

static const struct sarif_rule sarif_rules[] = {
	{"cycle", "LockOrderCycle", "Locks and waits form a cycle",
		"Each thread of the cycle holds one lock (or owes an event) while it asks for the "
		"next: "
		"when they meet, each waits for the next for ever.",
		"Take the locks in one order everywhere: look first at the link that stands "
		"against "
		"the learned order. Or release the outer lock before the inner one is asked for, "
		"take "
		"the inner one first, or try it and step back. With grade happened the deadlock "
		"was "
		"there, in the running program."},
	{"hang", "Hang", "Threads wait and nothing will wake them",
		"The threads of the program wait for each other, or for something that nobody is "
		"left to "
		"do.",
		"Each place of the finding says who waits there, and for what."},
};

#define SARIF_MISUSE_HELP                                                                          \
	"The first place is where it was done, the other one where the lock was taken, made or "   \
	"destroyed before. docs/misuse.md says what is recorded for this rule."

/* A misuse's sentence for anybody: "%T uses %L after it was destroyed". */
static json_t *sarif_sentence(const char *sentence, const char *lock)
{
	struct lockdag_text t = {0};
	json_t *value;
	char *s;

	for (const char *at = sentence; *at; at++) {
		if (*at != '%') {
			lockdag_text_add_n(&t, at, 1);
			continue;
		}
		at++;
		lockdag_text_add(&t, *at == 'T'   ? (at == sentence + 1 ? "A thread" : "a thread")
				     : *at == 'L' ? lock
				     : *at == 'M' ? "one mutex"
				     : *at == 'U' ? "another thread"
						  : "another mutex");
	}
	lockdag_text_add(&t, ".");
	s = lockdag_text_take(&t);
	value = s ? json_string(s) : NULL;
	free(s);
	return value;
}

/* full is taken. */
static json_t *sarif_rule(struct sarif *s, const struct sarif_rule *rule, json_t *full)
{
	json_t *o = json_object();

	report_json_put(o, "id", json_string(rule->id), &s->err);
	report_json_put(o, "name", json_string(rule->name), &s->err);
	report_json_put(o, "shortDescription", sarif_message(s, json_string(rule->brief)), &s->err);
	report_json_put(o, "fullDescription", sarif_message(s, full), &s->err);
	report_json_put(o, "help", sarif_message(s, json_string(rule->help)), &s->err);
	return o;
}

/* A word of misuse_rules.def as a name: "UnlockNotOwner". */
static void sarif_camel(const char *word, char *ret, size_t size)
{
	size_t n = 0;
	bool up = true;

	for (; *word && n + 1 < size; word++) {
		if (*word == '-') {
			up = true;
			continue;
		}
		ret[n++] = (char)(up && *word >= 'a' && *word <= 'z' ? *word - 'a' + 'A' : *word);
		up = false;
	}
	ret[n] = 0;
}

static json_t *sarif_all_rules(struct sarif *s)
{
	static const char *const sentences[] = {
#define MISUSE(upper, word, here, there, headline, sentence, end) sentence,
#include "base/misuse_rules.def"
#undef MISUSE
	};
	json_t *rules = json_array();

	for (size_t i = 0; i < LOCKDAG_ARRAY_SIZE(sarif_rules); i++)
		report_json_push(rules,
			sarif_rule(s, &sarif_rules[i], json_string(sarif_rules[i].full)), &s->err);
	for (size_t i = 0; i < LOCKDAG_ARRAY_SIZE(sentences); i++) {
		const char *word = lockdag_misuse_word((enum lockdag_misuse_rule)i);
		char id[64], name[64];
		const struct sarif_rule rule = {.id = id,
			.name = name,
			.brief = lockdag_misuse_headline((enum lockdag_misuse_rule)i),
			.help = SARIF_MISUSE_HELP};

		snprintf(id, sizeof(id), "misuse/%s", word);
		sarif_camel(word, name, sizeof(name));
		report_json_push(rules,
			sarif_rule(s, &rule,
				sarif_sentence(
					sentences[i], !strncmp(word, "cond", 4)  ? "a condition"
						      : !strncmp(word, "sem", 3) ? "a semaphore"
										 : "a lock")),
			&s->err);
	}
	return rules;
}

/* ------------------------------------------------------------------ the run */

static json_t *sarif_tool(struct sarif *s)
{
	json_t *tool = json_object(), *driver = json_object();

	report_json_put(driver, "name", json_string("lockdag"), &s->err);
	if (s->r->options->version)
		report_json_put(
			driver, "version", report_json_text(s->r->options->version), &s->err);
	report_json_put(driver, "rules", sarif_all_rules(s), &s->err);
	report_json_put(tool, "driver", driver, &s->err);
	return tool;
}

/* What was not watched: a reader must not take silence for clean. */
static json_t *sarif_invocations(struct sarif *s, const struct lockdag_report_facts *facts)
{
	json_t *all = json_array(), *o = json_object(), *notes = json_array();

	report_json_put(o, "executionSuccessful", json_true(), &s->err);
	if (facts && facts->command)
		report_json_put(o, "commandLine", report_json_text(facts->command), &s->err);
	for (size_t i = 0; facts && i < facts->n_not_watched; i++) {
		json_t *note = json_object();

		report_json_put(note, "level", json_string("warning"), &s->err);
		report_json_put(note, "message",
			sarif_message(
				s, report_json_textf("not watched: %s", facts->not_watched[i])),
			&s->err);
		report_json_push(notes, note, &s->err);
	}
	for (size_t i = 0; facts && i < facts->n_notes; i++) {
		json_t *note = json_object();

		report_json_put(note, "level", json_string("note"), &s->err);
		report_json_put(note, "message",
			sarif_message(s, report_json_text(facts->notes[i])), &s->err);
		report_json_push(notes, note, &s->err);
	}
	report_json_put(o, "toolExecutionNotifications", notes, &s->err);
	report_json_push(all, o, &s->err);
	return all;
}

static void sarif_root(struct sarif *s, json_t *run)
{
	const struct lockdag_report_tree *tree = s->r->options->tree;
	struct lockdag_text t = {0};
	json_t *bases, *root;
	char *path;

	if (!tree || !tree->root)
		return;
	lockdag_text_addf(&t, "%s%s", tree->root, strcmp(tree->root, "/") ? "/" : "");
	path = lockdag_text_take(&t);
	if (!path) {
		s->err = -ENOMEM;
		return;
	}
	bases = json_object();
	root = json_object();
	report_json_put(root, "uri", sarif_uri("file://", path), &s->err);
	report_json_put(bases, SARIF_ROOT, root, &s->err);
	report_json_put(run, "originalUriBaseIds", bases, &s->err);
	free(path);
}

int report_sarif(struct report *r, const struct lockdag_findings *f,
	const struct lockdag_report_facts *facts)
{
	json_t *o = json_object(), *runs = json_array(), *run = json_object(),
	       *results = json_array();
	struct sarif s = {.r = r, .suppressing = f->n_dropped || (facts && facts->n_suppressions)};

	report_json_put(o, "$schema", json_string(SARIF_SCHEMA), &s.err);
	report_json_put(o, "version", json_string("2.1.0"), &s.err);
	report_json_put(run, "tool", sarif_tool(&s), &s.err);
	report_json_put(run, "invocations", sarif_invocations(&s, facts), &s.err);
	sarif_root(&s, run);
	for (size_t i = 0; i < f->n; i++)
		if (report_shows(r, &f->items[i]))
			report_json_push(results, sarif_result(&s, &f->items[i]), &s.err);
	for (size_t i = 0; i < f->n_dropped; i++)
		report_json_push(results, sarif_result(&s, &f->dropped[i]), &s.err);
	report_json_put(run, "results", results, &s.err);
	report_json_push(runs, run, &s.err);
	report_json_put(o, "runs", runs, &s.err);
	return report_json_print(r->out, o, JSON_INDENT(2), s.err);
}
