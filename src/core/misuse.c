/* SPDX-License-Identifier: MIT
 *
 * What was done wrong with a lock becomes a finding: one for each rule and class, whichever thread did
 * it and how often. Each is a fact that the recorder saw, so its grade is HAPPENED; what the type of a
 * lock allows was never recorded.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/text.h"
#include "core/find.h"

struct misuse_rule {
	const char *word, *here, *there, *headline, *sentence, *clause;
};

static const struct misuse_rule misuse_rules[] = {
#define MISUSE(upper, word, here, there, headline, sentence, clause)                               \
	{word, here, there, headline, sentence, clause},
#include "base/misuse_rules.def"
#undef MISUSE
};

const char *lockdag_misuse_word(enum lockdag_misuse_rule rule)
{
	return (unsigned)rule < LOCKDAG_N_MISUSES ? misuse_rules[rule].word : "misuse";
}

const char *lockdag_misuse_headline(enum lockdag_misuse_rule rule)
{
	return (unsigned)rule < LOCKDAG_N_MISUSES ? misuse_rules[rule].headline : "lock misused!";
}

/* Writes a sentence of misuse_rules.def with its names. */
static void misuse_say(struct find *f, struct lockdag_text *t, const struct lockdag_misuse *x,
	const struct lockdag_finding *finding, const char *sentence)
{
	char name[256];

	for (; *sentence; sentence++) {
		if (*sentence != '%') {
			lockdag_text_add_n(t, sentence, 1);
			continue;
		}
		switch (*++sentence) {
		case 'T':
			lockdag_text_addf(t, "thread %s",
				lockdag_model_thread_name(f->m, x->thread, name, sizeof(name)));
			break;
		case 'U':
			if (x->other_thread == LOCKDAG_NONE)
				lockdag_text_add(t, "another thread");
			else
				lockdag_text_addf(t, "thread %s",
					lockdag_model_thread_name(
						f->m, x->other_thread, name, sizeof(name)));
			break;
		case 'L':
			lockdag_text_addf(t, "`%s`", finding->locks[0].name);
			break;
		default: /* M is the second lock, N the last */
			lockdag_text_addf(t, "`%s`",
				finding->locks[*sentence == 'M' && finding->n_locks > 1
						       ? 1
						       : finding->n_locks - 1]
					.name);
			break;
		}
	}
}

static bool misuse_is_assertion(enum lockdag_misuse_rule rule)
{
	return rule == LOCKDAG_MISUSE_ASSERT_HELD || rule == LOCKDAG_MISUSE_ASSERT_NOT_HELD ||
	       rule == LOCKDAG_MISUSE_ASSERT_NONE_HELD;
}

/* What the thread of an assertion holds in place of what it should. */
static const char *misuse_instead(const struct lockdag_misuse *x)
{
	if (x->rule == LOCKDAG_MISUSE_ASSERT_NONE_HELD)
		return x->with == LOCKDAG_NONE ? "" : " and %M";
	if (x->rule != LOCKDAG_MISUSE_ASSERT_HELD)
		return "";
	if (x->with != LOCKDAG_NONE)
		return ", and holds %M instead";
	if (x->other_thread != x->thread)
		return "";
	return x->reading ? ", and holds it for reading only" : ", and holds it for writing";
}

static char *misuse_reason(
	struct find *f, const struct lockdag_misuse *x, const struct lockdag_finding *finding)
{
	const struct misuse_rule *rule = &misuse_rules[x->rule];
	struct lockdag_text t = {0};

	if (x->rule == LOCKDAG_MISUSE_RELOCK && x->reading)
		misuse_say(f, &t, x, finding,
			"%T asks to write %L, which it holds for reading itself");
	else
		misuse_say(f, &t, x, finding, rule->sentence);
	if (misuse_is_assertion(x->rule))
		misuse_say(f, &t, x, finding, misuse_instead(x));
	if (x->other_thread != LOCKDAG_NONE && x->other_thread != x->thread)
		misuse_say(f, &t, x, finding, rule->clause);
	return lockdag_text_take(&t);
}

