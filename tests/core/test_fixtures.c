/* SPDX-License-Identifier: MIT
 *
 * Runs tests/core/fixtures/ *.model. In a fixture, each line "#= GRADE [REASON] TITLE" is a finding
 * that must be there, all findings must be so expected, and "#? SENTENCE" is the reason of the
 * finding of the line above, "#> KIND FROM -> TO, N places, clears N of M: ADVICE" its cut, and
 * "#>> N changes, at least N" the plan. Each fixture is printed and read back, and judged again with its rows
 * in other orders.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <dirent.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "support.h"

#define PERMUTATIONS 8

static char *fixture_read(const char *path, size_t *ret_n)
{
	struct lockdag_text t = {0};
	FILE *f = fopen(path, "r");
	char part[4096];
	size_t n;

	assert_non_null(f);
	while ((n = fread(part, 1, sizeof(part), f)) > 0)
		lockdag_text_add_n(&t, part, n);
	fclose(f);
	*ret_n = t.n;
	return lockdag_text_take(&t);
}

/* "possible A -> B -> A", "unlikely gate A -> B -> A" */
static char *fixture_verdict(const struct lockdag_finding *f)
{
	if (f->grade == LOCKDAG_UNLIKELY)
		return lockdag_textf("%s %s %s", lockdag_grade_word(f->grade),
			lockdag_ruled_word(f->ruled), f->title);
	return lockdag_textf("%s %s", lockdag_grade_word(f->grade), f->title);
}

/* The finding that was not matched yet and has this verdict, or NULL. */
static const struct lockdag_finding *fixture_match(
	const struct lockdag_findings *f, bool *matched, const char *verdict)
{
	for (size_t i = 0; i < f->n; i++) {
		char *have = fixture_verdict(&f->items[i]);
		bool same = !matched[i] && !strcmp(have, verdict);

		free(have);
		if (same) {
			matched[i] = true;
			return &f->items[i];
		}
	}
	return NULL;
}

/* "reorder B -> A, 1 place, clears 1 of 1: take A first" */
static char *fixture_cut(const struct lockdag_finding *f)
{
	const struct lockdag_cut *cut = f->cut;

	if (!cut)
		return strdup("none");
	return lockdag_textf("%s %s -> %s, %zu place%s, clears %zu of %zu: %s%s%s",
		lockdag_cut_kind_word(cut->kind), f->locks[cut->from].name,
		f->locks[cut->to].name, cut->n_places, cut->n_places == 1 ? "" : "s",
		cut->n_clears, cut->n_findings, cut->advice, cut->meets ? "; meets " : "",
		cut->meets ? cut->meets : "");
}

static char *fixture_plan(const struct lockdag_findings *f)
{
	if (!f->plan)
		return strdup("none");
	return lockdag_textf("%zu change%s, at least %zu%s", f->plan->n_changes,
		f->plan->n_changes == 1 ? "" : "s", f->plan->at_least,
		f->plan->exact ? "" : ", not exact");
}

/* 1 and a message where they differ; frees have. */
static int fixture_differs(const char *path, const char *what, const char *want, char *have)
{
	int wrong = strcmp(have, want) != 0;

	if (wrong)
		print_error("%s: %s is: %s\n", path, what, have);
	free(have);
	return wrong;
}

