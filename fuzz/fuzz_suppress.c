/* SPDX-License-Identifier: MIT
 *
 * Reads bytes as suppressions and as a baseline. What parses is held against a finding; a baseline that
 * parses must print, and parse again to the same text.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "suppress/suppress.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char fuzz_model[] =
	"stack s\nframe function=\"move(int)\" file=\"src/bank.c\" line=4 module=\"bank\"\n"
	"frame function=\"main\" file=\"src/bank.c\" line=9 module=\"bank\"\n"
	"thread A\nthread B\nlock a key=\"bank!a\"\nlock b\n"
	"acquire A holds a@s asks b stack=s\nacquire B holds b@s asks a stack=s\n"
	"misuse A rule=relock lock=a stack=s\n";

static void fuzz_apply(struct lockdag_suppressions *s)
{
	struct lockdag_parse_error error = {0};
	struct lockdag_findings *f = NULL;
	struct lockdag_model *m = NULL;
	size_t n, before, used = 0;

	assert(lockdag_model_parse(fuzz_model, sizeof(fuzz_model) - 1, &m, &error) == 0);
	assert(lockdag_core_find(m, NULL, &f) == 0);
	before = f->n;
	assert(lockdag_suppressions_apply(s, m, f, &n) == 0);
	assert(f->n + n == before);
	for (size_t i = 0; i < lockdag_suppressions_n(s); i++) {
		const struct lockdag_suppression_use use = lockdag_suppressions_use(s, i);

		assert(use.name && use.line > 0);
		used += use.n;
	}
	assert(used == n);
	lockdag_findings_free(f);
	lockdag_model_free(m);
}

static void fuzz_baseline(const char *text, size_t size)
{
	struct lockdag_suppress_error error = {0};
	struct lockdag_baseline b = {0}, again = {0};
	char *first = NULL, *second = NULL;

	if (lockdag_baseline_parse(text, size, &b, &error)) {
		assert(error.line > 0 && error.column > 0 && error.message[0]);
		return;
	}
	assert(lockdag_baseline_print(&b, &first) == 0);
	assert(lockdag_baseline_parse(first, strlen(first), &again, &error) == 0);
	assert(lockdag_baseline_print(&again, &second) == 0);
	assert(!strcmp(first, second));
	free(first);
	free(second);
	lockdag_baseline_done(&b);
	lockdag_baseline_done(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct lockdag_suppress_error error = {0};
	struct lockdag_suppressions *s = NULL;

	assert(lockdag_suppressions_new(&s) == 0);
	if (lockdag_suppressions_parse(s, "fuzz", (const char *)data, size, &error)) {
		assert(error.line > 0 && error.column > 0 && error.message[0]);
		assert(lockdag_suppressions_n(s) == 0);
	} else {
		fuzz_apply(s);
	}
	lockdag_suppressions_free(s);
	fuzz_baseline((const char *)data, size);
	return 0;
}
