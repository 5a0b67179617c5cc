/* SPDX-License-Identifier: MIT
 *
 * Reading a session's header and tables. Nothing in a session is trusted: the program under watch
 * may have written over it, a kept file may come from anywhere. A row is copied, then looked at.
 *
 *   row		there once its state is 1 (acquire); fields that change later (thread's
 *chunk, block) are loaded again, one by one reader		any thread, any number; excludes
 *nobody
 */
#include <string.h>

#include "session/reach.h"

/* ------------------------------------------------------------------ text */

/* Length of the UTF-8 character at s (it ends in a zero), 0: none that may be printed. */
static size_t reader_character(const unsigned char *s)
{
	size_t n = s[0] < 0x80 ? 1 : s[0] < 0xe0 ? 2 : s[0] < 0xf0 ? 3 : 4;

	if (s[0] < 0x20 || s[0] == 0x7f || (s[0] >= 0x80 && s[0] < 0xc2) || s[0] > 0xf4)
		return 0;
	for (size_t i = 1; i < n; i++)
		if ((s[i] & 0xc0) != 0x80)
			return 0;
	if ((s[0] == 0xc2 && s[1] < 0xa0) || (s[0] == 0xe0 && s[1] < 0xa0))
		return 0; /* C1 control; overlong */
	if ((s[0] == 0xed && s[1] >= 0xa0) || (s[0] == 0xf0 && s[1] < 0x90))
		return 0; /* surrogate; overlong */
	return s[0] == 0xf4 && s[1] >= 0x90 ? 0 : n;
}

void session_sanitise(char *ret, const char *text, size_t max)
{
	memcpy(ret, text, max);
	ret[max - 1] = 0;
	while (*ret) {
		size_t n = reader_character((const unsigned char *)ret);

		if (n == 0)
			*ret = '?';
		ret += n ? n : 1;
	}
}

const char *lockdag_session_command(const struct lockdag_session *s)
{
	return s->command;
}

/* ------------------------------------------------------------------ header */

uint64_t lockdag_session_generation(const struct lockdag_session *s)
{
	/* pairs with: lockdag_write_news */
	return lockdag_load_acquire(&session_header(s)->generation);
}

uint64_t lockdag_session_lost(const struct lockdag_session *s, enum lockdag_loss loss)
{
	if ((unsigned)loss >= LOCKDAG_N_LOSSES)
		return 0;
	return lockdag_load_relaxed(&session_header(s)->lost[loss]);
}

/* A full table's count goes on growing. Rows beyond a count read too early are not missed for
 * good: the generation has grown too. */
static uint32_t reader_count(const uint32_t *count, uint32_t max)
{
	uint32_t n = lockdag_load_relaxed(count);

	return n < max ? n : max;
}

uint32_t lockdag_session_n_processes(const struct lockdag_session *s)
{
	return reader_count(&session_header(s)->n_processes, LOCKDAG_MAX_PROCESSES);
}

uint32_t lockdag_session_n_threads(const struct lockdag_session *s)
{
	return reader_count(&session_header(s)->n_threads, LOCKDAG_MAX_THREADS);
}

uint32_t lockdag_session_n_modules(const struct lockdag_session *s)
{
	return reader_count(&session_header(s)->n_modules, LOCKDAG_MAX_MODULES);
}

uint32_t lockdag_session_n_classes(const struct lockdag_session *s)
{
	return reader_count(&session_header(s)->n_classes, LOCKDAG_MAX_CLASSES);
}

uint32_t lockdag_session_n_keys(const struct lockdag_session *s)
{
	return reader_count(&session_header(s)->n_keys, LOCKDAG_MAX_KEYS);
}

/* ------------------------------------------------------------------ rows */

_Static_assert(offsetof(struct lockdag_session_process, state) == 0 &&
		       offsetof(struct lockdag_session_thread, state) == 0 &&
		       offsetof(struct lockdag_session_module, state) == 0 &&
		       offsetof(struct lockdag_session_class, state) == 0 &&
		       offsetof(struct lockdag_session_key, state) == 0,
	"reader_row looks for it there");

/* The tables lie within the limit, which open and create see to. */
static const void *reader_row(
	const struct lockdag_session *s, uint64_t table, size_t size, uint32_t n, uint32_t i)
{
	const void *row;

	if (i >= n)
		return NULL;
	row = s->base + table + (uint64_t)i * size;
	/* pairs with: who commits what lockdag_write_process, _thread (attach_commit_thread),
	 * _module, _class or _key gave */
	return lockdag_load_acquire((const uint32_t *)row) == 1 ? row : NULL;
}

