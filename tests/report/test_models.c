/* SPDX-License-Identifier: MIT
 *
 * Models in the text form, judged by core and printed in all forms: models/NAME.model against
 * expected/NAME.txt, .kernel, .json and others, which were read by a person.
 */
#include "fixture.h"

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct lockdag_model *models_read(const char *name)
{
	struct lockdag_parse_error error = {0};
	struct lockdag_model *m = NULL;
	char path[512], text[16384];
	FILE *file;
	size_t n;

	snprintf(path, sizeof(path), "%s/models/%s", TEST_DIR, name);
	file = fopen(path, "r");
	assert_non_null(file);
	n = fread(text, 1, sizeof(text), file);
	fclose(file);
	if (lockdag_model_parse(text, n, &m, &error))
		fail_msg("%s:%u:%u: %s", name, error.line, error.column, error.message);
	return m;
}

static void models_one(const char *name)
{
	static const char *const endings[LOCKDAG_N_FORMATS] = {
		[LOCKDAG_FORMAT_TEXT] = "txt",
		[LOCKDAG_FORMAT_KERNEL] = "kernel",
		[LOCKDAG_FORMAT_JSON] = "json",
		[LOCKDAG_FORMAT_JUNIT] = "junit.xml",
		[LOCKDAG_FORMAT_GITHUB] = "github",
		[LOCKDAG_FORMAT_DOT] = "dot",
	}; /* the others are held to more than their letters by tests/cli/formats.py */
	const struct lockdag_report_options show = {.show_unlikely = true};
	struct lockdag_model *m = models_read(name);
	struct lockdag_findings *f = NULL;

	assert_int_equal(lockdag_core_find(m, NULL, &f), 0);
	assert_int_equal(lockdag_cut_find(m, f), 0);
	for (int format = 0; format < LOCKDAG_N_FORMATS; format++) {
		char *text = NULL, expected[256];
		size_t n = 0;
		FILE *out;

		if (!endings[format])
			continue;
		out = open_memstream(&text, &n);
		assert_non_null(out);
		assert_int_equal(
			lockdag_report_print(out, (enum lockdag_format)format, m, f, NULL, &show),
			0);
		fclose(out);
		snprintf(expected, sizeof(expected), "%.*s.%s", (int)strcspn(name, "."), name,
			endings[format]);
		fixture_expect(text, expected);
		free(text);
	}
	lockdag_findings_free(f);
	lockdag_model_free(m);
}

static void test_models(void **state)
{
	struct dirent **names;
	int n = scandir(TEST_DIR "/models", &names, NULL, alphasort), ran = 0;

	(void)state;
	assert_true(n > 0);
	for (int i = 0; i < n; i++) {
		const char *dot = strrchr(names[i]->d_name, '.');

		if (dot && !strcmp(dot, ".model")) {
			models_one(names[i]->d_name);
			ran++;
		}
		free(names[i]);
	}
	free(names);
	assert_true(ran > 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_models)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
