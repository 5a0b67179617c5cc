/* SPDX-License-Identifier: MIT
 *
 * Reads whatever bytes make of a session: header, rows, snapshots, stacks, items, live blocks.
 *
 * Input: a sequence of patches over an empty, valid session:
 *	u8 place	which table, see fuzz_place
 *	u8 n		bytes that follow
 *	u16 offset	in units of 8 from the start of that place
 *	n bytes
 * A page that may not be touched follows the session, so that a read beyond it is seen.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "session/session.h"

#define FUZZ_HEAP (UINT64_C(65536) * 8 + 4096)
#define FUZZ_ROWS 512u /* of each table are looked at; the whole of it would take too long */
#define FUZZ_PATCH 4u

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char *fuzz_base;
static volatile uint64_t fuzz_sum; /* keeps what is read from being optimised away */

static uint64_t fuzz_size(void)
{
	return lockdag_session_layout.heap + FUZZ_HEAP;
}

/* Where a patch goes. The last place is the last page, to have things cut off by the end. */
static uint64_t fuzz_place(uint8_t place, uint64_t offset)
{
	const struct lockdag_session_layout *at = &lockdag_session_layout;
	const uint64_t places[] = {
		0, at->processes, at->threads, at->modules, at->classes, at->keys, at->heap};

	place %= LOCKDAG_ARRAY_SIZE(places) + 1;
	if (place == LOCKDAG_ARRAY_SIZE(places))
		return fuzz_size() - 4096 + offset % 4096;
	return places[place] + offset;
}

static void fuzz_map(void)
{
	if (fuzz_base)
		return;
	fuzz_base = mmap(NULL, fuzz_size() + 4096, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (fuzz_base == MAP_FAILED || mprotect(fuzz_base + fuzz_size(), 4096, PROT_NONE) < 0)
		abort();
	(void)madvise(fuzz_base, fuzz_size(), MADV_NOHUGEPAGE);
}

static void fuzz_fill(const uint8_t *data, size_t size)
{
	struct lockdag_session_header *header = (void *)fuzz_base;

	madvise(fuzz_base, fuzz_size(), MADV_DONTNEED);
	header->magic = LOCKDAG_SESSION_MAGIC;
	header->version = LOCKDAG_SESSION_VERSION;
	header->header_size = sizeof(*header);
	header->size = LOCKDAG_SESSION_SIZE;
	header->heap_next = fuzz_size();
	header->n_processes = header->n_threads = header->n_modules = 4;
	header->n_classes = header->n_keys = 4;
	while (size > FUZZ_PATCH) {
		uint64_t offset = fuzz_place(data[0], 8 * (uint64_t)(data[2] | data[3] << 8));
		size_t n = data[1];

		data += FUZZ_PATCH;
		size -= FUZZ_PATCH;
		if (n > size)
			n = size;
		if (offset + n <= fuzz_size())
			memcpy(fuzz_base + offset, data, n);
		data += n;
		size -= n;
	}
	header->n_threads %= FUZZ_ROWS; /* to walk a million of empty ones takes too long */
}

static void fuzz_text(const char *s, size_t max)
{
	assert(memchr(s, 0, max));
	fuzz_sum += strlen(s);
}

static void fuzz_rows(const struct lockdag_session *s)
{
	struct lockdag_session_process process;
	struct lockdag_session_module module;
	struct lockdag_session_class class;
	struct lockdag_session_key key;
	struct lockdag_session_snapshot snapshot;

	for (uint32_t i = 0; i < FUZZ_ROWS; i++) {
		if (lockdag_session_process(s, i, &process)) {
			fuzz_text(process.exe, sizeof(process.exe));
			fuzz_text(process.exec_path, sizeof(process.exec_path));
		}
		if (lockdag_session_module(s, i, &module)) {
			fuzz_text(module.path, sizeof(module.path));
			assert(module.n_build_id <= sizeof(module.build_id));
		}
		if (lockdag_session_class(s, i, &class)) {
			assert(class.n_frames <= LOCKDAG_CLASS_FRAMES);
			if (lockdag_session_snapshot(s, class.snapshot, &snapshot))
				assert(snapshot.n_words <= LOCKDAG_ARRAY_SIZE(snapshot.words));
		}
		if (lockdag_session_key(s, i, &key))
			fuzz_sum += key.serial;
	}
	fuzz_sum += lockdag_session_process(s, UINT32_MAX, &process);
	fuzz_sum += lockdag_session_key(s, lockdag_session_n_keys(s), &key);
	assert(lockdag_session_n_keys(s) <= LOCKDAG_MAX_KEYS);
}

static void fuzz_threads(const struct lockdag_session *s)
{
	struct lockdag_session_thread thread;
	struct lockdag_session_live live;
	struct lockdag_session_guard guards[LOCKDAG_MAX_GUARDS];

	for (uint32_t i = 0; i < FUZZ_ROWS; i++) {
		if (!lockdag_session_thread(s, i, &thread))
			continue;
		fuzz_text(thread.name, sizeof(thread.name));
		for (size_t k = lockdag_session_guards(s, thread.guards, guards); k > 0; k--)
			fuzz_sum += guards[k - 1].key;
		if (!lockdag_session_live(s, i, &live))
			continue;
		assert(live.depth <= LOCKDAG_MAX_ITEM_HELD && (live.waiting & 3) == 0);
		assert(live.wait_kind < LOCKDAG_WAIT_KINDS);
		for (uint32_t k = 0; k < live.depth; k++)
			fuzz_sum += live.held[k].lock;
	}
}

struct fuzz_walk {
	const struct lockdag_session *s;
	uint64_t bytes; /* of items */
};

static int fuzz_acquire(void *arg, const struct lockdag_session_acquire *a)
{
	struct fuzz_walk *walk = arg;
	struct lockdag_session_acquire other;

	walk->bytes += a->item.size;
	assert(walk->bytes <= FUZZ_HEAP);
	assert(a->item.n_held <= LOCKDAG_MAX_ITEM_HELD);
	assert(a->item.n_frames <= LOCKDAG_MAX_FRAMES);
	assert(lockdag_session_acquire_at(walk->s, a->offset, &other));
	for (unsigned i = 0; i < a->item.n_held; i++)
		fuzz_sum += lockdag_session_acquire_at(walk->s, a->held[i].item, &other);
	for (unsigned i = 0; i < a->item.n_frames; i++)
		fuzz_sum += a->frames[i];
	return 0;
}

static int fuzz_seen_by(void *arg, uint64_t offset, const struct lockdag_presence *p)
{
	struct fuzz_walk *walk = arg;
	struct lockdag_session_acquire other;

	assert(p->key != 0);
	fuzz_sum += lockdag_session_acquire_at(walk->s, offset, &other);
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct lockdag_session_visitor visitor = {.acquire = fuzz_acquire, .seen_by = fuzz_seen_by};
	struct fuzz_walk walk = {0};
	struct lockdag_session *s;
	const char *why;

	fuzz_map();
	fuzz_fill(data, size);
	if (lockdag_session_from_memory(fuzz_base, fuzz_size(), &s, &why) < 0) {
		assert(why);
		fuzz_text(why, 200);
		return 0;
	}
	fuzz_text(lockdag_session_command(s), 500);
	for (unsigned i = 0; i <= LOCKDAG_N_LOSSES; i++)
		fuzz_sum += lockdag_session_lost(s, (enum lockdag_loss)i);
	fuzz_rows(s);
	fuzz_threads(s);
	walk.s = s;
	if (lockdag_session_walk(s, &visitor, &walk) != 0)
		abort();
	lockdag_session_close(s);
	return 0;
}
