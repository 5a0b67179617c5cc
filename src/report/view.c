/* SPDX-License-Identifier: MIT */
#include "report/render.h"

#include <string.h>

size_t report_n_exemplars(const struct lockdag_link *link)
{
	if (!link->exemplars)
		return 0;
	return link->n_exemplars < LOCKDAG_MAX_EXEMPLARS ? link->n_exemplars
							 : LOCKDAG_MAX_EXEMPLARS;
}

const struct lockdag_stack *report_stack(const struct lockdag_model *m, uint32_t stack)
{
	return stack < m->stacks.n && m->stacks.items[stack].n_frames ? &m->stacks.items[stack]
								      : NULL;
}

const struct lockdag_thread *report_thread(const struct lockdag_model *m, uint32_t thread)
{
	return thread < m->threads.n ? &m->threads.items[thread] : NULL;
}

/* How many held rows of an acquisition there are to look at. */
static uint32_t view_n_held(const struct lockdag_model *m, uint32_t held, uint32_t n_held)
{
	return held <= m->held.n && n_held <= m->held.n - held ? n_held : 0;
}

/* An asking of the discharge's thread before it signalled. */
static void view_signal(
	const struct lockdag_model *m, const struct lockdag_exemplar *e, struct report_seen *seen)
{
	const struct lockdag_discharge *d = &m->discharges.items[e->discharge];

	seen->under = REPORT_SIGNALS;
	seen->thread = d->thread;
	seen->signal_at = report_stack(m, d->stack);
	seen->began_at = report_stack(m, d->began);
	if (e->acquire < m->acquires.n) {
		seen->acquire = &m->acquires.items[e->acquire];
		seen->timeout_ms = seen->acquire->timeout_ms;
		seen->n_held = view_n_held(m, seen->acquire->held, seen->acquire->n_held);
		seen->wait_at = report_stack(m, seen->acquire->stack);
	}
	if (e->asked >= view_n_held(m, d->held, d->n_held))
		return;
	seen->known = true;
	seen->asked = m->held.items[d->held + e->asked];
	if (report_stack(m, seen->asked.stack))
		seen->wait_at = report_stack(m, seen->asked.stack);
}

/* A holder that another context's asking waits for: a handler's, a fork child's. */
static void view_through(const struct lockdag_model *m, const struct lockdag_link *link,
	const struct lockdag_exemplar *e, struct report_seen *seen)
{
	const struct lockdag_acquire *asks = &m->acquires.items[e->acquire], *holds;
	bool fork = link->through == LOCKDAG_THROUGH_FORK;

	seen->under = REPORT_HOLDS;
	seen->through = link->through;
	seen->by = link->by;
	seen->known = true;
	seen->asked = (struct lockdag_held){
		asks->lock, asks->serial, asks->mode, asks->flags, asks->stack};
	seen->timeout_ms = asks->timeout_ms;
	seen->wait_at = report_stack(m, asks->stack);
	seen->thread = asks->thread;
	if (fork && link->by < m->forks.n)
		seen->fork_at = report_stack(m, m->forks.items[link->by].stack);
	if (e->holder >= m->acquires.n)
		return;
	holds = &m->acquires.items[e->holder];
	seen->thread = fork ? asks->thread : holds->thread;
	seen->other = fork ? holds->thread : asks->thread;
	seen->acquire = holds;
	seen->n_held = view_n_held(m, holds->held, holds->n_held);
	if (e->held < seen->n_held) {
		seen->held = &m->held.items[holds->held + e->held];
		seen->held_at = report_stack(m, seen->held->stack);
	} else {
		seen->own = (struct lockdag_held){
			holds->lock, holds->serial, holds->mode, holds->flags, holds->stack};
		seen->is_own = true;
		seen->held_at = report_stack(m, holds->stack);
	}
}

