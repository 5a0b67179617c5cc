/* SPDX-License-Identifier: MIT
 *
 * Reads bytes as a log, whole and in pieces: both must give the same records. A record must print,
 * and what was printed must be read as a report of the same kind and chain. Seeds:
 * fuzz/seeds/kernel.
 */
#include <assert.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "kernel/kernel.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define FUZZ_MOST 64 /* records that are kept for a comparison */

struct fuzz_found {
	struct lockdag_splat *splats[FUZZ_MOST];
	size_t n, n_all;
};

static int fuzz_splat(void *context, struct lockdag_splat *splat)
{
	struct fuzz_found *found = context;
	json_t *json;

	assert(splat->title && splat->file && splat->line > 0 && splat->last >= splat->line);
	assert(lockdag_splat_json(splat, &json) == 0);
	json_decref(json);
	found->n_all++;
	if (found->n < FUZZ_MOST)
		found->splats[found->n++] = splat;
	else
		lockdag_splat_free(splat);
	return 0;
}

static int fuzz_note(void *context, const struct lockdag_splat_note *note)
{
	(void)context;
	assert(note->title && note->line > 0);
	return 0;
}

static int fuzz_graph(void *context, struct lockdag_kgraph *graph)
{
	(void)context;
	for (size_t i = 0; i < graph->n_edges; i++)
		assert(graph->edges[i].from < graph->n_classes &&
			graph->edges[i].to < graph->n_classes);
	for (size_t i = 0; i < graph->n_chain_classes; i++)
		assert(graph->chain_classes[i] < graph->n_classes);
	lockdag_kgraph_free(graph);
	return 0;
}

static void fuzz_read(struct fuzz_found *found, const char *bytes, size_t n, size_t piece)
{
	const struct lockdag_kernel_sink sink = {fuzz_splat, fuzz_note, fuzz_graph, found};
	struct lockdag_kernel_scanner *scanner;

	assert(lockdag_kernel_open(&sink, &scanner) == 0);
	assert(lockdag_kernel_begin(scanner, "input") == 0);
	for (size_t at = 0; at < n; at += piece)
		assert(lockdag_kernel_feed(scanner, bytes + at, n - at < piece ? n - at : piece) ==
			0);
	assert(lockdag_kernel_end(scanner) == 0);
	lockdag_kernel_close(scanner);
}

static void fuzz_done(struct fuzz_found *found)
{
	while (found->n)
		lockdag_splat_free(found->splats[--found->n]);
}

static void fuzz_print(const struct lockdag_splat *splat)
{
	struct lockdag_text text = {0};
	struct fuzz_found again = {0};

	assert(lockdag_splat_print(splat, &text) == 0);
	fuzz_read(&again, text.s, text.n, text.n + 1);
	lockdag_text_clear(&text);
	fuzz_done(&again);
}

/* The one that says the same. Which of several that lie in one another ends first depends on how far was
 * read when the end of one was known. */
static const struct lockdag_splat *fuzz_same(
	const struct fuzz_found *found, const struct lockdag_splat *a)
{
	for (size_t i = 0; i < found->n; i++) {
		const struct lockdag_splat *b = found->splats[i];

		if (a->kind == b->kind && a->line == b->line && a->last == b->last &&
			a->n_chain == b->n_chain && a->stack.n == b->stack.n &&
			a->complete == b->complete)
			return b;
	}
	return NULL;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_found whole = {0}, pieces = {0};

	fuzz_read(&whole, (const char *)data, size, size + 1);
	fuzz_read(&pieces, (const char *)data, size, 61);
	assert(whole.n_all == pieces.n_all);
	for (size_t i = 0; i < whole.n; i++) {
		/* of more than are kept, others may be */
		assert(whole.n < whole.n_all || fuzz_same(&pieces, whole.splats[i]));
		fuzz_print(whole.splats[i]);
	}
	fuzz_done(&whole);
	fuzz_done(&pieces);
	return 0;
}