bool lockdag_session_process(
	const struct lockdag_session *s, uint32_t i, struct lockdag_session_process *ret)
{
	const void *row = reader_row(s, lockdag_session_layout.processes, sizeof(*ret),
		lockdag_session_n_processes(s), i);

	if (!row)
		return false;
	memcpy(ret, row, sizeof(*ret));
	ret->exe[sizeof(ret->exe) - 1] = 0;
	ret->exec_path[sizeof(ret->exec_path) - 1] = 0;
	return true;
}

bool lockdag_session_thread(
	const struct lockdag_session *s, uint32_t i, struct lockdag_session_thread *ret)
{
	const struct lockdag_session_thread *row = reader_row(
		s, lockdag_session_layout.threads, sizeof(*ret), lockdag_session_n_threads(s), i);

	if (!row)
		return false;
	memcpy(ret, row, sizeof(*ret));
	/* pairs with: lockdag_write_item, which links a new chunk */
	ret->chunk = lockdag_load_acquire(&row->chunk);
	/* pairs with: guest_thread_end, which takes it away */
	ret->block = lockdag_load_acquire(&row->block);
	ret->name[sizeof(ret->name) - 1] = 0;
	return true;
}

bool lockdag_session_module(
	const struct lockdag_session *s, uint32_t i, struct lockdag_session_module *ret)
{
	const void *row = reader_row(
		s, lockdag_session_layout.modules, sizeof(*ret), lockdag_session_n_modules(s), i);

	if (!row)
		return false;
	memcpy(ret, row, sizeof(*ret));
	if (ret->n_build_id > sizeof(ret->build_id))
		ret->n_build_id = sizeof(ret->build_id);
	ret->path[sizeof(ret->path) - 1] = 0;
	return true;
}

bool lockdag_session_class(
	const struct lockdag_session *s, uint32_t i, struct lockdag_session_class *ret)
{
	const void *row = reader_row(
		s, lockdag_session_layout.classes, sizeof(*ret), lockdag_session_n_classes(s), i);

	if (!row)
		return false;
	memcpy(ret, row, sizeof(*ret));
	if (ret->n_frames > LOCKDAG_CLASS_FRAMES)
		ret->n_frames = LOCKDAG_CLASS_FRAMES;
	return true;
}

bool lockdag_session_key(
	const struct lockdag_session *s, uint32_t i, struct lockdag_session_key *ret)
{
	const void *row = reader_row(
		s, lockdag_session_layout.keys, sizeof(*ret), lockdag_session_n_keys(s), i);

	if (!row)
		return false;
	memcpy(ret, row, sizeof(*ret));
	return true;
}

/* ------------------------------------------------------------------ what rows refer to */

bool lockdag_session_snapshot(
	const struct lockdag_session *s, uint64_t offset, struct lockdag_session_snapshot *ret)
{
	const void *at = session_heap_at(s, offset, sizeof(*ret), sizeof(uint64_t));

	if (!at)
		return false;
	memcpy(ret, at, sizeof(*ret));
	if (ret->n_words > LOCKDAG_ARRAY_SIZE(ret->words))
		ret->n_words = LOCKDAG_ARRAY_SIZE(ret->words);
	return true;
}

bool lockdag_session_text(
	const struct lockdag_session *s, uint64_t offset, char *text, size_t size)
{
	size_t n = 0;

	for (; n + 1 < size; n++) {
		const char *at = session_heap_at(s, offset + n, 1, 1);

		if (!at || !*at)
			break;
		text[n] = *at;
	}
	text[n] = 0;
	return n != 0;
}

size_t lockdag_session_guards(const struct lockdag_session *s, uint64_t offset,
	struct lockdag_session_guard *guards)
{
	const struct lockdag_session_guards *at =
		session_heap_at(s, offset, sizeof(*at), sizeof(uint64_t));
	uint32_t n;

	if (!at)
		return 0;
	memcpy(&n, &at->n, sizeof(n));
	if (n > LOCKDAG_MAX_GUARDS ||
		!session_heap_at(s, offset, sizeof(*at) + n * sizeof(*guards), sizeof(uint64_t)))
		return 0;
	memcpy(guards, at->guards, n * sizeof(*guards));
	return n;
}
