/* SPDX-License-Identifier: MIT
 *
 * Reads whatever bytes as one of Rust's names. Decoded twice, it is the same; and a name that is
 * not decoded leaves nothing behind.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "symbols/internal.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *name = strndup((const char *)data, size);
	struct lockdag_text first = {0}, second = {0};

	assert(name);
	if (sym_demangle_rust(name, &first)) {
		assert(sym_is_rust(name) && first.n == strlen(first.s));
		assert(sym_demangle_rust(name, &second) && !strcmp(first.s, second.s));
	} else {
		assert(!first.s);
	}
	lockdag_text_clear(&first);
	lockdag_text_clear(&second);
	free(name);
	return 0;
}
