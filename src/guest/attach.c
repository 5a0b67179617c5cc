/* SPDX-License-Identifier: MIT
 *
 * Start: the real functions, the session, what happens once a process.
 */
#include "guest/guest.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "guest/attach.h"
#include "guest/module.h"
#include "guest/text.h"

__thread struct guest_tls guest_tls __attribute__((tls_model("initial-exec")));
struct guest_process guest_process;
struct guest_real guest_real;
struct guest_wipe guest_wipe[2];

#pragma weak _dl_find_object

extern char **environ;
extern void *__libc_stack_end;

/* ------------------------------------------------------------------ the real functions */

/* What the object that contains ip would have bound name to, were we not there: a plug-in may bring a
 * library along inside itself. In glibc a handle is the object's link_map. */
static void *attach_find_of(const char *name, uint64_t ip)
{
	struct dl_find_object object;

	if (!_dl_find_object || _dl_find_object((void *)ip, &object))
		return NULL;
	return guest_dlsym(object.dlfo_link_map, name);
}

/* Ours is in front of it, and would be found by its name. */
void *guest_real_dlsym(void)
{
	static void *real;
	void *p = lockdag_load_relaxed(&real);

	if (!p) {
		p = dlvsym(RTLD_NEXT, "dlsym", "GLIBC_2.34");
		p = p ? p : dlvsym(RTLD_NEXT, "dlsym", "GLIBC_2.2.5");
		lockdag_store_relaxed(&real, p);
	}
	return p;
}

void *guest_dlsym(void *handle, const char *name)
{
	return ((void *(*)(void *, const char *))guest_real_dlsym())(handle, name);
}

void *guest_find(const char *name, const char *library, uint64_t ip)
{
	void *p = guest_dlsym(RTLD_NEXT, name), *handle;
	struct lockdag_block *t;

	if (p || !library)
		return p;
	/* A library loaded by dlopen is not in the global scope, yet its users find us first. */
	t = guest_pause();
	handle = dlopen(library, RTLD_LAZY | RTLD_NOLOAD);
	guest_resume(t);
	p = handle ? guest_dlsym(handle, name) : NULL;
	return p ? p : attach_find_of(name, ip);
}

static void *attach_resolve(const char *name, const char *version)
{
	void *p = version ? dlvsym(RTLD_NEXT, name, version) : NULL;

	return p ? p : guest_dlsym(RTLD_NEXT, name);
}

struct guest_real *guest_reals(void)
{
	static uint32_t resolved;
	int saved = errno;

