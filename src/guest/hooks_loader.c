/* SPDX-License-Identifier: MIT
 *
 * The loader. It has two recursive locks, which libc takes behind our back (RUNTIME.md 1.2):
 *
 *   load	dlopen, dlmopen and dlclose hold it while constructors and destructors run; dlsym and
 *		dladdr take it for a moment
 *   write	dl_iterate_phdr holds it while its callbacks run; dlopen and dlclose take it inside load
 *
 * Here they are locks by the names people will look for. Constructors of what the program was started
 * with run before anything else and hold neither.
 *
 * dlopen, dlmopen and dlsym take their caller's address as an argument (RUNPATH, name space,
 * RTLD_NEXT). So their hooks are stubs that ask C where to go, and jump: to the real function, which then sees its
 * caller; or to one of ours that stays until the real one returns, where the caller makes no difference.
 * RTLD_DEEPBIND is dropped on the way: it would bind the library's locks around us.
 */
#include "guest/hooks.h"

#include <dlfcn.h>
#include <link.h>

#include "guest/module.h"
#include "guest/unwind.h"

#define REAL(name) (guest_reals()->name)

#define LOADER_ASM __attribute__((used, visibility("hidden")))

#pragma weak _dl_find_object

/* ------------------------------------------------------------------ its locks */

enum loader_lock { LOADER_LOAD, LOADER_WRITE };

static const struct guest_pseudo loader_locks[] = {
	[LOADER_LOAD] = GUEST_PSEUDO(1, LOCKDAG_LOCK_LOADER, "loader_lock"),
	[LOADER_WRITE] = GUEST_PSEUDO(2, LOCKDAG_LOCK_LOADER, "dl_iterate_phdr.loader_lock"),
};

static bool loader_begin(struct guest_wait *w, enum loader_lock lock, struct guest_site site)
{
	return guest_pseudo_begin(w, &loader_locks[lock], 0, site);
}

bool guest_loader_runs(struct lockdag_block *t)
{
	return guest_find_held(t, loader_locks[LOADER_LOAD].object) != NULL;
}

/* Asked for, and given back before anything else happens. */
static void loader_touch(enum loader_lock lock, struct guest_site site)
{
	struct guest_wait w;

	if (loader_begin(&w, lock, site))
		guest_wait_end(&w, false);
}

/* A change of what is loaded: write is taken with load held. Asked for without it, too: who holds
 * something else waits for both. */
static bool loader_change(struct guest_wait *w, struct guest_site site)
{
	bool watched;

	loader_touch(LOADER_WRITE, site);
	watched = loader_begin(w, LOADER_LOAD, site);
	if (watched) {
		guest_wait_end(w, true);
		loader_touch(LOADER_WRITE, site);
	}
	return watched;
}

static void loader_changed(const struct guest_wait *w, bool watched)
{
	if (watched && guest_current() == w->t)
		guest_release(w->t, w->lock, LOCKDAG_N_LOCK_TYPES);
}

/* ------------------------------------------------------------------ may a frame stand in between?
 *
 * The caller decides where a name without a slash is looked for (its DT_RUNPATH), and the DT_RPATH of
 * all that loaded it where everything is, dependencies too. Of the objects the program was started with both are known. */

static struct {
	uint32_t n; /* how many of them there are, 0: not known; the first of the loader's list */
	bool rpath;
} loader_start;

static bool loader_has(const struct link_map *map, int64_t tag)
{
	for (const ElfW(Dyn) *d = map->l_ld; d && d->d_tag != DT_NULL; d++)
		if (d->d_tag == tag)
			return true;
	return false;
}

void guest_loader_start(void)
{
	uint32_t n = 0;

	for (const struct link_map *map = _r_debug.r_map; map; map = map->l_next, n++)
		loader_start.rpath = loader_start.rpath || loader_has(map, DT_RPATH);
	loader_start.n = n;
}

static const struct link_map *loader_start_object(uint64_t ip)
{
	const struct link_map *map = _r_debug.r_map;
	struct dl_find_object object;

	if (!_dl_find_object || _dl_find_object((void *)ip, &object))
		return NULL;
	for (uint32_t i = 0; map && i < loader_start.n; i++, map = map->l_next)
		if (map == object.dlfo_link_map)
			return map;
	return NULL;
}

static bool loader_may_stay(const char *file, uint64_t ip)
{
	const struct link_map *map;
	bool slash = false;

	if (loader_start.rpath || !guest_current())
		return false;
	map = loader_start_object(ip);
	for (const char *c = file; c && *c; c++) {
		if (*c == '$') /* $ORIGIN is the caller's */
			return false;
		slash = slash || *c == '/';
	}
	return map && (slash || !loader_has(map, DT_RUNPATH));
}

/* ------------------------------------------------------------------ dlopen, dlmopen, dlsym */

/* A stub's caller as it lies on the stack: the arguments, which may be changed here. */
struct loader_call {
	uint64_t third, second, first;
	uint64_t ip;
};

static struct guest_site loader_site(const struct loader_call *c)
{
	return (struct guest_site){ c->ip, (uint64_t)(&c->ip + 1) };
}

static void *loader_find(void **real, const char *name)
{
	void *p = lockdag_load_relaxed(real);

	if (!p) {
		p = guest_find(name, NULL, 0);
		lockdag_store_relaxed(real, p);
	}
	return p;
}

static void *loader_real_dlopen, *loader_real_dlmopen;