struct report_seen report_seen(
	const struct lockdag_model *m, const struct lockdag_link *link, size_t exemplar)
{
	struct report_seen seen = {.thread = LOCKDAG_NONE, .other = LOCKDAG_NONE};
	const struct lockdag_exemplar *e;
	const struct lockdag_acquire *a;
	uint32_t n_held;

	if (exemplar >= report_n_exemplars(link))
		return seen;
	e = &link->exemplars[exemplar];
	if (e->discharge < m->discharges.n) {
		view_signal(m, e, &seen);
		return seen;
	}
	if (e->acquire >= m->acquires.n)
		return seen;
	if (link->through) {
		view_through(m, link, e, &seen);
		return seen;
	}
	a = seen.acquire = &m->acquires.items[e->acquire];
	n_held = view_n_held(m, a->held, a->n_held);
	seen.under = e->held == LOCKDAG_NONE ? REPORT_ENDS : REPORT_HOLDS;
	seen.thread = a->thread;
	seen.known = true;
	seen.n_held = e->asked < n_held ? e->asked : n_held;
	if (e->asked < n_held) {
		seen.asked = m->held.items[a->held + e->asked];
	} else {
		seen.asked = (struct lockdag_held){a->lock, a->serial, a->mode, a->flags, a->stack};
		seen.timeout_ms = a->timeout_ms;
	}
	seen.wait_at = report_stack(m, seen.asked.stack);
	if (e->held >= n_held)
		return seen;
	seen.held = &m->held.items[a->held + e->held];
	seen.held_at = report_stack(m, seen.held->stack);
	return seen;
}

bool report_is_wait(const struct report_seen *seen)
{
	return seen->asked.flags & LOCKDAG_ACQUIRE_WAIT;
}

const char *report_signal_word(enum lockdag_lock_type type)
{
	if (type == LOCKDAG_LOCK_SEMAPHORE)
		return "posts";
	return type == LOCKDAG_LOCK_BARRIER ? "arrives at" : "signals";
}

size_t report_next_context(const struct lockdag_finding *f, size_t i)
{
	size_t next = i + 1;

	while (next < f->n_locks && f->links[next].context == f->links[i].context)
		next++;
	return next;
}

const struct lockdag_acquire *report_writer(
	const struct lockdag_model *m, const struct lockdag_finding *f)
{
	return f->writer < m->acquires.n ? &m->acquires.items[f->writer] : NULL;
}

static bool view_starts(const char *s, const char *with)
{
	return s && strncmp(s, with, strlen(with)) == 0;
}

/* Lock wrappers of the C++ library are inlined into the code that a person looks for. */
static bool view_is_wrapper(const struct lockdag_frame *frame)
{
	return view_starts(frame->function, "std::") ||
	       view_starts(frame->function, "__gthread_") ||
	       view_starts(frame->function, "__gnu_cxx::") ||
	       view_starts(frame->file, "/usr/include/") ||
	       (frame->file && strstr(frame->file, "/include/c++/"));
}

const struct lockdag_frame *report_place(const struct lockdag_stack *stack)
{
	if (!stack || !stack->n_frames)
		return NULL;
	for (size_t i = 0; i < stack->n_frames; i++) {
		if (!view_is_wrapper(&stack->frames[i]))
			return &stack->frames[i];
	}
	return &stack->frames[0];
}

/* A long path would push the words of the line out of sight; the link below has it in full. */
static const char *view_short_file(const char *file)
{
	const char *slash = strrchr(file, '/');

	while (view_starts(file, "./"))
		file += 2;
	return slash && slash[1] && report_width(file) > 32 ? slash + 1 : file;
}

void report_add_module_offset(struct lockdag_text *t, const struct lockdag_frame *frame)
{
	if (frame->module)
		report_escape(t, frame->module);
	if (frame->module || frame->function)
		lockdag_text_add(t, "+");
	lockdag_text_addf(t, "0x%llx", (unsigned long long)frame->offset);
}

void report_add_place(struct lockdag_text *t, const struct lockdag_frame *frame)
{
	if (!frame)
		return;
	if (frame->file) {
		report_escape(t, view_short_file(frame->file));
		if (frame->line)
			lockdag_text_addf(t, ":%u", frame->line);
	} else if (frame->module || !frame->function) {
		report_add_module_offset(t, frame);
	}
	if (frame->function) {
		lockdag_text_add(t, frame->file || frame->module ? " " : "");
		report_escape(t, frame->function);
		if (!strchr(frame->function, '('))
			lockdag_text_add(t, "()");
	}
}

bool report_is_read(enum lockdag_mode mode)
{
	return mode != LOCKDAG_EXCLUSIVE;
}

const char *report_mode_word(enum lockdag_lock_type type, enum lockdag_mode mode)
{
	if (type == LOCKDAG_LOCK_POOL || type == LOCKDAG_LOCK_WORK) /* its items do not keep each other out: they hold it "for reading" */
		return NULL;
	if (report_is_read(mode))
		return type == LOCKDAG_LOCK_FILE ? "shared" : "read";
	return type == LOCKDAG_LOCK_RWLOCK || type == LOCKDAG_LOCK_GLIB_RW_LOCK ? "write" : NULL;
}
