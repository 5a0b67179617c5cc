/* SPDX-License-Identifier: MIT
 *
 * Memory that goes while a lock in it is held. free is hot, and nearly always called with nothing held:
 * then it is a look at the thread's held stack and a jump.
 *
 * mlockall asks for every page of every mapping, and the session's is large and nearly all holes. With
 * MCL_ONFAULT pages are locked as they are touched: the program's own are in memory or come once.
 */
#include "guest/misuse.h"

#include <stdlib.h>
#include <sys/mman.h>

#define REAL(name) (guest_reals()->name)

GUEST_EXPORT int mlockall(int flags)
{
	int r;

	if (guest_process.state != GUEST_READY || !(flags & MCL_CURRENT))
		return REAL(mlockall)(flags);
	r = REAL(mlockall)(MCL_CURRENT | MCL_ONFAULT);
	flags &= ~(MCL_CURRENT | MCL_ONFAULT);
	return r || !flags ? r : REAL(mlockall)(flags);
}

static void memory_free_first(void *p);

/* The real free; until that is known, what finds it. */
static void (*memory_free)(void *) = memory_free_first;

/* Looking for the real functions may itself free something: that is left lying. */
static LOCKDAG_COLD void memory_free_first(void *p)
{
	static __thread bool looking __attribute__((tls_model("initial-exec")));

	if (looking)
		return;
	looking = true;
	lockdag_store_relaxed(&memory_free, REAL(free));
	looking = false;
	memory_free(p);
}

/* Does this thread hold a lock in p's memory? *ret_end: where that ends. */
static bool memory_has_held(const struct lockdag_block *t, void *p, uint64_t *ret_end)
{
	uint64_t end = 0;

	for (const struct lockdag_held_slot *held = t->held; held < t->top; held++) {
		if (held->lock < (uint64_t)p)
			continue;
		if (!end)
			end = (uint64_t)p + REAL(malloc_usable_size)(p);
		*ret_end = end;
		if (held->lock < end)
			return true;
	}
	return false;
}

static LOCKDAG_COLD void memory_free_slow(void *p, struct guest_site site)
{
	struct lockdag_block *t = guest_ready();
	uint64_t end;

	if (p && t && t->top != t->held && memory_has_held(t, p, &end))
		guest_misuse_free(t, (uint64_t)p, end, false, site);
	memory_free(p);
}

/* Whose held stack free looks at: never NULL, so that there is one thing less to ask. */
static struct lockdag_block memory_nobody;
static __thread const struct lockdag_block *memory_block __attribute__((tls_model("initial-exec"))) =
	&memory_nobody;

void guest_memory_thread(const struct lockdag_block *t)
{
	memory_block = t ? t : &memory_nobody;
}

/* No branch is taken on the way through, but for the one at its end. */
GUEST_EXPORT __attribute__((aligned(64))) void free(void *p)
{
	const struct lockdag_block *t = memory_block;

	if (LOCKDAG_UNLIKELY(t->top != t->held)) {
		memory_free_slow(p, GUEST_SITE());
		return;
	}
	memory_free(p);
}

/* A lock that is moved while it is held stays behind. */
GUEST_EXPORT void *realloc(void *p, size_t n)
{
	struct lockdag_block *t = guest_ready();
	uint64_t end;
	bool held = p && t && t->top != t->held && memory_has_held(t, p, &end);
	void *moved;

	if (LOCKDAG_LIKELY(!held))
		return REAL(realloc)(p, n);
	moved = REAL(realloc)(p, n);
	if (moved != p && (moved || !n))
		guest_misuse_free(t, (uint64_t)p, end, false, GUEST_SITE());
	return moved;
}

GUEST_EXPORT int munmap(void *p, size_t n)
{
	struct lockdag_block *t = guest_ready();

	if (t)
		guest_misuse_free(t, (uint64_t)p, (uint64_t)p + n, true, GUEST_SITE());
	return REAL(munmap)(p, n);
}