static void loader_count(enum lockdag_loss loss)
{
	if (guest_process.state == GUEST_READY)
		lockdag_write_lost(&guest_process.writer, loss);
}

/* Somebody else's constructors may run inside: nothing tells when they are through. */
static void *loader_leave(void *real, int mode, struct guest_site site)
{
	loader_touch(LOADER_LOAD, site);
	if (!(mode & RTLD_NOLOAD))
		loader_touch(LOADER_WRITE, site);
	return real;
}

static void *loader_stay_dlopen(const char *file, int mode)
{
	struct guest_wait w;
	bool watched = loader_change(&w, GUEST_SITE());
	void *handle = ((void *(*)(const char *, int))loader_real_dlopen)(file, mode);

	loader_changed(&w, watched);
	return handle;
}

static void *loader_stay_dlmopen(Lmid_t space, const char *file, int mode)
{
	struct guest_wait w;
	bool watched = loader_change(&w, GUEST_SITE());
	void *handle = ((void *(*)(Lmid_t, const char *, int))loader_real_dlmopen)(space, file, mode);

	loader_changed(&w, watched);
	return handle;
}

static uint64_t loader_mode(uint64_t mode)
{
	if (mode & RTLD_DEEPBIND)
		loader_count(LOCKDAG_LOST_DEEPBIND);
	return mode & ~(uint64_t)RTLD_DEEPBIND;
}

LOADER_ASM void *guest_way_dlopen(struct loader_call *c);
void *guest_way_dlopen(struct loader_call *c)
{
	void *real = loader_find(&loader_real_dlopen, "dlopen");

	c->second = loader_mode(c->second);
	if (!(c->second & RTLD_NOLOAD) && loader_may_stay((const char *)c->first, c->ip))
		return (void *)loader_stay_dlopen;
	return loader_leave(real, (int)c->second, loader_site(c));
}

/* What is in a name space of its own binds around us whatever we do. */
LOADER_ASM void *guest_way_dlmopen(struct loader_call *c);
void *guest_way_dlmopen(struct loader_call *c)
{
	void *real = loader_find(&loader_real_dlmopen, "dlmopen");

	if (c->first != LM_ID_BASE)
		loader_count(LOCKDAG_LOST_DLMOPEN);
	else
		c->third = loader_mode(c->third);
	if (!(c->third & RTLD_NOLOAD) && loader_may_stay((const char *)c->second, c->ip))
		return (void *)loader_stay_dlmopen;
	return loader_leave(real, (int)c->third, loader_site(c));
}

LOADER_ASM void *guest_way_dlsym(struct loader_call *c);
void *guest_way_dlsym(struct loader_call *c)
{
	void *real = guest_real_dlsym();

	if (guest_ready())
		loader_touch(LOADER_LOAD, loader_site(c));
	return real;
}

/* A stub: hands its three arguments to guest_way_NAME and goes on where that says. */
#define LOADER_STUB(name)                                                                          \
	__asm__(".text\n"                                                                          \
		".globl " name "\n"                                                                \
		".type " name ", @function\n" name ":\n"                                           \
		"	.cfi_startproc\n"                                                          \
		"	pushq %rdi\n"                                                              \
		"	.cfi_adjust_cfa_offset 8\n"                                                \
		"	pushq %rsi\n"                                                              \
		"	.cfi_adjust_cfa_offset 8\n"                                                \
		"	pushq %rdx\n"                                                              \
		"	.cfi_adjust_cfa_offset 8\n"                                                \
		"	movq %rsp, %rdi\n"                                                         \
		"	call guest_way_" name "\n"                                                 \
		"	popq %rdx\n"                                                               \
		"	.cfi_adjust_cfa_offset -8\n"                                               \
		"	popq %rsi\n"                                                               \
		"	.cfi_adjust_cfa_offset -8\n"                                               \
		"	popq %rdi\n"                                                               \
		"	.cfi_adjust_cfa_offset -8\n"                                               \
		"	jmp *%rax\n"                                                               \
		"	.cfi_endproc\n"                                                            \
		".size " name ", . - " name "\n")

LOADER_STUB("dlopen");
LOADER_STUB("dlmopen");
LOADER_STUB("dlsym");

/* ------------------------------------------------------------------ the others */

GUEST_EXPORT int dlclose(void *handle)
{
	struct guest_wait w;
	bool watched = loader_change(&w, GUEST_SITE());
	int r = REAL(dlclose)(handle);

	/* Other code, other data may be where the library was. */
	guest_unwind_forget();
	guest_modules_changed();
	loader_changed(&w, watched);
	return r;
}

GUEST_EXPORT int dladdr(const void *address, Dl_info *info)
{
	loader_touch(LOADER_LOAD, GUEST_SITE());
	return REAL(dladdr)(address, info);
}

GUEST_EXPORT int dladdr1(const void *address, Dl_info *info, void **more, int flags)
{
	loader_touch(LOADER_LOAD, GUEST_SITE());
	return REAL(dladdr1)(address, info, more, flags);
}

GUEST_EXPORT int dl_iterate_phdr(
	int (*callback)(struct dl_phdr_info *, size_t, void *), void *data)
{
	struct guest_wait w;
	bool watched = loader_begin(&w, LOADER_WRITE, GUEST_SITE());
	int r;

	if (watched)
		guest_wait_end(&w, true);
	r = REAL(dl_iterate_phdr)(callback, data);
	loader_changed(&w, watched);
	return r;
}
