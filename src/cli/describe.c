/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/describe.h"
#include "cli/progress.h"
#include "session/session.h"

#define GUEST_PREFIX "liblockdag-guest"

static bool describe_is_guest(const struct lockdag_model *m, uint64_t raw)
{
	uint32_t module = LOCKDAG_FRAME_MODULE(raw);

	return module < m->modules.n && !strncmp(cli_base_name(m->modules.items[module].path),
						GUEST_PREFIX, strlen(GUEST_PREFIX));
}

/* Frames of wrappers that come with the compiler: std::mutex::lock and what it is made of. */
static bool describe_is_wrapper(const struct lockdag_frame *frame)
{
	static const char *const prefixes[] = {"std::", "__gnu_cxx::", "__gthread"};

	if (frame->file &&
		(strstr(frame->file, "/include/c++/") || strstr(frame->file, "gthr-default.h")))
		return true;
	for (size_t i = 0; frame->function && i < LOCKDAG_ARRAY_SIZE(prefixes); i++)
		if (!strncmp(frame->function, prefixes[i], strlen(prefixes[i])))
			return true;
	return false;
}

/* How libc starts a thread or a program: the same for every stack, and nobody's code. */
static bool describe_is_start(const struct lockdag_frame *frame)
{
	static const char *const functions[] = {"start_thread", "clone", "clone3", "__clone3",
		"__libc_start_call_main", "__libc_start_main", "__libc_start_main_impl",
		"__libc_start_main@@GLIBC_2.34", "_start"};

	if (!frame->function) /* libc without its symbols, which are a package of their own */
		return frame->module && !strncmp(frame->module, "libc.so", 7);
	for (size_t i = 0; i < LOCKDAG_ARRAY_SIZE(functions); i++)
		if (!strcmp(frame->function, functions[i]))
			return true;
	return false;
}

static size_t describe_raw(const struct lockdag_model *m, struct lockdag_symbols *symbols,
	uint64_t raw, struct lockdag_frame *frames)
{
	uint32_t row = LOCKDAG_FRAME_MODULE(raw);
	int module = -1, n;

	if (describe_is_guest(m, raw))
		return 0;
	if (row < m->modules.n)
		module = lockdag_symbols_add_module(
			symbols, m->modules.items[row].path, m->modules.items[row].build_id);
	if (module >= 0) {
		n = lockdag_symbols_frames(symbols, module, LOCKDAG_FRAME_OFFSET(raw), true, frames,
			LOCKDAG_MAX_INLINE);
		if (n > 0)
			return (size_t)n;
	}
	*frames = (struct lockdag_frame){.offset = LOCKDAG_FRAME_OFFSET(raw)};
	if (row < m->modules.n)
		frames->module = cli_base_name(m->modules.items[row].path);
	return 1;
}

static int describe_stack(struct lockdag_model *m, uint32_t stack, struct lockdag_symbols *symbols)
{
	const struct lockdag_stack *row;
	struct lockdag_frame *frames;
	size_t n = 0, first = 0;
	int r;

	if (stack >= m->stacks.n || m->stacks.items[stack].n_frames)
		return 0;
	row = &m->stacks.items[stack];
	frames = calloc(row->n_raw * LOCKDAG_MAX_INLINE + 1, sizeof(*frames));
	if (!frames)
		return -ENOMEM;
	for (size_t i = 0; i < row->n_raw; i++)
		n += describe_raw(m, symbols, row->raw[i], frames + n);
	while (first < n && describe_is_wrapper(&frames[first]))
		first++;
	if (first == n)
		first = 0;
	while (n > first + 1 && describe_is_start(&frames[n - 1]))
		n--;
	r = lockdag_model_describe_stack(m, stack, frames + first, n - first);
	free(frames);
	return r;
}

static int describe_acquire(
	struct lockdag_model *m, uint32_t acquire, struct lockdag_symbols *symbols)
{
	const struct lockdag_acquire *a;
	int r;

	if (acquire >= m->acquires.n)
		return 0;
	a = &m->acquires.items[acquire];
	r = describe_stack(m, a->stack, symbols);
	for (uint32_t i = 0; r == 0 && i < a->n_held; i++)
		r = describe_stack(m, m->held.items[a->held + i].stack, symbols);
	return r;
}

static int describe_discharge(
	struct lockdag_model *m, uint32_t discharge, struct lockdag_symbols *symbols)
{
	const struct lockdag_discharge *d;
	int r;

	if (discharge >= m->discharges.n)
		return 0;
	d = &m->discharges.items[discharge];
	r = describe_stack(m, d->stack, symbols);
	if (r == 0)
		r = describe_stack(m, d->began, symbols);
	for (uint32_t i = 0; r == 0 && i < d->n_held; i++)
		r = describe_stack(m, m->held.items[d->held + i].stack, symbols);
	return r;
}

/* Who holds what a handler or a fork child asks for, and the fork. */
static int describe_through(struct lockdag_model *m, const struct lockdag_link *link,
	const struct lockdag_exemplar *e, struct lockdag_symbols *symbols)
{
	int r = describe_acquire(m, e->holder, symbols);

	if (r == 0 && link->through == LOCKDAG_THROUGH_FORK && link->by < m->forks.n)
		r = describe_stack(m, m->forks.items[link->by].stack, symbols);
	return r;
}

int cli_describe_finding(struct lockdag_model *m, const struct lockdag_finding *finding,
	struct lockdag_symbols *symbols)
{
	int r = describe_acquire(m, finding->writer, symbols);

	for (size_t i = 0; r == 0 && i < finding->n_places; i++)
		r = describe_stack(m, finding->places[i].stack, symbols);
	for (size_t i = 0; finding->links && i < finding->n_locks; i++)
		for (size_t k = 0; r == 0 && k < finding->links[i].n_exemplars; k++) {
			const struct lockdag_exemplar *e = &finding->links[i].exemplars[k];

			r = describe_acquire(m, e->acquire, symbols);
			if (r == 0)
				r = describe_discharge(m, e->discharge, symbols);
			if (r == 0 && finding->links[i].through)
				r = describe_through(m, &finding->links[i], e, symbols);
		}
	return r;
}

int cli_describe(struct lockdag_model *m, const struct lockdag_findings *f,
	struct lockdag_symbols *symbols, bool unlikely)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < f->n; i++) {
		cli_progress("looking up lines", i, f->n);
		if (unlikely || f->items[i].grade > LOCKDAG_UNLIKELY)
			r = cli_describe_finding(m, &f->items[i], symbols);
	}
	return r;
}

int cli_describe_graph(struct lockdag_model *m, const struct lockdag_class_graph *g,
	struct lockdag_symbols *symbols)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < g->n_edges; i++) {
		const struct lockdag_exemplar *e = &g->edges[i].exemplar;

		r = describe_acquire(m, e->acquire, symbols);
		if (r == 0)
			r = describe_discharge(m, e->discharge, symbols);
	}
	return r;
}
