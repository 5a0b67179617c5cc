/* SPDX-License-Identifier: MIT
 *
 * A declared order as people write it. What was read, quoted again, is read again as the same.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "core/core.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void fuzz_quote(struct lockdag_text *t, const char *name)
{
	lockdag_text_add(t, "\"");
	for (; *name; name++) {
		if (*name == '"' || *name == '\\')
			lockdag_text_add(t, "\\");
		lockdag_text_add_n(t, name, 1);
	}
	lockdag_text_add(t, "\"");
}

static void fuzz_again(const struct lockdag_model *m)
{
	struct lockdag_parse_error error = {0};
	struct lockdag_text t = {0};
	struct lockdag_model *again;

	for (size_t i = 0; i < m->declared.n; i++) {
		fuzz_quote(&t, m->declared.items[i].before);
		lockdag_text_add(&t, " -> ");
		fuzz_quote(&t, m->declared.items[i].after);
		lockdag_text_add(&t, "\n");
	}
	if (t.failed || lockdag_model_new(&again) < 0)
		abort();
	assert(!lockdag_model_parse_declared(t.n ? t.s : "", t.n, again, &error));
	assert(again->declared.n == m->declared.n);
	for (size_t i = 0; i < m->declared.n; i++)
		assert(!strcmp(again->declared.items[i].before, m->declared.items[i].before) &&
			!strcmp(again->declared.items[i].after, m->declared.items[i].after));
	lockdag_text_clear(&t);
	lockdag_model_free(again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct lockdag_parse_error error = {0};
	struct lockdag_model *m;

	if (size > 1 << 16 || lockdag_model_new(&m) < 0)
		return 0;
	if (!lockdag_model_parse_declared((const char *)data, size, m, &error))
		fuzz_again(m);
	else
		assert(*error.message);
	lockdag_model_free(m);
	return 0;
}
