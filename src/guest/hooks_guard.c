/* SPDX-License-Identifier: MIT
 *
 * Guards of function-local statics: a lock that the first comer holds while the static is initialised,
 * and that all others ask for.
 *
 * Once it is done, compiled code looks at the guard's first byte itself and calls nobody, so that a
 * thread which comes to it later, with a lock held, would never be seen. For a while the byte is
 * therefore *withheld*: it stays 0, the guard's upper word says here that the static is done, and
 * who asks is answered without the real function. Only for guards that no other module can see
 * (another one may have a runtime of its own linked in, which would initialise the static again), only
 * with libstdc++, which uses the lower word alone, and only for GUARD_PASSES passes.
 */
#include <dlfcn.h>
#include <elf.h>
#include <link.h>

#include "guest/hooks_event.h"

#define LIBSTDCXX "libstdc++.so.6"
#define GUARD_MARK 0xd09e0000u /* upper half of the upper word; the lower half counts the passes */
#define GUARD_PASSES 4096u
#define GUARD_MAX_SYMBOLS 32768u /* of a module that is searched */

#pragma weak _dl_find_object

/* ------------------------------------------------------------------ whose guard it is */

/* How many symbols the dynamic table has: the hash table knows. 0: not known. */
static uint32_t guard_count(const uint32_t *gnu_hash, const uint32_t *hash)
{
	const uint32_t *buckets, *chain;
	uint32_t last = 0;

	if (!gnu_hash)
		return hash ? hash[1] : 0;
	buckets = gnu_hash + 4 + (size_t)gnu_hash[2] * (sizeof(ElfW(Addr)) / 4);
	chain = buckets + gnu_hash[0];
	for (uint32_t i = 0; i < gnu_hash[0]; i++)
		last = buckets[i] > last ? buckets[i] : last;
	if (last < gnu_hash[1])
		return gnu_hash[1];
	while (!(chain[last - gnu_hash[1]] & 1))
		last++;
	return last + 1;
}

/* Does the module show a variable at this address to others? Also when that cannot be told. */
static bool guard_is_shown(const struct link_map *map, uint64_t address)
{
	const uint32_t *gnu_hash = NULL, *hash = NULL;
	const ElfW(Sym) *symbols = NULL;
	uint32_t n;

	for (const ElfW(Dyn) *d = map->l_ld; d && d->d_tag != DT_NULL; d++) {
		if (d->d_tag == DT_SYMTAB)
			symbols = (const ElfW(Sym) *)d->d_un.d_ptr;
		else if (d->d_tag == DT_GNU_HASH)
			gnu_hash = (const uint32_t *)d->d_un.d_ptr;
		else if (d->d_tag == DT_HASH)
			hash = (const uint32_t *)d->d_un.d_ptr;
	}
	n = symbols && (!gnu_hash || (uint64_t)gnu_hash > map->l_addr) &&
			(uint64_t)symbols > map->l_addr
		? guard_count(gnu_hash, hash)
		: 0;
	if (!n || n > GUARD_MAX_SYMBOLS)
		return true;
	for (uint32_t i = 0; i < n; i++) {
		uint64_t at = map->l_addr + symbols[i].st_value;

		if (symbols[i].st_shndx != SHN_UNDEF && address >= at &&
			address < at + (symbols[i].st_size ? symbols[i].st_size : 1))
			return true;
	}
	return false;
}

static bool guard_is_private(const uint64_t *guard, uint64_t ip)
{
	struct dl_find_object of_guard, of_caller;

	return _dl_find_object && !_dl_find_object((void *)(uintptr_t)guard, &of_guard) &&
		!_dl_find_object((void *)ip, &of_caller) &&
		of_guard.dlfo_link_map == of_caller.dlfo_link_map &&
		!guard_is_shown(of_guard.dlfo_link_map, (uint64_t)guard);
}

/* Is the runtime libstdc++, the shared one? */
static bool guard_is_libstdcxx(uint64_t function)
{
	static const char name[] = "/" LIBSTDCXX;
	struct dl_find_object object;
	const char *path;
	size_t n = 0, k = sizeof(name) - 1;

	if (!_dl_find_object || _dl_find_object((void *)function, &object))
		return false;
	path = object.dlfo_link_map->l_name;
	while (path[n])
		n++;
	if (n < k)
		return false;
	for (size_t i = 0; i < k; i++)
		if (path[n - k + i] != name[i])
			return false;
	return true;
}

/* ------------------------------------------------------------------ withholding */

/* The word that compiled code and libstdc++ use, and the one that they leave alone. */
static uint32_t *guard_lower(uint64_t *guard)
{
	return (uint32_t *)guard;
}

static uint32_t *guard_upper(uint64_t *guard)
{
	return (uint32_t *)guard + 1;
}

static bool guard_is_withheld(uint64_t *guard)
{
	/* pairs with: guard_withhold: what the initialiser wrote is seen by who is let pass */
	return (lockdag_load_acquire(guard_upper(guard)) & 0xffff0000u) == GUARD_MARK;
}