static int fixture_compare(const char *path, const char *text, const struct lockdag_findings *f)
{
	const struct lockdag_finding *last = NULL;
	bool *matched = calloc(f->n + 1, sizeof(*matched));
	char *copy = strdup(text), *rest = NULL;
	int wrong = 0;

	assert_non_null(matched);
	assert_non_null(copy);
	for (char *s = strtok_r(copy, "\n", &rest); s; s = strtok_r(NULL, "\n", &rest)) {
		if (!strncmp(s, "#= ", 3)) {
			last = fixture_match(f, matched, s + 3);
			if (!last) {
				print_error("%s: not found: %s\n", path, s + 3);
				wrong++;
			}
		} else if (!strncmp(s, "#? ", 3) && last) {
			wrong += fixture_differs(path, "reason", s + 3, strdup(last->reason));
		} else if (!strncmp(s, "#> ", 3) && last) {
			wrong += fixture_differs(path, "cut", s + 3, fixture_cut(last));
		} else if (!strncmp(s, "#>> ", 4)) {
			wrong += fixture_differs(path, "plan", s + 4, fixture_plan(f));
		}
	}
	for (size_t i = 0; i < f->n; i++) {
		if (!matched[i]) {
			char *have = fixture_verdict(&f->items[i]);

			print_error("%s: not expected: %s\n", path, have);
			free(have);
			wrong++;
		}
	}
	free(matched);
	free(copy);
	return wrong;
}

static int fixture_round_trip(const char *path, const struct lockdag_model *m)
{
	struct lockdag_parse_error error = {0};
	struct lockdag_model *again = NULL;
	char *first = NULL, *second = NULL;
	int wrong;

	assert_int_equal(lockdag_model_print(m, &first), 0);
	if (lockdag_model_parse(first, strlen(first), &again, &error)) {
		print_error(
			"%s printed: %u:%u: %s\n", path, error.line, error.column, error.message);
		free(first);
		return 1;
	}
	assert_int_equal(lockdag_model_print(again, &second), 0);
	wrong = strcmp(first, second) != 0;
	if (wrong)
		print_error("%s: printing and parsing changes it\n", path);
	free(first);
	free(second);
	lockdag_model_free(again);
	return wrong;
}

static int fixture_permute(
	const char *path, const struct lockdag_model *m, const struct lockdag_findings *f)
{
	uint64_t state = 88172645463325252u;
	int wrong = 0;

	for (int i = 0; i < PERMUTATIONS; i++) {
		struct lockdag_model *other = support_permute(m, &state);
		struct lockdag_findings *g = NULL;

		assert_non_null(other);
		assert_int_equal(lockdag_core_find(other, NULL, &g), 0);
		if (!support_same_findings(f, g)) {
			print_error("%s: the order of the rows changes the findings\n", path);
			wrong++;
		}
		lockdag_findings_free(g);
		lockdag_model_free(other);
	}
	return wrong;
}

static int fixture_run(const char *path)
{
	struct lockdag_parse_error error = {0};
	struct lockdag_findings *f = NULL;
	struct lockdag_model *m = NULL;
	size_t n;
	char *text = fixture_read(path, &n);
	int wrong = 1;

	assert_non_null(text);
	if (lockdag_model_parse(text, n, &m, &error)) {
		print_error("%s:%u:%u: %s\n", path, error.line, error.column, error.message);
	} else if (!m->acquires.n && !m->misuses.n) {
		print_error("%s: nobody asks for anything in it\n", path);
	} else {
		assert_int_equal(lockdag_core_find(m, NULL, &f), 0);
		assert_int_equal(lockdag_cut_find(m, f), 0);
		wrong = fixture_compare(path, text, f);
		wrong += fixture_round_trip(path, m);
		wrong += fixture_permute(path, m, f);
	}
	lockdag_findings_free(f);
	lockdag_model_free(m);
	free(text);
	return wrong;
}

static void fixtures_all(void **state)
{
	struct dirent **names;
	int n = scandir(TEST_DIR "/fixtures", &names, NULL, alphasort), ran = 0, wrong = 0;

	(void)state;
	assert_true(n > 0);
	for (int i = 0; i < n; i++) {
		const char *dot = strrchr(names[i]->d_name, '.');

		if (dot && !strcmp(dot, ".model")) {
			char *path = lockdag_textf("%s/fixtures/%s", TEST_DIR, names[i]->d_name);

			wrong += fixture_run(path);
			ran++;
			free(path);
		}
		free(names[i]);
	}
	free(names);
	print_message("%d fixtures, %d differences\n", ran, wrong);
	assert_true(ran > 60);
	assert_int_equal(wrong, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(fixtures_all)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
