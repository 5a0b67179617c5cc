/* SPDX-License-Identifier: MIT
 *
 * Reads bytes as the model's text form. What parses must print, parse again to the same text, and
 * be judged the same both times. Seeds: tests/core/fixtures.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "core/core.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The findings of a model as text, which the caller frees. */
static char *fuzz_judge(const struct lockdag_model *m)
{
	const struct lockdag_find_options options = {.max_length = 6, .max_cycles = 100};
	struct lockdag_findings *f = NULL;
	char *text = NULL;

	assert(lockdag_core_find(m, &options, &f) == 0);
	for (size_t i = 0; i < f->n; i++) {
		assert(f->items[i].n_locks > 0 && f->items[i].title && f->items[i].reason);
		assert((f->items[i].kind == LOCKDAG_FINDING_MISUSE) == (f->items[i].n_places > 0));
		for (size_t k = 0; f->items[i].links && k < f->items[i].n_locks; k++)
			assert(f->items[i].links[k].n_exemplars > 0);
	}
	assert(lockdag_cut_find(m, f) == 0);
	for (size_t i = 0; i < f->n; i++) {
		const struct lockdag_cut *cut = f->items[i].cut;
		bool wanted = f->items[i].kind == LOCKDAG_FINDING_CYCLE &&
			      f->items[i].grade > LOCKDAG_UNLIKELY && f->items[i].links;

		assert(wanted == (cut != NULL));
		assert(!cut || (cut->from < f->items[i].n_locks && cut->to < f->items[i].n_locks &&
				       cut->advice && cut->n_places > 0 && cut->n_clears > 0));
	}
	assert(lockdag_findings_print(m, f, &text) == 0);
	lockdag_findings_free(f);
	return text;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct lockdag_parse_error error = {0};
	struct lockdag_model *m = NULL, *again = NULL;
	char *first = NULL, *second = NULL, *found, *found_again;

	if (lockdag_model_parse((const char *)data, size, &m, &error)) {
		assert(error.line > 0 && error.column > 0 && error.message[0]);
		return 0;
	}
	assert(lockdag_model_print(m, &first) == 0);
	assert(lockdag_model_parse(first, strlen(first), &again, &error) == 0);
	assert(lockdag_model_print(again, &second) == 0);
	assert(!strcmp(first, second));
	found = fuzz_judge(m);
	found_again = fuzz_judge(again);
	assert(!strcmp(found, found_again));
	free(found);
	free(found_again);
	free(first);
	free(second);
	lockdag_model_free(again);
	lockdag_model_free(m);
	return 0;
}
