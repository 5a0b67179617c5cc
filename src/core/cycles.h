/* SPDX-License-Identifier: MIT
 *
 * Simple cycles of a graph, shortest first, inside its strongly connected components.
 */
#ifndef LOCKDAG_CORE_CYCLES_H
#define LOCKDAG_CORE_CYCLES_H

#include "core/graph.h"

/* Judges one cycle: n links (indices into g->links), each one's to the next one's from. 1: it was
 * reported, and longer cycles over all of its nodes are its echo; 0: it was not; negative errno. */
typedef int cycles_judge(void *arg, const uint32_t *links, size_t n);

struct cycles_options {
	size_t max_length, max_cycles; /* as in lockdag_find_options, none of them 0 */
	size_t max_work;               /* links looked at, over all */
};

/* graph_components() must have been called. *bounded is set when a bound was met, else untouched.
 */
int cycles_find(const struct graph *g, const struct cycles_options *options, cycles_judge *judge,
	void *arg, bool *bounded);

#endif