/* lock: a row of the model, or LOCKDAG_NONE, which adds nothing. */
static int misuse_add_lock(struct find *f, uint32_t lock, struct lockdag_finding *finding)
{
	struct lockdag_finding_lock *l = &finding->locks[finding->n_locks];
	const struct lock_class *class;
	const struct lockdag_lock *row;

	if (lock == LOCKDAG_NONE)
		return 0;
	row = &f->m->locks.items[lock];
	finding->n_locks++;
	l->lock = lock;
	l->class_id = f->classes.of_lock[lock];
	class = &f->classes.items.items[l->class_id];
	l->type = class->type;
	l->where = row->where ? row->where : lock_birth(f->m, lock)->where;
	l->name = strdup(
		row->name && !(row->flags & LOCKDAG_LOCK_MANY) ? row->name : class->name);
	l->key = strdup(class->key);
	return l->name && l->key ? 0 : -ENOMEM;
}

static void misuse_places(const struct lockdag_misuse *x, struct lockdag_finding *finding)
{
	finding->places[finding->n_places++] = (struct lockdag_finding_place){
		misuse_rules[x->rule].here, x->thread, x->stack};
	if (x->other_stack != LOCKDAG_NONE || x->other_thread != LOCKDAG_NONE)
		finding->places[finding->n_places++] = (struct lockdag_finding_place){
			misuse_rules[x->rule].there, x->other_thread, x->other_stack};
}

/* By rule and the stable keys of the classes; what is held in an asserted lock's place is no part of it. */
static uint64_t misuse_id(const struct lockdag_finding *finding)
{
	uint64_t id = lockdag_hash_string(LOCKDAG_HASH_SEED, misuse_rules[finding->rule].word);

	size_t n = misuse_is_assertion(finding->rule) ? 1 : finding->n_locks;

	for (size_t i = 0; i < n; i++)
		id = lockdag_hash_string(id, finding->locks[i].key);
	return id;
}

static int misuse_fill(
	struct find *f, const struct lockdag_misuse *x, struct lockdag_finding *finding)
{
	struct lockdag_text title = {0};
	int r;

	finding->locks = calloc(3, sizeof(*finding->locks));
	if (!finding->locks)
		return -ENOMEM;
	r = misuse_add_lock(f, x->lock, finding);
	if (!r)
		r = misuse_add_lock(f, x->with, finding);
	if (!r)
		r = misuse_add_lock(f, x->other_with, finding);
	if (r)
		return r;
	misuse_places(x, finding);
	finding->id = misuse_id(finding);
	lockdag_text_addf(&title, "%s %s", misuse_rules[x->rule].word, finding->locks[0].name);
	for (size_t i = 1; i < finding->n_locks; i++)
		lockdag_text_addf(&title, ", %s", finding->locks[i].name);
	finding->title = lockdag_text_take(&title);
	finding->reason = misuse_reason(f, x, finding);
	return finding->title && finding->reason ? 0 : -ENOMEM;
}

/* Of several that are one finding, the one that says most, whatever their order. */
static bool misuse_is_better(const struct lockdag_finding *x, const struct lockdag_finding *y)
{
	int order;

	if (x->n_places != y->n_places)
		return x->n_places > y->n_places;
	order = strcmp(x->title, y->title);
	return order ? order < 0 : strcmp(x->reason, y->reason) < 0;
}

static int misuse_keep(struct find *f, struct lockdag_finding *finding)
{
	struct lockdag_finding *row;

	for (size_t i = 0; i < f->findings.n; i++) {
		struct lockdag_finding *there = &f->findings.items[i], swap;

		if (there->kind != LOCKDAG_FINDING_MISUSE || there->id != finding->id)
			continue;
		if (misuse_is_better(finding, there)) {
			swap = *there;
			*there = *finding;
			*finding = swap;
		}
		describe_free(finding);
		return 0;
	}
	row = lockdag_vec_push(&f->findings);
	if (!row)
		return -ENOMEM;
	*row = *finding;
	return 0;
}

int misuse_add(struct find *f, const struct lockdag_misuse *x)
{
	struct lockdag_finding finding = {.kind = LOCKDAG_FINDING_MISUSE,
		.grade = LOCKDAG_HAPPENED,
		.writer = LOCKDAG_NONE,
		.rule = x->rule};
	int r = misuse_fill(f, x, &finding);

	if (!r)
		r = misuse_keep(f, &finding);
	if (r)
		describe_free(&finding);
	return r;
}

int misuse_find(struct find *f)
{
	int r = 0;

	for (size_t i = 0; !r && i < f->m->misuses.n; i++)
		r = misuse_add(f, &f->m->misuses.items[i]);
	return r;
}
