/* SPDX-License-Identifier: MIT
 *
 * Reads whatever bytes make of a source file: the call at a line and column, its arguments, their
 * types and what they were assigned.
 *
 * Input:
 *	u16 frame	which function of the module the place is in
 *	u8 line, u8 column
 *	u8 callee	see fuzz_callees
 *	u8 first	the line that assignments are looked for from
 *	the text
 * The module is this program, or LOCKDAG_FUZZ_MODULE (a C++ program has more kinds of types).
 */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "symbols/internal.h"

#define FUZZ_HEADER 6u
#define FUZZ_FRAMES 4096u
#define FUZZ_ROUNDS 500u /* then strings and sources are dropped */
#define FUZZ_MAX_TEXT 65536u

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const fuzz_callees[] = {NULL, "pthread_mutex_lock", "lock", "lock_guard", "f"};

static struct lockdag_symbols *fuzz_symbols;
static struct sym_frame fuzz_frames[FUZZ_FRAMES];
static size_t fuzz_n_frames;
static unsigned fuzz_round;
static volatile size_t fuzz_sum; /* keeps what is read from being optimised away */

static void fuzz_fill_frames(struct sym_module *m)
{
	struct sym_frame found[LOCKDAG_MAX_INLINE];

	fuzz_n_frames = 0;
	sym_elf_function(m, 0); /* reads them */
	for (size_t i = 0; i < m->functions.n && fuzz_n_frames < FUZZ_FRAMES; i++) {
		const struct sym_elf_symbol *symbol = &m->functions.items[i];
		size_t n = sym_frames(fuzz_symbols, m, symbol->value + symbol->size / 2, found,
			LOCKDAG_ARRAY_SIZE(found));

		for (size_t k = 0; k < n && fuzz_n_frames < FUZZ_FRAMES; k++) {
			if (found[k].unit && found[k].function != LOCKDAG_NONE)
				fuzz_frames[fuzz_n_frames++] = found[k];
		}
	}
}

static void fuzz_open(void)
{
	const char *path = getenv("LOCKDAG_FUZZ_MODULE");
	struct sym_module *m;
	int module;

	if (fuzz_symbols && fuzz_round++ % FUZZ_ROUNDS)
		return;
	lockdag_symbols_free(fuzz_symbols);
	if (lockdag_symbols_new(NULL, &fuzz_symbols) < 0)
		abort();
	module = lockdag_symbols_add_module(fuzz_symbols, path ? path : "/proc/self/exe", NULL);
	m = sym_module(fuzz_symbols, module);
	if (m)
		fuzz_fill_frames(m);
	fuzz_round = 1;
}

static void fuzz_text(const char *text, size_t max)
{
	size_t n = strlen(text);

	assert(n <= max);
	fuzz_sum += n;
}

static void fuzz_argument(
	const struct sym_frame *frame, const char *text, unsigned first, size_t max)
{
	const uint64_t inner = 8;
	struct sym_argument argument;
	const char *given;

	sym_argument(fuzz_symbols, frame, text, &inner, &argument);
	fuzz_sum += (size_t)argument.kind + strlen(argument.rest);
	sym_argument(fuzz_symbols, frame, text, NULL, &argument);
	fuzz_sum += (size_t)argument.kind;
	if (argument.member)
		fuzz_sum += strlen(argument.member);
	if (!text)
		return;
	fuzz_text(text, max);
	given = *text ? sym_assigned(fuzz_symbols, frame, text, first) : NULL;
	if (given)
		fuzz_text(given, max);
}

static void fuzz_calls(
	const struct sym_frame *frame, const char *callee, unsigned first, size_t max)
{
	struct sym_call call;

	if (!sym_call_at(fuzz_symbols, frame, callee, &call))
		return;
	assert(call.name && call.n_arguments <= SYM_MAX_ARGUMENTS);
	fuzz_text(call.name, max);
	fuzz_argument(frame, call.object, first, max);
	for (size_t i = 0; i < call.n_arguments; i++)
		fuzz_argument(frame, call.arguments[i], first, max);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sym_frame frame = {.scope = LOCKDAG_NONE, .function = LOCKDAG_NONE};
	const char *text = (const char *)data + FUZZ_HEADER, *line;
	char path[32];
	size_t n;

	if (size < FUZZ_HEADER || size > FUZZ_MAX_TEXT)
		return 0;
	fuzz_open();
	n = size - FUZZ_HEADER;
	if (fuzz_n_frames)
		frame = fuzz_frames[(data[0] | (size_t)data[1] << 8) % fuzz_n_frames];
	snprintf(path, sizeof(path), "fuzz-%u", fuzz_round);
	if (!sym_source_give(fuzz_symbols, path, text, n))
		return 0;
	frame.path = path;
	frame.line = data[2];
	frame.column = data[3];
	fuzz_calls(&frame, fuzz_callees[data[4] % LOCKDAG_ARRAY_SIZE(fuzz_callees)], data[5], n);
	/* The same text as one expression. */
	line = sym_string_n(fuzz_symbols, text, strnlen(text, n));
	if (line)
		fuzz_argument(&frame, line, data[5], n);
	return 0;
}