	if (lockdag_load_acquire(&resolved)) /* pairs with: the release below */
		return &guest_real;
#define REAL(type, name, parameters, version)                                                      \
	{                                                                                          \
		void *p = attach_resolve(#name, version);                                          \
		__builtin_memcpy(&guest_real.name, &p, sizeof(p));                                 \
	}
#include "guest/real.def"
#undef REAL
	lockdag_store_release(&resolved, 1); /* pairs with: the load above */
	errno = saved;
	return &guest_real;
}

/* ------------------------------------------------------------------ finding the session */

/* A library that is initialised first comes here before libc knows its environment: then that is
 * read where the kernel left it, behind the arguments. */
static char **attach_environment(void)
{
	uint64_t *start = __libc_stack_end;

	return environ ? environ : (char **)(start + 1 + *start + 1);
}

static const char *attach_getenv(const char *name)
{
	for (char **e = attach_environment(); *e; e++) {
		const char *rest = guest_after_prefix(*e, name);

		if (rest && *rest == '=')
			return rest + 1;
	}
	return NULL;
}

/* The session's descriptor: inherited, or found again through the judge's /proc entry.
 * value: "FD:DEV:INO:PID" */
static int attach_open(const char *value, bool *ret_opened)
{
	uint64_t part[4];
	struct stat st;
	char path[64];
	int fd;

	for (int i = 0; i < 4; i++)
		if (!guest_parse_number(&value, &part[i]))
			return -1;
	fd = (int)part[0];
	*ret_opened = false;
	if (!fstat(fd, &st) && st.st_dev == part[1] && st.st_ino == part[2])
		return fd;
	guest_format(path, sizeof(path), "/proc/%u/fd/%u", part[3], part[0]);
	fd = open(path, O_RDWR | O_CLOEXEC);
	if (fd < 0)
		return -1;
	*ret_opened = true;
	if (!fstat(fd, &st) && st.st_dev == part[1] && st.st_ino == part[2])
		return fd;
	close(fd);
	return -1;
}

/* What is writable counts as the program's data (RLIMIT_DATA): the last level, for more than a million
 * locks without spare bytes, becomes so when it is needed. */
#define ATTACH_SHADOW_FIRST                                                                        \
	(((1u << 12) + (1u << 16) + (1u << 20)) * sizeof(struct lockdag_hash_entry))
#define ATTACH_SHADOW_BYTES                                                                        \
	((uint64_t)LOCKDAG_HASH_ENTRIES * sizeof(struct lockdag_hash_entry))

/* Of a limited address space, three quarters are left to the program. */
static uint64_t attach_most(void)
{
	struct rlimit limit;
	uint64_t most;

	if (getrlimit(RLIMIT_AS, &limit) || limit.rlim_cur == RLIM_INFINITY)
		return LOCKDAG_SESSION_SIZE;
	most = limit.rlim_cur / 4;
	return most > ATTACH_SHADOW_BYTES ? most - ATTACH_SHADOW_BYTES : 0;
}

/* Maps as much of the session as this process may; at least its tables. */
static bool attach_map(int fd)
{
	struct lockdag_writer *w = &guest_process.writer;
	uint64_t size = LOCKDAG_SESSION_SIZE, least = lockdag_session_layout.heap + (1u << 24);
	uint64_t most = attach_most();
	struct stat st;
	void *p = MAP_FAILED;

	if (fstat(fd, &st) || (uint64_t)st.st_size < least)
		return false;
	if ((uint64_t)st.st_size < size)
		size = (uint64_t)st.st_size;
	while (size > most)
		size /= 2;
	for (; size >= least; size /= 2) {
		p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_NORESERVE, fd, 0);
		if (p != MAP_FAILED)
			break;
	}
	if (p == MAP_FAILED)
		return false;
	madvise(p, size, MADV_DONTDUMP);
	*w = (struct lockdag_writer){ p, size, p };
	if (w->header->magic == LOCKDAG_SESSION_MAGIC &&
		w->header->version == LOCKDAG_SESSION_VERSION &&
		w->header->header_size == sizeof(*w->header))
		return true;
	munmap(p, size);
	return false;
}