/* Before the real release. The mark first: whoever finds the lower word 0 afterwards finds the mark. */
static void guard_mark(uint64_t *guard)
{
	lockdag_store_release(guard_upper(guard), GUARD_MARK); /* pairs with: guard_is_withheld */
}

/* After the real release, which has woken those who waited: they may take the 0 for their turn, see
 * __cxa_guard_acquire(). */
static void guard_withhold(uint64_t *guard)
{
	lockdag_store_release(guard_lower(guard), 0); /* pairs with: guard_is_withheld */
}

/* One more pass; the last one gives the byte to the program for good. */
static void guard_passed(uint64_t *guard)
{
	uint32_t upper = lockdag_load_relaxed(guard_upper(guard));

	if ((upper & 0xffffu) < GUARD_PASSES)
		lockdag_store_relaxed(guard_upper(guard), upper + 1);
	else /* pairs with: the program's own load of the byte */
		lockdag_store_release(guard_lower(guard), 1);
}

/* ------------------------------------------------------------------ hooks */

typedef void guard_end(uint64_t *);

static guard_end *guard_release(uint64_t ip)
{
	static guard_end *real;

	if (!real)
		real = (guard_end *)guest_find("__cxa_guard_release", LIBSTDCXX, ip);
	return real;
}

/* A pass through a static that is done. In another run it might not have been, but for a thread that
 * saw it done before. */
static void guard_pass(uint64_t *guard, struct guest_site site)
{
	struct lockdag_block *t = guest_current();
	uint32_t key;

	if (!t || !guest_event_key(t, guard, LOCKDAG_LOCK_GUARD, site, &key) ||
		(!(key & LOCKDAG_KEY_MANY) && guest_saw_done(t, key, false)))
		return;
	guest_before(t, guard, key, LOCKDAG_EXCLUSIVE, site.ip, site.sp, GUEST_LOOK_UP);
	lockdag_store_relaxed(&t->waiting, 0);
	guest_once_saw(t, key, site.sp);
}

GUEST_EXPORT int __cxa_guard_acquire(uint64_t *guard);
GUEST_EXPORT int __cxa_guard_acquire(uint64_t *guard)
{
	static int (*real)(uint64_t *);
	const struct guest_site site = GUEST_SITE();
	struct lockdag_block *t;
	bool watched;
	uint32_t key;
	int mine;

	if (guard_is_withheld(guard)) {
		guard_pass(guard, site);
		guard_passed(guard);
		return 0;
	}
	t = guest_current();
	watched = t && guest_event_key(t, guard, LOCKDAG_LOCK_GUARD, site, &key);
	if (!real)
		real = (int (*)(uint64_t *))guest_find("__cxa_guard_acquire", LIBSTDCXX, site.ip);
	if (!real) /* nowhere: one thread at a time is the best guess */
		return !*(const char *)guard;
	if (watched)
		guest_before(t, guard, key, LOCKDAG_EXCLUSIVE, site.ip, site.sp, GUEST_LOOK_UP);
	mine = real(guard);
	if (mine && guard_is_withheld(guard)) {
		/* It waited, or came, while the byte was taken back: the static is done. */
		guard_release(site.ip)(guard);
		mine = 0;
	}
	if (!watched)
		return mine;
	if (mine)
		t->phase++;
	guest_after(t, guard, LOCKDAG_LOCK_GUARD, LOCKDAG_EXCLUSIVE, site.ip, site.sp, mine);
	if (!mine)
		guest_once_saw(t, key, site.sp);
	return mine;
}

/* The thread has run it: a point of must-order. */
static void guard_ran(const uint64_t *guard, struct guest_site site)
{
	struct lockdag_block *t = guest_current();
	uint32_t key;

	if (!t || !guest_lookup(guard, LOCKDAG_LOCK_GUARD, &key) || key & LOCKDAG_KEY_MANY)
		return;
	guest_point(t, LOCKDAG_POINT_ONCE_RAN, key, 0, t->phase, t->phase, site.sp);
	t->phase++;
	guest_saw_done(t, key, true);
}

GUEST_EXPORT guard_end __cxa_guard_release;
GUEST_EXPORT void __cxa_guard_release(uint64_t *guard)
{
	const struct guest_site site = GUEST_SITE();
	guard_end *real = guard_release(site.ip);
	bool withhold = guest_process.embed && guest_current() && real &&
		guard_is_libstdcxx((uint64_t)real) && guard_is_private(guard, site.ip);

	guest_unlock(guard, LOCKDAG_N_LOCK_TYPES, site);
	guard_ran(guard, site);
	if (withhold)
		guard_mark(guard);
	if (real)
		real(guard);
	else
		*(char *)guard = 1;
	if (withhold)
		guard_withhold(guard);
}

GUEST_EXPORT guard_end __cxa_guard_abort;
GUEST_EXPORT void __cxa_guard_abort(uint64_t *guard)
{
	static guard_end *real;

	if (!real)
		real = (guard_end *)guest_find("__cxa_guard_abort", LIBSTDCXX, GUEST_IP());
	guest_unlock(guard, LOCKDAG_N_LOCK_TYPES, GUEST_SITE());
	if (real)
		real(guard);
	else
		*(char *)guard = 0;
}
