/* SPDX-License-Identifier: MIT
 *
 * Which futex words are events. The guest sees every wait that goes through syscall(); what it is a part of
 * is not told by the word: a lock's waiters look the same, and who wakes nobody makes no call. So only
 * those count that libstdc++ waits at for a std::latch, or for a semaphore of C++20 that starts at 0; not
 * those that one thread has both waited for and woken others at; and none while the program may yet do so.
 */
#include <errno.h>
#include <string.h>

#include "cli/load.h"

enum { FUTEX_FRAMES = 12 };

enum futex_what { FUTEX_UNKNOWN, FUTEX_LATCH, FUTEX_SEMAPHORE };

static bool futex_is_file(const char *file, const char *name)
{
	const char *slash = file ? strrchr(file, '/') : NULL;

	return slash && !strcmp(slash + 1, name);
}

/* libstdc++'s functions round the system call, by their names or, where they are inlined, by the header that
 * they are from. */
static enum futex_what futex_frame(struct cli_loaded *l, uint64_t frame)
{
	int module = cli_source_module(l->source, l->symbols, LOCKDAG_FRAME_MODULE(frame));
	struct lockdag_frame frames[LOCKDAG_MAX_INLINE];
	int n = module < 0 ? 0
			   : lockdag_symbols_frames(l->symbols, module, LOCKDAG_FRAME_OFFSET(frame), true,
				     frames, LOCKDAG_MAX_INLINE);

	for (int i = 0; i < n; i++) {
		const char *function = frames[i].function ? frames[i].function : "";

		if (strstr(function, "std::latch::") || futex_is_file(frames[i].file, "latch"))
			return FUTEX_LATCH;
		if (strstr(function, "std::__atomic_semaphore::") ||
			futex_is_file(frames[i].file, "semaphore_base.h"))
			return FUTEX_SEMAPHORE;
	}
	return FUTEX_UNKNOWN;
}

/* A semaphore that starts at 0 is an event. Its constructor makes no call that would be seen, so that only the
 * source can tell. */
static bool futex_starts_zero(struct cli_loaded *l, const struct lockdag_session_key *row)
{
	return row->place &&
	       lockdag_symbols_starts_zero(l->symbols,
		       cli_source_module(l->source, l->symbols, LOCKDAG_FRAME_MODULE(row->place)),
		       LOCKDAG_FRAME_OFFSET(row->place));
}

static int futex_acquire(void *arg, const struct lockdag_session_acquire *a)
{
	uint32_t key = LOCKDAG_KEY_ROW(a->item.presence.key);
	struct cli_loaded *l = arg;
	struct lockdag_session_key row;
	enum futex_what what = FUTEX_UNKNOWN;
	bool found;

	if (!(a->item.flags & LOCKDAG_ITEM_WAIT) || key >= l->locks.n ||
		!lockdag_session_key(l->source->session, key, &row) || !(row.flags & LOCKDAG_KEY_FUTEX) ||
		row.flags & LOCKDAG_KEY_BOTH_WAYS)
		return 0;
	for (size_t i = 0; i < a->item.n_frames && i < FUTEX_FRAMES && !what; i++)
		what = futex_frame(l, a->frames[i]);
	found = what == FUTEX_LATCH || (what == FUTEX_SEMAPHORE && futex_starts_zero(l, &row));
	while (found && l->futexes.n <= key) {
		uint8_t *known = lockdag_vec_push(&l->futexes);

		if (!known)
			return -ENOMEM;
		*known = FUTEX_UNKNOWN;
	}
	if (found)
		l->futexes.items[key] = (uint8_t)what;
	return 0;
}

/* What the word of this row is, FUTEX_UNKNOWN while that is not known. Walks the session once. */
static int futex_of(struct cli_loaded *l, uint32_t row, enum futex_what *ret)
{
	const struct lockdag_session_visitor visitor = {.acquire = futex_acquire};
	int r = 0;

	if (!l->futexes_known && !(l->source->live && !l->source->over))
		r = lockdag_session_walk(l->source->session, &visitor, l);
	l->futexes_known = true;
	*ret = row < l->futexes.n ? (enum futex_what)l->futexes.items[row] : FUTEX_UNKNOWN;
	return r;
}

int cli_load_is_no_event(struct cli_loaded *l, uint32_t key, bool *ret)
{
	struct lockdag_session_key row;
	enum futex_what what;
	int r;

	*ret = false;
	key = LOCKDAG_KEY_ROW(key);
	if (key >= l->locks.n || !lockdag_session_key(l->source->session, key, &row) ||
		!(row.flags & LOCKDAG_KEY_FUTEX))
		return 0;
	r = futex_of(l, key, &what);
	*ret = what == FUTEX_UNKNOWN;
	return r;
}

int cli_load_comes_once(struct cli_loaded *l, uint32_t key, bool *ret)
{
	struct lockdag_session_key row;
	enum futex_what what = FUTEX_UNKNOWN;
	int r = 0;

	key = LOCKDAG_KEY_ROW(key);
	*ret = key < l->locks.n && lockdag_session_key(l->source->session, key, &row) &&
	       !(row.flags & LOCKDAG_KEY_POSTERS);
	if (*ret && row.flags & LOCKDAG_KEY_FUTEX) {
		r = futex_of(l, key, &what);
		*ret = what == FUTEX_LATCH;
	}
	return r;
}