static bool attach_shadow(void)
{
	void *p = mmap(NULL, ATTACH_SHADOW_BYTES, PROT_NONE,
		MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (p == MAP_FAILED || mprotect(p, ATTACH_SHADOW_FIRST, PROT_READ | PROT_WRITE))
		return false;
	madvise(p, ATTACH_SHADOW_BYTES, MADV_DONTDUMP);
	guest_process.shadow = (struct lockdag_writer){ p, ATTACH_SHADOW_FIRST,
		guest_process.writer.header };
	return true;
}

bool guest_grow_shadow(void)
{
	struct lockdag_writer *w = &guest_process.shadow;

	if (lockdag_load_relaxed(&w->limit) == ATTACH_SHADOW_BYTES ||
		mprotect(w->base, ATTACH_SHADOW_BYTES, PROT_READ | PROT_WRITE))
		return false;
	lockdag_store_relaxed(&w->limit, ATTACH_SHADOW_BYTES);
	return true;
}

static void attach_keep_environment(const char *value)
{
	const char *at = attach_getenv("LD_PRELOAD");
	size_t n = at ? guest_next_entry(&at) : 0;

	guest_format(guest_process.session_variable, sizeof(guest_process.session_variable),
		"LOCKDAG_SESSION=%s", value);
	/* A copy: programs write their titles over the environment. */
	for (; n; at += n, n = guest_next_entry(&at)) {
		if (guest_is_our_entry(at, n) && n < sizeof(guest_process.preload)) {
			guest_copy(guest_process.preload, n + 1, at);
			return;
		}
	}
}

static void attach_main_stack(void)
{
	struct rlimit limit;
	uint64_t high = ((uint64_t)__libc_stack_end | 4095) + 1, size = UINT64_C(1) << 30;

	if (!getrlimit(RLIMIT_STACK, &limit) && limit.rlim_cur < size)
		size = limit.rlim_cur;
	guest_process.main_high = high;
	guest_process.main_low = high - size;
}

/* ------------------------------------------------------------------ processes */

/* A child is what its parent was, and may have no /proc to ask. */
static void attach_executable(struct lockdag_session_process *row, uint32_t parent)
{
	ssize_t n = 0;

	if (parent == LOCKDAG_NONE)
		n = readlink("/proc/self/exe", row->exe, sizeof(row->exe) - 1);
	else
		guest_copy(row->exe, sizeof(row->exe), guest_process_row(parent)->exe);
	if (n > 0)
		row->exe[n] = 0;
}

bool guest_process_row_new(uint32_t how, uint32_t parent, uint32_t forker, int32_t pid)
{
	struct lockdag_session_process *row =
		lockdag_write_process(&guest_process.writer, &guest_process.row);

	if (!row)
		return false;
	guest_process.first_thread =
		lockdag_load_relaxed(&guest_process.writer.header->n_threads);
	row->pid = pid ? pid : getpid();
	row->parent_pid = pid ? guest_process_row(parent)->pid : getppid();
	row->how = how;
	row->parent = parent;
	row->forker = forker;
	attach_executable(row, parent);
	lockdag_store_release(&row->state, 1); /* pairs with: lockdag_session_process */
	lockdag_write_news(&guest_process.writer);
	return true;
}

/* system() and popen() start their shell behind our hooks. */
static bool attach_wanted(void)
{
	const struct lockdag_session_header *header = guest_process.writer.header;

	return !(header->options & LOCKDAG_SESSION_NO_EXEC) ||
		!lockdag_load_relaxed(&header->n_processes);
}

static bool attach_process(void)
{
	const char *value = attach_getenv("LOCKDAG_SESSION");
	bool opened, mapped;
	int fd;

	if (!value || !guest_dlsym(RTLD_DEFAULT, "gnu_get_libc_version"))
		return false;
	attach_keep_environment(value);
	fd = attach_open(value, &opened);
	if (fd < 0)
		return false;
	mapped = attach_map(fd);
	if (opened)
		close(fd);
	if (!mapped || !attach_wanted() || !attach_shadow())
		return false;
	if (!guest_process_row_new(LOCKDAG_PROCESS_START, LOCKDAG_NONE, LOCKDAG_NONE, 0))
		return false;
	guest_process.salt = guest_process.writer.header->cookie;
	guest_process.embed = !(guest_process.writer.header->options & LOCKDAG_SESSION_NO_EMBED);
	guest_process.follow_exec =
		!(guest_process.writer.header->options & LOCKDAG_SESSION_NO_EXEC);
	guest_process.has_end_key = !pthread_key_create(&guest_process.end_key, guest_thread_end);
	guest_fork_register();
	attach_main_stack();
	guest_loader_start();
	madvise(guest_wipe, sizeof(guest_wipe), MADV_WIPEONFORK);
	lockdag_store_relaxed(&guest_wipe->alive, 1);
	return true;
}

/* ------------------------------------------------------------------ the door */

LOCKDAG_COLD struct lockdag_block *guest_attach(void)
{
	uint32_t state = lockdag_load_acquire(&guest_process.state); /* pairs with: below */
	struct lockdag_block *t = NULL;
	int saved;

	if (guest_tls.passive || guest_tls.ended || state == GUEST_STARTING || state == GUEST_INERT)
		return NULL;
	saved = errno;
	guest_reals();
	if (state == GUEST_NEW) {
		if (!lockdag_cas_acq_rel(&guest_process.state, &state, GUEST_STARTING))
			return NULL;
		state = attach_process() ? GUEST_READY : GUEST_INERT;
		lockdag_store_release(&guest_process.state, state); /* pairs with: above */
	} else if (!guest_wipe->alive) {
		guest_fork_child(guest_tls.fork); /* in an atfork handler, or NULL: by clone or the like */
	}
	if (state == GUEST_READY)
		t = guest_tls.block ? guest_tls.block : guest_thread_attach();
	errno = saved;
	return t;
}

__attribute__((constructor(101))) static void attach_at_start(void)
{
	guest_attach();
}
