/* SPDX-License-Identifier: MIT
 *
 * Reads bytes as a log and unites what is in it: twice the same reports are the same cycles, and all that
 * is said of them can be said. Seeds: fuzz/seeds/kernel.
 */
#include <assert.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "core/core.h"
#include "kernel/kernel.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define FUZZ_MOST 64 /* reports that are united */

struct fuzz_found {
	struct lockdag_splat *splats[FUZZ_MOST];
	struct lockdag_kgraph *graphs[4];
	size_t n, n_graphs;
};

static int fuzz_splat(void *context, struct lockdag_splat *splat)
{
	struct fuzz_found *found = context;

	if (found->n < FUZZ_MOST)
		found->splats[found->n++] = splat;
	else
		lockdag_splat_free(splat);
	return 0;
}

static int fuzz_graph(void *context, struct lockdag_kgraph *graph)
{
	struct fuzz_found *found = context;

	if (found->n_graphs < 4)
		found->graphs[found->n_graphs++] = graph;
	else
		lockdag_kgraph_free(graph);
	return 0;
}

static void fuzz_read(struct fuzz_found *found, const uint8_t *data, size_t size)
{
	const struct lockdag_kernel_sink sink = {.splat = fuzz_splat, .graph = fuzz_graph, .context = found};
	struct lockdag_kernel_scanner *scanner;

	assert(lockdag_kernel_open(&sink, &scanner) == 0);
	assert(lockdag_kernel_begin(scanner, "input") == 0);
	assert(lockdag_kernel_feed(scanner, data, size) == 0);
	assert(lockdag_kernel_end(scanner) == 0);
	lockdag_kernel_close(scanner);
}

static struct lockdag_union *fuzz_unite(const struct fuzz_found *found, int times)
{
	struct lockdag_union *u;

	assert(lockdag_union_new(&u) == 0);
	for (int k = 0; k < times; k++)
		for (size_t i = 0; i < found->n; i++)
			assert(lockdag_union_add(u, found->splats[i]) == 0);
	for (size_t i = 0; i < found->n_graphs; i++)
		assert(lockdag_union_add_graph(u, found->graphs[i]) == 0);
	assert(lockdag_union_solve(u) == 0);
	return u;
}

/* How many cycles it has; all cuts must say which they clear. */
static size_t fuzz_json(const struct lockdag_union *u)
{
	json_t *document = json_object();
	size_t n;

	assert(lockdag_union_json(u, 1000, document) == 0);
	n = json_array_size(json_object_get(document, "cycles"));
	for (size_t i = 0; i < json_array_size(json_object_get(document, "cuts")); i++) {
		const json_t *cut = json_array_get(json_object_get(document, "cuts"), i);

		assert(json_array_size(json_object_get(cut, "clears")) > 0);
		assert(json_array_size(json_object_get(cut, "places")) > 0);
		assert(json_array_size(json_object_get(cut, "clears")) +
				json_array_size(json_object_get(cut, "remain")) ==
			n);
	}
	json_decref(document);
	return n;
}

static void fuzz_say(const struct lockdag_union *u, const struct fuzz_found *found)
{
	struct lockdag_findings *f;
	struct lockdag_text t = {0};
	struct lockdag_model *m;

	assert(lockdag_union_summary(u, &t) == 0);
	for (size_t i = 0; i < found->n; i++)
		assert(lockdag_union_report_text(u, i, &t) == 0);
	assert(lockdag_union_text(u, 5, &t) == 0);
	lockdag_text_clear(&t);
	assert(lockdag_union_model(u, &m) == 0);
	assert(lockdag_core_find(m, NULL, &f) == 0);
	assert(lockdag_union_cut_findings(u, f) == 0);
	lockdag_findings_free(f);
	lockdag_model_free(m);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_found found = {.n = 0};
	struct lockdag_union *once, *twice;

	fuzz_read(&found, data, size);
	once = fuzz_unite(&found, 1);
	twice = fuzz_unite(&found, 2);
	for (size_t i = 0; i < found.n; i++)
		assert(lockdag_union_report_id(once, i) == lockdag_union_report_id(twice, i + found.n));
	assert(fuzz_json(once) == fuzz_json(twice));
	fuzz_say(once, &found);
	lockdag_union_free(once);
	lockdag_union_free(twice);
	while (found.n)
		lockdag_splat_free(found.splats[--found.n]);
	while (found.n_graphs)
		lockdag_kgraph_free(found.graphs[--found.n_graphs]);
	return 0;
}
